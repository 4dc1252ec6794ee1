using DataPlatform.Kernel.Storage;
using DataPlatform.Quality.DuckDb.Profiles;
using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Profiles;

namespace DataPlatform.Quality.Tests.DuckDb;

public sealed class ProfilerTests : DuckDbFixture
{
    [Fact]
    public async Task A_profile_tells_numbers_texts_times_and_truth_values()
    {
        Execute("CREATE TABLE t AS SELECT i AS n, CASE WHEN i % 4 = 0 THEN NULL ELSE 'k' || (i % 7) END AS s, TIMESTAMP '2001-01-01' + INTERVAL (i) HOUR AS d, i % 2 = 0 AS b, [i] AS l FROM range(1000) r(i)");

        var profiles = (await new DuckDbProfiler(Connection).ReadAsync("t", cancellationToken: Token)).Profiles().ToDictionary(p => p.Name);

        Assert.Equal((1000, 0, 0.0, 999.0, 499.5), (profiles["n"].Rows, profiles["n"].Nulls, profiles["n"].Minimum!.Value, profiles["n"].Maximum!.Value, profiles["n"].Mean!.Value));
        Assert.Equal((250, 7.0, "a9"), (profiles["s"].Nulls, profiles["s"].Distinct, profiles["s"].Patterns[0].Value));
        Assert.Equal(978307200_000000, profiles["d"].Minimum);
        Assert.Equal(2.0, profiles["b"].Distinct);
        Assert.Equal(0.5, profiles["b"].Mean!.Value, 1e-12);
        Assert.Equal(1000, profiles["l"].Rows);
    }

    [Fact]
    public async Task Only_a_new_partition_is_read_and_the_fold_is_the_whole_table()
    {
        Execute("CREATE TABLE t AS SELECT i // 100 AS day, i AS n FROM range(1000) r(i)");
        var store = new PartitionStateStore(new InMemoryObjectStore());
        var profiler = new DuckDbProfiler(Connection);
        List<PartitionState> states = [];
        for (var day = 0; day < 10; day++)
        {
            var state = await profiler.ReadAsync("t", $"day = {day}", $"day={day}", Token);
            await store.PutAsync("t", state, "v1", Token);
            states.Add((await store.TryGetAsync("t", $"day={day}", "v1", Token))!);
        }

        Assert.Null(await store.TryGetAsync("t", "day=3", "rewritten", Token));
        var column = PartitionState.Fold(states).Profiles().Single(p => p.Name == "n");
        Assert.Equal((1000, 0.0, 999.0), (column.Rows, column.Minimum!.Value, column.Maximum!.Value));
    }

    [Fact]
    public async Task A_partition_filter_is_an_expression_and_nothing_else()
    {
        Execute("CREATE TABLE t AS SELECT 1 AS n");

        await Assert.ThrowsAsync<MetricException>(async () => await new DuckDbProfiler(Connection).ReadAsync("t", "true) UNION ALL SELECT (1", cancellationToken: Token));
    }
}
