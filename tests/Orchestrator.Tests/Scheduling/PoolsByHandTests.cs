using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Sqlite;

namespace DataPlatform.Orchestrator.Tests.Scheduling;

/// <summary>Pools that people make, change and delete, over the stores of one process.</summary>
public sealed class PoolsByHandTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dp-pools-").FullName;
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync()
    {
        _open.TrySetResult();
        Directory.Delete(_folder, recursive: true);
        return default;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_pool_that_was_made_is_there_for_dags_of_the_next_start_and_holds(bool isSqlite)
    {
        await using var store = await StoreAsync(isSqlite);
        await using (var engine = new OrchestratorEngine(store, [Dag("d", "default")]))
        {
            await engine.StartAsync(Token);
            await engine.CreatePoolAsync("made", 3, Token);
            await engine.SetPoolAsync("made", 1, Token);
            Assert.Equal(
                [("default", 128, true), ("made", 1, false)], (await engine.PoolsAsync(Token)).Select(pool => (pool.Name, pool.Slots, pool.IsConfigured)));
        }

        await using var harness = await EngineHarness.StartAsync([Dag("d", "made")], store);
        var runId = await harness.Engine.TriggerAsync("d", cancellationToken: Token);
        await harness.UntilTaskAsync(runId, "a", TaskState.Running);

        Assert.Equal(WaitCause.Pool, (await harness.Engine.ExplainAsync(runId, Token)).Single(reason => reason.TaskId == "b").Cause);
        var made = (await harness.Engine.PoolsAsync(Token)).Single(pool => pool.Name == "made");
        Assert.Equal((1, 1, 0, 1), (made.Slots, made.Used, made.Free, made.Waiting));
        await harness.Engine.SetPoolAsync("made", 2, Token);
        await harness.UntilTaskAsync(runId, "b", TaskState.Running);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_pool_is_deleted_only_when_nothing_takes_slots_of_it(bool isSqlite)
    {
        await using var store = await StoreAsync(isSqlite);
        await store.SetPoolAsync("made", 1, null, Token);
        await using (var first = await EngineHarness.StartAsync([Dag("d", "made")], store))
        {
            await first.UntilTaskAsync(await first.Engine.TriggerAsync("d", cancellationToken: Token), "a", TaskState.Running);
            Assert.Contains("task 'a' of DAG 'd'", await RefusedAsync(first.Engine, "made", ErrorKind.Conflict), StringComparison.Ordinal);
        }

        // The run that was cut is pinned to the version that names the pool, though the DAG no longer does.
        await using (var second = new OrchestratorEngine(store, [Dag("d", "default"), Dag("late", "made")]))
        {
            await second.StartAsync(Token);
            Assert.Contains("DAG 'late'", await RefusedAsync(second, "made", ErrorKind.Conflict), StringComparison.Ordinal);
            Assert.True(await second.CancelRunAsync((await store.ListRunsAsync(new RunQuery { DagId = "d" }, Token))[0].Id, Token));
        }

        await using var third = new OrchestratorEngine(store, [Dag("d", "default")]);
        await third.StartAsync(Token);
        Assert.Contains("configuration", await RefusedAsync(third, "default", ErrorKind.Conflict), StringComparison.Ordinal);
        Assert.Contains("there is no pool 'nope'", await RefusedAsync(third, "nope", ErrorKind.Invalid), StringComparison.Ordinal);
        await third.DeletePoolAsync("made", Token);
        Assert.Equal(["default"], (await third.PoolsAsync(Token)).Select(pool => pool.Name));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_pool_is_for_is_said_by_hand_before_the_configuration(bool isSqlite)
    {
        await using var store = await StoreAsync(isSqlite);
        var options = new OrchestratorOptions { Pools = { ["db"] = 2 }, PoolDescriptions = { ["db"] = "sessions of the warehouse" } };
        await using var engine = new OrchestratorEngine(store, [Dag("d", "db")], options: options);
        await engine.StartAsync(Token);
        await engine.CreatePoolAsync("made", 3, " for the mail ", Token);
        Assert.Equal([null, "sessions of the warehouse", "for the mail"], await SaidAsync());

        await engine.SetPoolAsync("db", 3, Token);
        await engine.SetPoolAsync("made", 3, "for the post", Token);
        Assert.Equal([null, "sessions of the warehouse", "for the post"], await SaidAsync());

        await engine.SetPoolAsync("db", 3, string.Empty, Token);
        await engine.SetPoolAsync("made", 4, Token);
        Assert.Equal([null, null, "for the post"], await SaidAsync());

        var tooLong = new string('x', PoolRecord.DescriptionLengthMax + 1);
        foreach (var act in (Func<Task>[])[() => engine.SetPoolAsync("db", 3, tooLong, Token), () => engine.CreatePoolAsync("more", 3, tooLong, Token)])
        {
            Assert.Contains("1001 characters: 1000 at most", (await Assert.ThrowsAsync<OrchestratorException>(act)).Message, StringComparison.Ordinal);
        }

        async Task<IEnumerable<string?>> SaidAsync() =>
            (await engine.PoolsAsync(Token)).OrderBy(pool => pool.Name != "default").Select(pool => pool.Description);
    }

    [Fact]
    public async Task A_pool_that_an_unfinished_run_of_an_older_version_names_stays()
    {
        await using var store = new InMemoryOrchestratorStore();
        await store.SetPoolAsync("made", 1, null, Token);
        long runId;
        await using (var first = await EngineHarness.StartAsync([Dag("d", "made")], store))
        {
            await first.Engine.PauseAsync("d", Token);
            runId = await first.Engine.TriggerAsync("d", cancellationToken: Token);
        }

        await using var second = await EngineHarness.StartAsync([Dag("d", "default")], store);

        var refused = await RefusedAsync(second.Engine, "made", ErrorKind.Conflict);
        Assert.Contains($"run {runId} of DAG 'd' has not ended, and its task 'a'", refused, StringComparison.Ordinal);
        await second.Engine.CancelRunAsync(runId, Token);
        await second.Engine.DeletePoolAsync("made", Token);
    }

    [Fact]
    public async Task What_cannot_be_made_or_set_is_said()
    {
        await using var harness = await EngineHarness.StartAsync(Dag("d", "default"));
        var engine = harness.Engine;
        await engine.CreatePoolAsync("made", 1, Token);

        foreach (var name in (string[])["", "a b", "a/b", new string('x', 251)])
        {
            Assert.Contains("is no name of a pool", (await Assert.ThrowsAsync<OrchestratorException>(() => engine.CreatePoolAsync(name, 1, Token))).Message, StringComparison.Ordinal);
        }

        foreach (var name in (string[])["made", "default"])
        {
            Assert.Equal(ErrorKind.Conflict, (await Assert.ThrowsAsync<OrchestratorException>(() => engine.CreatePoolAsync(name, 1, Token))).Kind);
        }

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => engine.CreatePoolAsync("other", -1, Token));
        await Assert.ThrowsAsync<OrchestratorException>(() => engine.SetPoolAsync("other", 1, Token));
    }

    private static async Task<string> RefusedAsync(OrchestratorEngine engine, string pool, ErrorKind kind)
    {
        var refused = await Assert.ThrowsAsync<OrchestratorException>(() => engine.DeletePoolAsync(pool, Token));
        Assert.Equal(kind, refused.Kind);
        return refused.Message;
    }

    private async Task<IOrchestratorStore> StoreAsync(bool isSqlite) => isSqlite
        ? await SqliteOrchestratorStore.OpenAsync(Path.Combine(_folder, "o.db"), cancellationToken: Token)
        : new InMemoryOrchestratorStore();

    /// <summary>Two tasks that run until the test ends.</summary>
    private Dag Dag(string id, string pool) => new DagBuilder(id)
        .Task("a", (_, token) => _open.Task.WaitAsync(token), t => t.Pool(pool))
        .Task("b", (_, token) => _open.Task.WaitAsync(token), t => t.Pool(pool)).Build();
}
