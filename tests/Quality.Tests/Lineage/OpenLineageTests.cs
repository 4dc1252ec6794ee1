using System.Text.Json.Nodes;
using DataPlatform.Kernel;
using DataPlatform.Quality.Lineage;
using DataPlatform.Quality.Lineage.OpenLineage;

namespace DataPlatform.Quality.Tests.Lineage;

public sealed class OpenLineageTests
{
    private static readonly DateTimeOffset Noon = new(2001, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly OpenLineageEvents _events = new("dataplatform", new Uri("https://example.org/dp"));

    [Fact]
    public void A_statement_is_written_in_the_shape_of_the_specification()
    {
        var json = _events.Complete("mart", "0190b1a2-0000-7000-8000-000000000001", Noon, Statement());

        const string Golden = """
            {"eventType":"COMPLETE","eventTime":"2001-01-01T12:00:00.000Z","producer":"https://example.org/dp","schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
            "run":{"runId":"0190b1a2-0000-7000-8000-000000000001"},
            "job":{"namespace":"dataplatform","name":"mart","facets":{"sql":{"_producer":"https://example.org/dp","_schemaURL":"https://openlineage.io/spec/facets/1-1-0/SQLJobFacet.json","query":"select 1"}}},
            "inputs":[{"namespace":"dataplatform","name":"raw"}],
            "outputs":[{"namespace":"dataplatform","name":"mart","facets":{"columnLineage":{"_producer":"https://example.org/dp","_schemaURL":"https://openlineage.io/spec/facets/1-2-0/ColumnLineageDatasetFacet.json",
            "fields":{"a":{"inputFields":[{"namespace":"dataplatform","name":"raw","field":"x","transformations":[{"type":"DIRECT","subtype":"TRANSFORMATION","description":"","masking":false}]}]}},
            "dataset":[{"namespace":"dataplatform","name":"raw","field":"f","transformations":[{"type":"INDIRECT","subtype":"FILTER","description":"","masking":false}]}]}}}]}
            """;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Golden), JsonNode.Parse(json.ToJsonString())), json.ToJsonString());
    }

    [Fact]
    public void What_is_written_is_read_back_as_the_same_edges()
    {
        var graph = new LineageGraph();
        var reader = new OpenLineageReader(graph);
        var json = _events.Complete("mart", "run-1", Noon, Statement()).ToJsonString();

        Assert.True(reader.Accept(json));

        Assert.Equal([new LineageReach(new ColumnId("mart", "a"), 1, true)], graph.Index.Downstream(new ColumnId("raw", "x")));
        Assert.Equal([new LineageReach(new ColumnId("mart", "a"), 1, false)], graph.Index.Downstream(new ColumnId("raw", "f")));
        Assert.All(graph.History(), r => Assert.Equal(LineageOrigin.OpenLineage, r.Edge.Origin));
    }

    [Fact]
    public void A_run_id_of_any_form_becomes_the_same_uuid_every_time()
    {
        var first = _events.Complete("j", "run-1", Noon, Statement())["run"]!["runId"]!.GetValue<string>();
        var again = _events.Complete("j", "run-1", Noon, Statement())["run"]!["runId"]!.GetValue<string>();

        Assert.Equal(first, again);
        Assert.Equal('8', Guid.Parse(first).ToString()[14]);
    }

    [Fact]
    public void A_suite_becomes_assertions_on_the_version_it_looked_at()
    {
        var result = new SuiteResult
        {
            RunId = "r",
            Suite = "s",
            Table = "t",
            Version = new DatasetVersion(new DatasetId("lake/t"), 7),
            StartedAt = Noon,
            Duration = TimeSpan.FromSeconds(1),
            Queries = new QueryCounts(),
            Verdicts = [new Verdict { RuleId = "1", Rule = "a is not null", Kind = "not-null", Severity = Severity.Critical, Outcome = Outcome.Fail, Message = "m" }],
        };

        var json = _events.From(result);

        Assert.Equal("FAIL", json["eventType"]!.GetValue<string>());
        Assert.Equal("7", json["inputs"]![0]!["facets"]!["version"]!["datasetVersion"]!.GetValue<string>());
        Assert.False(json["inputs"]![0]!["inputFacets"]!["dataQualityAssertions"]!["assertions"]![0]!["success"]!.GetValue<bool>());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("{\"eventTime\":\"yesterday\",\"job\":{\"name\":\"x\"}}")]
    public void What_is_no_event_is_refused(string json)
        => Assert.Equal(ErrorKind.Invalid, Assert.Throws<QualityException>(() => new OpenLineageReader(new LineageGraph()).Accept(json)).Kind);

    private static StatementLineage Statement() => new()
    {
        Sql = "select 1",
        Output = "mart",
        Inputs = ["raw"],
        Tier = LineageTier.BoundPlan,
        Columns = [new ColumnLineage(new ColumnId("mart", "a"), [new ColumnId("raw", "x")])],
        Indirect = [new ColumnId("raw", "f")],
    };
}
