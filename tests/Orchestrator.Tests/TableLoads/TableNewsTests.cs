using DataPlatform.Kernel;
using DataPlatform.Kernel.Feeds;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Tests.TableLoads;

/// <summary>A lake table and DAGs that wait for it: rows are news, upkeep is not, whoever tells of it.</summary>
public sealed class TableNewsTests : IAsyncDisposable
{
    private static readonly DatasetId Sales = new("lake/sales");
    private static readonly DatasetId Mark = new("test/mark");

    private static readonly RowMapping<long> Mapping = new RowMapping<long>().Column("id", DeltaType.Long, id => id);

    private readonly InMemoryOrchestratorStore _store = new();
    private readonly DatasetFeed _feed = new();
    private long _marks;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task Rows_start_the_DAG_that_waits_for_the_table_and_upkeep_does_not()
    {
        var table = await TableAsync();
        await using var engine = await StartAsync(table, _feed);
        await HeardAsync(engine, runs: 0);

        await AppendAsync(table, 1);
        await AppendAsync(table, 2);
        var before = await ConsumedAsync(engine, 2);
        Assert.Equal(1, (await table.CompactAsync(cancellationToken: Token)).Commits);
        await table.SetPropertiesAsync(new Dictionary<string, string?> { ["x.note"] = "looked after" }, Token);
        await table.CleanUpAsync(cancellationToken: Token);
        await HeardAsync(engine, before);
        await AppendAsync(table, 3);

        Assert.Equal(before + 1, await ConsumedAsync(engine, 5));
    }

    [Fact]
    public async Task A_task_that_only_maintains_its_outlet_updates_nothing()
    {
        var table = await TableAsync();
        var upkeep = new DagBuilder("upkeep")
            .Task("compact", async (_, token) => await table.CompactAsync(cancellationToken: token), task => task.Outlets(Sales)).Build();
        foreach (var isAsked in new[] { true, false })
        {
            await using var engine = await StartAsync(table, _feed, isAsked, upkeep);
            await AppendAsync(table, 1);
            await AppendAsync(table, 2);
            var consumed = table.Snapshot.Version;
            var before = await ConsumedAsync(engine, consumed);

            Assert.Equal(DagRunState.Success, (await engine.RunAsync("upkeep")).State);
            Assert.Equal(consumed + 1, table.Snapshot.Version);
            await HeardAsync(engine, before);
        }
    }

    [Fact]
    public async Task An_engine_that_was_away_catches_up_on_rows_and_not_on_upkeep()
    {
        var table = await TableAsync();
        await AppendAsync(table, 1);
        await AppendAsync(table, 2);
        await using (var first = await StartAsync(table, new DatasetFeed()))
        {
            await HeardAsync(first, runs: 1, consumed: 2);
        }

        Assert.Equal(1, (await table.CompactAsync(cancellationToken: Token)).Commits);
        await using (var second = await StartAsync(table, new DatasetFeed()))
        {
            await HeardAsync(second, runs: 1, consumed: 2);
        }

        await AppendAsync(table, 3);
        await using var third = await StartAsync(table, new DatasetFeed());
        await HeardAsync(third, runs: 2, consumed: 4);
    }

    private Task<EngineHarness> StartAsync(DeltaTable table, DatasetFeed feed, bool isAsked = true, params Dag[] others) => EngineHarness.StartAsync(
        [
            new DagBuilder("waits").OnDataset(Sales).Task("use", Nothing).Build(),
            new DagBuilder("marked").OnDataset(Mark).Task("use", Nothing).Build(),
            .. others,
        ],
        _store, feed: feed, options: new OrchestratorOptions
        {
            LatestVersion = async (dataset, token) =>
                isAsked && dataset == Sales && await table.LatestDataVersionAsync(token) is { } version ? new DatasetVersion(dataset, version) : null,
        });

    private Task<DeltaTable> TableAsync() =>
        DeltaTable.CreateAsync(new InMemoryObjectStore(), Mapping.Schema, new DeltaTableOptions { Dataset = Sales, Feed = _feed }, Token);

    private static Task<long> AppendAsync(DeltaTable table, long id) => table.AppendAsync([Mapping.ToBatch([id])], Token);

    private static Task Nothing(TaskContext context, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Until the DAG has consumed a version: appends that the engine hears of apart start a run each.</summary>
    private static async Task<int> ConsumedAsync(EngineHarness engine, long version) =>
        (await EngineHarness.UntilAsync(async () => await RunsAsync(engine) is [{ State: DagRunState.Success } newest, ..] runs
            && newest.Changes[0].Version == version ? runs : null)).Count;

    /// <summary>The engine hears of datasets in the order of their news: once it has run for a mark, it has seen all that was before.</summary>
    private async Task HeardAsync(EngineHarness engine, int runs, long? consumed = null)
    {
        engine.Feed.Publish(new DatasetVersion(Mark, ++_marks));
        await EngineHarness.UntilAsync(async () => (await engine.Store.ListRunsAsync(new RunQuery { DagId = "marked" }, Token))
            .FirstOrDefault(run => run.State == DagRunState.Success && run.Changes[0].Version == _marks));
        if (consumed is { } version)
        {
            await ConsumedAsync(engine, version);
        }

        await engine.SettleAsync();
        Assert.Equal(runs, (await RunsAsync(engine)).Count);
    }

    private static async Task<IReadOnlyList<DagRun>> RunsAsync(EngineHarness engine) =>
        await engine.Store.ListRunsAsync(new RunQuery { DagId = "waits" }, Token);
}
