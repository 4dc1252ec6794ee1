using DataPlatform.Kernel;
using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.Freshness;
using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Rules;
using DataPlatform.Quality.Rules.Documents;
using DataPlatform.Quality.Yaml;

namespace DataPlatform.Quality.Tests.Rules;

public sealed class SuiteDocumentTests
{
    private const string Yaml = """
        suite: arrivals, daily
        table: arrivals
        mask: [pilot]
        rules:
          - kind: schema
            columns: [destination, {name: delay, type: int}]
            match: no-extra
          - {kind: not-null, column: destination, owner: ops, tags: [core]}
          - {kind: range, column: delay, min: -60, max: 720, severity: warning, threshold: 0.1%}
          - {kind: set, column: st, values: [a, "1", 2], filter: "delay > 0", threshold: 3}
          - {kind: range, column: day, min: {date: 2001-01-01}}
          - {kind: pattern, column: destination, pattern: "[A-Z]{3}"}
          - {kind: length, column: destination, min: 3, max: 3}
          - {kind: castable, column: txt, type: integer}
          - {kind: row-sql, expression: arrived >= departed}
          - {kind: unique, columns: [day, destination], nullsEqual: true}
          - {kind: reference, columns: [destination], reference: airports, referenceColumns: [iata]}
          - {kind: row-count, min: 1}
          - {kind: freshness, column: day, within: "1.02:00:00"}
          - {kind: aggregate, column: delay, function: standard-deviation, max: 99.5}
          - {kind: compare, column: departed, comparison: at-most, other: arrived}
          - {kind: conditional, when: cancelled, then: arrived is null}
          - {kind: approximate-unique, columns: [id], exactWhenUndecided: true, threshold: 3%}
          - {kind: row-count-match, reference: previous, tolerance: 20%}
          - {kind: aggregate-match, column: delay, function: mean, referenceFilter: "day = '2001-01-01'", tolerance: 2.5}
          - {kind: key-match, columns: [destination], reference: airports, referenceColumns: [iata]}
          - {kind: distribution, column: delay, test: psi, reference: june, maximum: 0.2}
          - {kind: anomaly, measure: null-share, column: delay, weekly: true, consecutive: 3, direction: high, holidays: [2001-12-25]}
          - {kind: anomaly, measure: rows}
          - {kind: schema-change, severity: info}
          - {kind: committed, at: "00:00", within: "02:00:00", zone: Europe/Berlin}
          - {kind: custom-sql, title: no loops, sql: select 0, mode: count, severity: info}
        """;

    [Fact]
    public void Yaml_json_and_csharp_give_one_model_with_the_same_ids()
    {
        var expected = new QualitySuiteBuilder("arrivals")
            .Schema(["destination", new("delay", "int")], SchemaMatch.NoExtra)
            .NotNull("destination")
            .InRange("delay", -60, 720)
            .InSet("st", ["a", "1", 2], new RuleSettings { Filter = "delay > 0" })
            .InRange("day", new DateOnly(2001, 1, 1), null)
            .Matches("destination", "[A-Z]{3}").LengthBetween("destination", 3, 3).CastableTo("txt", ColumnFamily.Integer).RowSql("arrived >= departed")
            .Unique(["day", "destination"], nullsEqual: true).References("destination", "airports", "iata").RowCountBetween(1, null)
            .FreshWithin("day", TimeSpan.FromHours(26)).AggregateBetween(AggregateFunction.StandardDeviation, "delay", null, 99.5m)
            .Compare("departed", Comparison.AtMost, "arrived").When("cancelled", "arrived is null").ApproximatelyUnique(["id"], exactWhenUndecided: true)
            .RowCountMatches(MatchSource.Of(MatchSource.PreviousVersion), Tolerance.Percent(20))
            .AggregateMatches(AggregateFunction.Mean, "delay", MatchSource.Rows("day = '2001-01-01'"), Tolerance.Absolute(2.5m))
            .KeysMatch(["destination"], "airports", ["iata"]).DistributedAs("delay", DistributionTest.Psi, "june")
            .NoAnomaly(SeriesMeasure.NullShare, "delay").NoAnomaly(SeriesMeasure.Rows).SchemaUnchanged()
            .CommittedBy(FreshnessSla.In(TimeOnly.MinValue, TimeSpan.FromHours(2), "Europe/Berlin"))
            .CustomSql("no loops", "select 0")
            .Build();

        var suite = SuiteYaml.Read(Yaml);

        Assert.Equal(("arrivals, daily", "arrivals"), (suite.Name, suite.Table));
        Assert.Equal(expected.Rules.Select(r => r.Id), suite.Rules.Select(r => r.Id));
        Assert.Equal(suite.Rules.Select(r => r.Id), SuiteDocument.Read(SuiteYaml.ToJson(Yaml)).Rules.Select(r => r.Id));
        Assert.Equal((Threshold.Percent(0.1m), Severity.Warning), (suite.Rules[2].Settings.Threshold, suite.Rules[2].Settings.Severity));
        Assert.Equal(Threshold.Count(3), suite.Rules[3].Settings.Threshold);
        Assert.Equal(("ops", "core"), (suite.Rules[1].Settings.Owner, suite.Rules[1].Settings.Tags[0]));
        Assert.Contains("PILOT", suite.MaskedColumns);
    }

    [Theory]
    [InlineData("table: t\nrules:\n  - {kind: not-nul, column: a}", "Rule 1: 'kind' must be one of")]
    [InlineData("table: t\nrules:\n  - {kind: not-null, colum: a}", "Rule 1 (not-null): 'colum' is no property here")]
    [InlineData("table: t\nrules:\n  - {kind: not-null}", "'column' is missing")]
    [InlineData("table: t\nrules:\n  - {kind: row-count, min: many}", "'min' must be a whole number")]
    [InlineData("table: t\nrules:\n  - {kind: not-null, column: a, threshold: lots}", "'threshold' must be")]
    [InlineData("table: t\nrules:\n  - {kind: not-null, column: a, severity: high}", "'severity' must be one of info, warning, critical")]
    [InlineData("table: t\nrules: 3", "'rules' must be a list")]
    [InlineData("rules: []", "'table' is missing")]
    [InlineData("table: [", "no YAML")]
    [InlineData("table: t\n---\ntable: u", "one YAML document")]
    [InlineData("table: t\nrules:\n  - {kind: anomaly, measure: mean}", "is about a column")]
    [InlineData("table: t\nrules:\n  - {kind: anomaly, measure: rows, holidays: [christmas]}", "must list days")]
    [InlineData("table: t\nrules:\n  - {kind: anomaly, measure: rows, window: 1}", "no rule can use")]
    [InlineData("table: t\nrules:\n  - {kind: row-count-match}", "name a relation")]
    [InlineData("table: t\nrules:\n  - {kind: row-count-match, reference: u, tolerance: -1}", "'tolerance' must be")]
    [InlineData("table: t\nrules:\n  - {kind: committed, at: noon, within: '01:00:00', zone: UTC}", "must be a time of day")]
    [InlineData("table: t\nrules:\n  - {kind: committed, at: '12:00', within: '01:00:00', zone: Mars}", "no time zone 'Mars'")]
    [InlineData("table: t\nrules:\n  - {kind: distribution, column: a, test: magic, reference: r}", "must be one of psi")]
    [InlineData("table: t\nrules:\n  - {kind: freshness, column: a, within: -01:00:00}", "no rule can use")]
    public void What_is_wrong_is_said_with_its_place(string yaml, string reason)
    {
        var error = Assert.Throws<QualityException>(() => SuiteYaml.Read(yaml));

        Assert.Equal(ErrorKind.Invalid, error.Kind);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_schema_knows_every_kind_that_can_be_read()
    {
        var kinds = SuiteDocument.Schema()["properties"]!["rules"]!["items"]!["oneOf"]!.AsArray().Select(k => k!["properties"]!["kind"]!["const"]!.GetValue<string>()).ToList();

        Assert.Equal(26, kinds.Count);
        Assert.Contains("reference", kinds);
    }

    [Fact]
    public void The_published_schema_is_the_one_that_reading_uses()
    {
        var published = Path.Combine(Checkout(), "docs", "formats", "quality-suite.schema.json");

        Assert.True(System.Text.Json.Nodes.JsonNode.DeepEquals(System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(published)), SuiteDocument.Schema()), $"write SuiteDocument.Schema() to {published}");
    }

    private static string Checkout()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at!.FullName, "DataPlatform.sln")))
        {
            at = at.Parent;
        }

        return at.FullName;
    }
}
