using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality.Tests.DuckDb;

/// <summary>The sample's real input: what is known to be wrong with it must be found, and nothing else.</summary>
public sealed class FlightsTests : DuckDbFixture
{
    [Fact]
    public async Task The_known_dirt_is_found_and_the_critical_rules_pass()
    {
        var folder = SharedData.FindOrSkip("data");
        Execute($"CREATE VIEW flights AS SELECT * FROM read_parquet('{folder}/flights-2001-01.parquet')");
        Execute($"CREATE TABLE airports AS SELECT * FROM read_csv('{folder}/airports.csv')");
        var suite = new QualitySuiteBuilder("flights")
            .Schema([new("date", "timestamp"), new("delay", "smallint"), new("distance", "smallint"), new("origin", "varchar"), new("destination", "varchar")], SchemaMatch.Exact)
            .NotNull("date").NotNull("delay").NotNull("origin").NotNull("destination")
            .InRange("distance", 1, 6_000)
            .Matches("destination", "[A-Z]{3}")
            .References("origin", "airports", "iata").References("destination", "airports", "iata")
            .RowCountBetween(400_000, 600_000)
            .FreshWithin("date", TimeSpan.FromDays(1))
            .CustomSql("every day has flights", "select count(distinct date::date) = 31 from {table}", CustomSqlMode.Boolean)
            .Unique(["date", "delay", "distance", "origin", "destination"], Severity.Warning)
            .RowSql("abs(delay) <= 720", Severity.Warning)
            .InRange("delay", -60, null, Severity.Warning)
            .Build();

        var result = await Runner.RunAsync(suite, new QualityTarget("flights"), Token);

        Assert.All(result.Verdicts.SkipLast(3), v => Assert.True(v.Outcome == Outcome.Pass, v.Rule + ": " + v.Message));
        Assert.Equal([35L, 21L, 51L], result.Verdicts.TakeLast(3).Select(v => v.Violations!.Value));
        Assert.All(result.Verdicts.TakeLast(3), v => Assert.Equal((Outcome.Fail, 508_239, 5), (v.Outcome, v.Evaluated, v.Sample.Rows.Count)));
        Assert.True(result.Passed);
        Assert.Equal(new QueryCounts(Scans: 1, Groupings: 1, References: 2, Customs: 1, Samples: 3), result.Queries);
    }
}
