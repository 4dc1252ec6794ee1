using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.DuckDb.Profiles;

namespace DataPlatform.Quality.Tests.Anomalies;

public sealed class TableDriftTests : DuckDb.DuckDbFixture
{
    [Fact]
    public async Task Only_the_columns_that_moved_drift_and_p_values_are_those_of_one_family()
    {
        const string Columns = "(hash(i + {0}) % 1000)::DOUBLE {1} AS n, 'c' || (hash(i + 3 + {0}) % {2}) AS s, hash(i + 5 + {0}) % 2 = 0 AS b, i AS id, TIMESTAMP '2001-01-01' + INTERVAL (hash(i + {0}) % 86400) SECOND AS d";
        Execute($"CREATE TABLE before AS SELECT {string.Format(null, Columns, 0, "", 4)} FROM range(20000) r(i)");
        Execute($"CREATE TABLE after AS SELECT {string.Format(null, Columns, 99, "+ 400", 5)} FROM range(8000) r(i)");
        var profiler = new DuckDbProfiler(Connection);

        var drift = TableDrift.Compare(await profiler.ReadAsync("before", cancellationToken: Token), await profiler.ReadAsync("after", cancellationToken: Token)).ToDictionary(d => d.Column);

        Assert.Equal(["b", "d", "id", "n", "s"], drift.Keys.Order(StringComparer.Ordinal));
        Assert.Equal((true, true, false, false), (drift["n"].IsDrift, drift["s"].IsDrift, drift["b"].IsDrift, drift["d"].IsDrift));
        Assert.Equal(FalseDiscovery.Adjust([.. drift.Values.Select(d => d.Result.PValue)]), drift.Values.Select(d => d.AdjustedPValue));
        Assert.True(drift["n"].StabilityIndex > 0.25);
    }

    [Fact]
    public async Task Too_few_values_say_nothing()
    {
        Execute("CREATE TABLE before AS SELECT i AS n FROM range(99) r(i); CREATE TABLE after AS SELECT -i AS n FROM range(5000) r(i)");
        var profiler = new DuckDbProfiler(Connection);

        Assert.Empty(TableDrift.Compare(await profiler.ReadAsync("before", cancellationToken: Token), await profiler.ReadAsync("after", cancellationToken: Token)));
    }
}
