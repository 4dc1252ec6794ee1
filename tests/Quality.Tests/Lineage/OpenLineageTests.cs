using System.Text.Json.Nodes;
using DataPlatform.Kernel;
using DataPlatform.Quality.Lineage;
using DataPlatform.Quality.Lineage.OpenLineage;
using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Profiles;

namespace DataPlatform.Quality.Tests.Lineage;

public sealed class OpenLineageTests
{
    private static readonly DateTimeOffset Noon = new(2001, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly OpenLineageEvents _events = new("dataplatform", new Uri("https://example.org/dp"));

    [Fact]
    public void A_statement_is_written_in_the_shape_of_the_specification()
    {
        var context = new OpenLineageContext
        {
            ParentJob = "dag",
            ParentRun = "0190b1a2-0000-7000-8000-000000000002",
            JobType = "QUERY",
            Schemas = name => name == "raw" ? new TableDefinition("raw", [new ColumnDefinition("x", "INTEGER")]) : null,
        };
        var json = _events.Complete("mart", "0190b1a2-0000-7000-8000-000000000001", Noon, Statement(), context);

        const string Golden = """
            {"eventType":"COMPLETE","eventTime":"2001-01-01T12:00:00.000Z","producer":"https://example.org/dp","schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
            "run":{"runId":"0190b1a2-0000-7000-8000-000000000001","facets":{"parent":{"_producer":"https://example.org/dp","_schemaURL":"https://openlineage.io/spec/facets/1-1-0/ParentRunFacet.json#/$defs/ParentRunFacet",
            "run":{"runId":"0190b1a2-0000-7000-8000-000000000002"},"job":{"namespace":"dataplatform","name":"dag"}}}},
            "job":{"namespace":"dataplatform","name":"mart","facets":{
            "jobType":{"_producer":"https://example.org/dp","_schemaURL":"https://openlineage.io/spec/facets/2-0-2/JobTypeJobFacet.json#/$defs/JobTypeJobFacet","processingType":"BATCH","integration":"DATAPLATFORM","jobType":"QUERY"},
            "sql":{"_producer":"https://example.org/dp","_schemaURL":"https://openlineage.io/spec/facets/1-1-0/SQLJobFacet.json#/$defs/SQLJobFacet","query":"select 1"}}},
            "inputs":[{"namespace":"dataplatform","name":"raw","facets":{"schema":{"_producer":"https://example.org/dp","_schemaURL":"https://openlineage.io/spec/facets/1-1-1/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet",
            "fields":[{"name":"x","type":"INTEGER"}]}}}],
            "outputs":[{"namespace":"dataplatform","name":"mart","facets":{"columnLineage":{"_producer":"https://example.org/dp","_schemaURL":"https://openlineage.io/spec/facets/1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet",
            "fields":{"a":{"inputFields":[{"namespace":"dataplatform","name":"raw","field":"x","transformations":[{"type":"DIRECT","subtype":"IDENTITY","description":"","masking":false}]}]},
            "b":{"inputFields":[{"namespace":"dataplatform","name":"raw","field":"y","transformations":[{"type":"DIRECT","subtype":"AGGREGATION","description":"","masking":true}]}]}},
            "dataset":[{"namespace":"dataplatform","name":"raw","field":"f","transformations":[{"type":"INDIRECT","subtype":"FILTER","description":"","masking":false},
            {"type":"INDIRECT","subtype":"JOIN","description":"","masking":false}]}]}}}]}
            """;
        Same(Golden, json);
    }

    [Fact]
    public void An_engines_report_is_written_with_versions_and_columns()
    {
        DatasetId raw = new("raw"), mart = new("mart");
        var json = _events.From(new LineageEvent(
            "stream", "0190b1a2-0000-7000-8000-000000000001", Noon, LineageEventKind.Running, [new LineageDataset(raw, 3)], [new LineageDataset(mart, 7)],
            Columns: [new LineageColumn(mart, "a", [new LineageSource(raw, "x")])]));

        const string Golden = """
            {"eventType":"RUNNING","eventTime":"2001-01-01T12:00:00.000Z","producer":"https://example.org/dp","schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
            "run":{"runId":"0190b1a2-0000-7000-8000-000000000001"},
            "job":{"namespace":"dataplatform","name":"stream","facets":{"jobType":{"_producer":"https://example.org/dp",
            "_schemaURL":"https://openlineage.io/spec/facets/2-0-2/JobTypeJobFacet.json#/$defs/JobTypeJobFacet","processingType":"STREAMING","integration":"DATAPLATFORM"}}},
            "inputs":[{"namespace":"dataplatform","name":"raw","facets":{"version":{"_producer":"https://example.org/dp","_schemaURL":"https://openlineage.io/spec/facets/1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet","datasetVersion":"3"}}}],
            "outputs":[{"namespace":"dataplatform","name":"mart","facets":{
            "version":{"_producer":"https://example.org/dp","_schemaURL":"https://openlineage.io/spec/facets/1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet","datasetVersion":"7"},
            "columnLineage":{"_producer":"https://example.org/dp","_schemaURL":"https://openlineage.io/spec/facets/1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet",
            "fields":{"a":{"inputFields":[{"namespace":"dataplatform","name":"raw","field":"x","transformations":[{"type":"DIRECT","subtype":"TRANSFORMATION","description":"","masking":false}]}]}},"dataset":[]}}}]}
            """;
        Same(Golden, json);
    }

    [Fact]
    public void What_is_written_is_read_back_as_the_same_edges()
    {
        var graph = new LineageGraph();
        var reader = new OpenLineageReader(graph);
        var json = _events.Complete("mart", "run-1", Noon, Statement()).ToJsonString();

        Assert.True(reader.Accept(json));

        Assert.Equal([new LineageReach(new ColumnId("mart", "a"), 1, true)], graph.Index.Downstream(new ColumnId("raw", "x")));
        Assert.Equal(
            [new LineageReach(new ColumnId("mart", "a"), 1, false), new LineageReach(new ColumnId("mart", "b"), 1, false)],
            graph.Index.Downstream(new ColumnId("raw", "f")));
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
    public void A_suite_becomes_assertions_and_a_profile_metrics_of_the_version_it_looked_at()
    {
        var suite = new QualitySuiteBuilder("t").NotNull("a").RowCountBetween(1, null, Severity.Warning).Build();
        Verdict Of(int rule, Outcome outcome, string? observed) => new()
        {
            RuleId = suite.Rules[rule].Id,
            Rule = suite.Rules[rule].Description,
            Kind = suite.Rules[rule].Kind,
            Severity = suite.Rules[rule].Settings.Severity,
            Outcome = outcome,
            Message = "m",
            Observed = observed,
        };
        var result = new SuiteResult
        {
            RunId = "0190b1a2-0000-7000-8000-000000000001",
            Suite = "s",
            Table = "t",
            Version = new DatasetVersion(new DatasetId("lake/t"), 7),
            StartedAt = Noon,
            Duration = TimeSpan.FromSeconds(1),
            Queries = new QueryCounts(),
            Verdicts = [Of(0, Outcome.Fail, "3"), Of(1, Outcome.Pass, null), Of(1, Outcome.Error, null)],
        };
        var profile = new ColumnProfile(
            "a", "DOUBLE", ColumnFamily.Float, 10, 1, 0, 9, 0.5, double.PositiveInfinity, 3, null, new Dictionary<int, double> { [50] = 3, [1] = 0.5 }, [], [], []);

        var json = _events.From(result, suite, [profile]);

        const string Golden = """
            {"eventType":"FAIL","eventTime":"2001-01-01T12:00:01.000Z","producer":"https://example.org/dp","schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
            "run":{"runId":"0190b1a2-0000-7000-8000-000000000001"},
            "job":{"namespace":"dataplatform","name":"quality/s","facets":{"jobType":{"_producer":"https://example.org/dp",
            "_schemaURL":"https://openlineage.io/spec/facets/2-0-2/JobTypeJobFacet.json#/$defs/JobTypeJobFacet","processingType":"BATCH","integration":"DATAPLATFORM","jobType":"CHECK"}}},
            "inputs":[{"namespace":"dataplatform","name":"lake/t","facets":{"version":{"_producer":"https://example.org/dp","_schemaURL":"https://openlineage.io/spec/facets/1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet","datasetVersion":"7"}},
            "inputFacets":{"dataQualityAssertions":{"_producer":"https://example.org/dp","_schemaURL":"https://openlineage.io/spec/facets/1-1-0/DataQualityAssertionsDatasetFacet.json#/$defs/DataQualityAssertionsDatasetFacet",
            "assertions":[{"assertion":"not-null","name":"ID0","description":"a is not null","success":false,"severity":"error","column":"a","actual":"3"},{"assertion":"row-count","name":"ID1","description":"WORDS","success":true,"severity":"warn"}]},
            "dataQualityMetrics":{"_producer":"https://example.org/dp","_schemaURL":"https://openlineage.io/spec/facets/1-0-2/DataQualityMetricsInputDatasetFacet.json#/$defs/DataQualityMetricsInputDatasetFacet",
            "rowCount":10,"columnMetrics":{"a":{"nullCount":1,"distinctCount":9,"count":9,"min":0.5,"quantiles":{"0.01":0.5,"0.5":3}}}}}}],
            "outputs":[]}
            """;
        var golden = Golden.Replace("WORDS", suite.Rules[1].Description, StringComparison.Ordinal)
            .Replace("ID0", suite.Rules[0].Id, StringComparison.Ordinal).Replace("ID1", suite.Rules[1].Id, StringComparison.Ordinal);
        Same(golden, json);
    }

    [Fact]
    public void What_a_graph_knows_makes_the_same_graph_elsewhere()
    {
        var (graph, copy) = (new LineageGraph(), new LineageGraph());
        LineageEdge Edge(string from, string to, LineageEdgeKind kind) => new(new ColumnId(from, "x"), new ColumnId(to, "y"), kind, LineageOrigin.Sql, "");
        graph.Observe(new LineageObservation("j", [Edge("a", "b", LineageEdgeKind.Direct), Edge("f", "b", LineageEdgeKind.Indirect)], Noon, "s1", "r"));
        graph.Observe(new LineageObservation("j", [Edge("b", "c", LineageEdgeKind.Direct)], Noon, "s2", "r"));
        graph.Observe(new LineageObservation("k", [Edge("old", "c", LineageEdgeKind.Direct)], Noon));
        graph.Observe(new LineageObservation("k", [], Noon.AddDays(1)));
        var reader = new OpenLineageReader(copy, "dataplatform");

        var events = _events.From(graph).Select(e => e.ToJsonString()).ToList();
        Assert.Equal(2, events.Count(reader.Accept));
        Assert.Equal(2, events.Count(reader.Accept));

        Assert.Equal(
            graph.History().Where(r => r.RetiredAt is null).Select(r => (r.Edge.Source, r.Edge.Target, r.Edge.Kind)).Order(),
            copy.History().Select(r => (r.Edge.Source, r.Edge.Target, r.Edge.Kind)).Order());
    }

    [Fact]
    public void A_data_set_of_another_namespace_is_another_data_set()
    {
        var graph = new LineageGraph();
        const string Event = """
            {"eventType":"COMPLETE","eventTime":"2001-01-01T12:00:00Z","run":{"runId":"r"},"job":{"namespace":"spark","name":"j"},
            "inputs":[{"namespace":"s3://bucket","name":"orders"},{"namespace":"mine","name":"orders"}],"outputs":[{"namespace":"mine","name":"mart"}]}
            """;

        Assert.True(new OpenLineageReader(graph, "mine").Accept(Event));

        Assert.Equal(["orders.*", "s3://bucket/orders.*"], graph.Index.Upstream(new ColumnId("mart", "*")).Select(r => r.Column.ToString()).Order(StringComparer.Ordinal));
        Assert.All(graph.History(), r => Assert.Equal(("spark/j", "r"), (r.Edge.Job, r.LastRun)));
    }

    [Theory]
    [InlineData("\"fields\":{}", "mart.* <- raw.*")]
    [InlineData("\"fields\":{},\"dataset\":[{\"namespace\":\"n\",\"name\":\"raw\",\"field\":\"f\"}]", "mart.* <- raw.*; mart.* <~ raw.f")]
    [InlineData("\"_deleted\":true", "mart.* <- raw.*")]
    [InlineData("\"fields\":{\"a\":{\"inputFields\":[{\"namespace\":\"n\",\"name\":\"raw\",\"field\":\"x\",\"transformations\":null,\"more\":[1]}],\"transformationType\":null}},\"dataset\":null", "mart.a <- raw.x")]
    [InlineData("\"fields\":{\"a\":{\"inputFields\":[{\"namespace\":\"n\",\"name\":\"raw\",\"field\":\"x\",\"transformations\":[{\"type\":\"INDIRECT\",\"subtype\":\"WINDOW\"}]}]}}", "mart.a <~ raw.x")]
    public void A_facet_of_another_producer_is_taken_as_far_as_it_goes(string facet, string expected)
    {
        var graph = new LineageGraph();
        const string Event = """
            {"eventType":"complete","eventTime":"2001-01-01T12:00:00.123456789+02:00","producer":"https://example.org/other","run":{"runId":"r","facets":{"spark.logicalPlan":{"plan":[{"deep":{}}]}}},
            "job":{"namespace":"n","name":"j","facets":{"unknown":7}},"inputs":[{"namespace":"n","name":"raw","facets":{"symlinks":{"identifiers":[]}}}],
            "outputs":[{"namespace":"n","name":"mart","facets":{"lifecycleStateChange":null,"columnLineage":{FACET}},"outputFacets":{"x":[]}}],"custom":{}}
            """;

        Assert.True(new OpenLineageReader(graph).Accept(Event.Replace("FACET", facet, StringComparison.Ordinal)));

        var edges = graph.History().Select(r => $"{r.Edge.Target} {(r.Edge.Kind == LineageEdgeKind.Direct ? "<-" : "<~")} {r.Edge.Source}");
        Assert.Equal(expected, string.Join("; ", edges.Order(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData("JobEvent", "\"job\":{\"namespace\":\"n\",\"name\":\"j\"},\"inputs\":[{\"name\":\"raw\"}],\"outputs\":[{\"name\":\"mart\"}]", true)]
    [InlineData("DatasetEvent", "\"dataset\":{\"namespace\":\"n\",\"name\":\"raw\"}", false)]
    [InlineData("RunEvent", "\"eventType\":\"START\",\"run\":{\"runId\":\"r\"},\"job\":{\"name\":\"j\"},\"outputs\":[{\"name\":\"mart\"}]", false)]
    [InlineData("RunEvent", "\"eventType\":null,\"run\":{\"runId\":\"r\"},\"job\":{\"name\":\"j\"},\"inputs\":null,\"outputs\":null", false)]
    public void Events_of_each_definition_are_known(string definition, string content, bool taken)
    {
        var graph = new LineageGraph();
        var json = "{\"eventTime\":\"2001-01-01T12:00:00Z\",\"schemaURL\":\"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/" + definition + "\"," + content + "}";

        Assert.Equal(taken, new OpenLineageReader(graph).Accept(json));

        Assert.Equal(taken ? 1 : 0, graph.History().Count);
    }

    [Fact]
    public void A_query_that_writes_nothing_has_no_outputs()
        => Assert.Empty(_events.Complete("j", "r", Noon, Statement() with { Output = null })["outputs"]!.AsArray());

    [Theory]
    [InlineData("", "")]
    [InlineData("{}", "eventTime")]
    [InlineData("[1]", "eventTime")]
    [InlineData("{\"eventTime\":\"yesterday\",\"job\":{\"name\":\"x\"}}", "eventTime")]
    [InlineData("{\"eventTime\":\"2001-01-01T00:00:00Z\"}", "'job' of the event")]
    [InlineData("{\"eventTime\":\"2001-01-01T00:00:00Z\",\"job\":{\"name\":\"x\"}}", "'run' of the event")]
    [InlineData("{\"eventTime\":\"2001-01-01T00:00:00Z\",\"job\":{\"name\":\"x\"},\"run\":{\"runId\":\"r\"},\"eventType\":\"DONE\"}", "'eventType' is \"DONE\"")]
    [InlineData("{\"eventTime\":\"2001-01-01T00:00:00Z\",\"schemaURL\":\"x#/$defs/DatasetEvent\"}", "'dataset' of the event")]
    [InlineData("{\"eventTime\":\"2001-01-01T00:00:00Z\",\"job\":{\"name\":7},\"run\":{\"runId\":\"r\"}}", "'name' of job")]
    [InlineData("{\"eventTime\":\"2001-01-01T00:00:00Z\",\"job\":{\"name\":\"x\"},\"run\":{\"runId\":\"r\"},\"eventType\":\"COMPLETE\",\"outputs\":[7]}", "'outputs'")]
    [InlineData("{\"eventTime\":\"2001-01-01T00:00:00Z\",\"job\":{\"name\":\"x\"},\"run\":{\"runId\":\"r\"},\"eventType\":\"COMPLETE\",\"outputs\":[{\"name\":\"o\",\"facets\":{\"columnLineage\":{}}}]}", "'fields' of columnLineage")]
    public void What_is_no_event_is_refused_and_what_is_missing_named(string json, string named)
    {
        var refused = Assert.Throws<QualityException>(() => new OpenLineageReader(new LineageGraph()).Accept(json));

        Assert.Equal(ErrorKind.Invalid, refused.Kind);
        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_too_deep_or_too_long_is_refused()
    {
        var reader = new OpenLineageReader(new LineageGraph());
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 100_000)) + "1" + new string('}', 100_000);
        var longName = $$"""{"eventTime":"2001-01-01T00:00:00Z","job":{"name":"{{new string('x', 5_000)}}"},"run":{"runId":"r"} }""";

        Assert.Equal(ErrorKind.Invalid, Assert.Throws<QualityException>(() => reader.Accept(deep)).Kind);
        Assert.Contains("5000", Assert.Throws<QualityException>(() => reader.Accept(longName)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lines_are_read_and_written_and_a_bad_one_is_named()
    {
        var token = TestContext.Current.CancellationToken;
        var (graph, text) = (new LineageGraph(), new StringWriter());
        await OpenLineageLines.WriteAsync(text, [_events.Complete("mart", "r", Noon, Statement()), _events.Complete("mart2", "r", Noon, Statement())], token);

        Assert.Equal((2, 2), await OpenLineageLines.ReadAsync(new StringReader("\n" + text), new OpenLineageReader(graph), token));
        Assert.Equal(2, graph.History().Select(r => r.Edge.Job).Distinct().Count());
        var bad = await Assert.ThrowsAsync<QualityException>(
            async () => await OpenLineageLines.ReadAsync(new StringReader(text + "{}"), new OpenLineageReader(graph), token));
        Assert.StartsWith("Line 3:", bad.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<QualityException>(async () => await OpenLineageLines.ReadAsync(
            new StringReader(new string('x', OpenLineageLines.LineLengthMax + 100_000)), new OpenLineageReader(graph), token));
    }

    private static void Same(string golden, JsonObject json)
        => Assert.True(JsonNode.DeepEquals(JsonNode.Parse(golden), JsonNode.Parse(json.ToJsonString())), json.ToJsonString());

    private static StatementLineage Statement() => new()
    {
        Sql = "select 1",
        Output = "mart",
        Inputs = ["raw"],
        Tier = LineageTier.BoundPlan,
        Columns =
        [
            new ColumnLineage(new ColumnId("mart", "a"), [new ColumnId("raw", "x")], LineageFlow.Identity),
            new ColumnLineage(new ColumnId("mart", "b"), [new ColumnId("raw", "y")], LineageFlow.Transformation | LineageFlow.Aggregation | LineageFlow.Masked),
        ],
        Indirect = [new ColumnId("raw", "f")],
        Uses = [new IndirectUse(new ColumnId("raw", "f"), LineageUse.Filter), new IndirectUse(new ColumnId("raw", "f"), LineageUse.Join)],
    };
}
