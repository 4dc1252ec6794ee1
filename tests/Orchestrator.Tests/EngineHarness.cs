using DataPlatform.Kernel.Feeds;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Orchestrator.Tests;

/// <summary>An engine on a fake clock. Time moves only when a test says so; waiting is on what happens, never on the wall clock.</summary>
internal sealed class EngineHarness : IAsyncDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 1, 5, 12, 3, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private EngineHarness(OrchestratorEngine engine, IOrchestratorStore store, FakeTimeProvider time, DatasetFeed feed)
    {
        Engine = engine;
        Store = store;
        Time = time;
        Feed = feed;
    }

    public OrchestratorEngine Engine { get; }

    public IOrchestratorStore Store { get; }

    public FakeTimeProvider Time { get; }

    public DatasetFeed Feed { get; }

    public static async Task<EngineHarness> StartAsync(
        IEnumerable<Dag> dags,
        IOrchestratorStore? store = null,
        FakeTimeProvider? time = null,
        OrchestratorOptions? options = null,
        IExecutor? executor = null,
        DatasetFeed? feed = null)
    {
        store ??= new InMemoryOrchestratorStore();
        time ??= new FakeTimeProvider(Start);
        feed ??= new DatasetFeed();
        var engine = new OrchestratorEngine(store, dags, executor, options, feed, time);
        await engine.StartAsync(Token);
        return new EngineHarness(engine, store, time, feed);
    }

    public static Task<EngineHarness> StartAsync(Dag dag) => StartAsync([dag]);

    public async Task<DagRun> RunAsync(string dagId, object? conf = null) =>
        await Engine.WaitForRunAsync(await Engine.TriggerAsync(dagId, conf, cancellationToken: Token), Token);

    public async Task<Dictionary<string, TaskState>> StatesAsync(long runId) =>
        (await Store.ListTaskInstancesAsync(runId, Token)).ToDictionary(task => task.TaskId, task => task.State);

    public async Task<TaskInstance> TaskAsync(long runId, string taskId) =>
        (await Store.ListTaskInstancesAsync(runId, Token)).Single(task => task.TaskId == taskId);

    /// <summary>Lets the engine do all it can while the clock stands still; only for bodies that do not wait for the clock or the
    /// test.</summary>
    public async Task SettleAsync()
    {
        while (await Engine.PassAsync(Token) > 0 || await Engine.PassAsync(Token) > 0)
        {
            await Task.Yield();
        }
    }

    /// <summary>Moves the clock and lets the engine act on it.</summary>
    public async Task AdvanceAsync(TimeSpan by)
    {
        Time.Advance(by);
        await SettleAsync();
    }

    /// <summary>Waits until a condition over the store holds; the test's own time limit ends a wait that is in vain.</summary>
    public static async Task<T> UntilAsync<T>(Func<Task<T?>> look)
        where T : class
    {
        while (true)
        {
            if (await look() is { } found)
            {
                return found;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, Token);
        }
    }

    public Task<TaskInstance> UntilTaskAsync(long runId, string taskId, TaskState state) => UntilAsync(async () =>
        (await Store.ListTaskInstancesAsync(runId, Token)).SingleOrDefault(task => task.TaskId == taskId && task.State == state));

    public async Task<IReadOnlyList<DagRun>> RunsAsync(string dagId) =>
        [.. (await Store.ListRunsAsync(new RunQuery { DagId = dagId, Limit = 1000 }, Token)).Reverse()];

    public ValueTask DisposeAsync() => Engine.DisposeAsync();
}
