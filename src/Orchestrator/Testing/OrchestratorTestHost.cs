using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Diagnostics;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Testing;

/// <summary>The whole engine on a clock that the test moves: schedules, retries, time limits, lost workers and restarts, in milliseconds.</summary>
/// <remarks>
/// Bodies run one after the other in the order the engine started them, and the clock moves only when all of them have ended or wait for it,
/// so that the same test always sees the same. Every executor that the DAGs name is stood in for by the host; see <see cref="Task"/>. A body
/// that sets a timer and works on beside it may be overtaken by the clock. Not thread-safe: for one test's flow.
/// </remarks>
public sealed partial class OrchestratorTestHost : IAsyncDisposable
{
    private readonly OrchestratorTestOptions _options;
    private readonly VirtualStage _stage;
    private readonly bool _ownsStore;
    private readonly List<OrchestratorEvent> _events = [];
    private IReadOnlyList<Dag> _dags;

    private OrchestratorTestHost(IReadOnlyList<Dag> dags, OrchestratorTestOptions options)
    {
        _dags = dags;
        _options = options;
        _ownsStore = options.Store is null;
        Store = options.Store ?? new InMemoryOrchestratorStore();
        Clock = new VirtualClock(options.Start);
        _stage = new VirtualStage(Clock);
        Engine = MakeEngine();
    }

    /// <summary>The engine under test. Its calls may be used beside the host's; <see cref="SettleAsync"/> lets them take effect.</summary>
    public OrchestratorEngine Engine { get; private set; }

    /// <summary>Where its state is kept.</summary>
    public IOrchestratorStore Store { get; }

    /// <summary>The clock, for code of tasks that waits.</summary>
    public VirtualClock Clock { get; }

    /// <summary>The present.</summary>
    public DateTimeOffset Now => Clock.GetUtcNow();

    /// <summary>What happened so far, in order; over restarts.</summary>
    public IReadOnlyList<OrchestratorEvent> Events => _events;

    /// <summary>Starts an engine.</summary>
    /// <param name="dag">The DAG it runs.</param>
    /// <param name="options">Settings; null for defaults.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static Task<OrchestratorTestHost> StartAsync(
        Dag dag, OrchestratorTestOptions? options = null, CancellationToken cancellationToken = default) =>
        StartAsync([dag], options, cancellationToken);

    /// <summary>Starts an engine.</summary>
    /// <param name="dags">The DAGs it runs.</param>
    /// <param name="options">Settings; null for defaults.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<OrchestratorTestHost> StartAsync(
        IEnumerable<Dag> dags, OrchestratorTestOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dags);
        var host = new OrchestratorTestHost([.. dags], options ?? new OrchestratorTestOptions());
        host._options.Script?.Invoke(host);
        await host.BeginAsync(cancellationToken).ConfigureAwait(false);
        return host;
    }

    /// <summary>Says how a task behaves: its duration, an answer in place of its body, failures, holding.</summary>
    /// <param name="dagId">The DAG.</param>
    /// <param name="taskId">The task.</param>
    /// <exception cref="DagException">No such task.</exception>
    public TaskScript Task(string dagId, string taskId)
    {
        var dag = _dags.FirstOrDefault(known => known.Id == dagId) ?? throw new DagException(dagId, "the host does not run it.");
        return _stage.Script(dagId, dag.Task(taskId).Id);
    }

    /// <summary>Starts a run by hand.</summary>
    /// <param name="dagId">The DAG.</param>
    /// <param name="conf">What its tasks read; null for nothing.</param>
    /// <param name="logicalDate">Its name in time; null for now.</param>
    /// <param name="idempotencyKey">Makes a repeated request give the same run; null for a new run each time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The run's number; what it can do at this instant has happened.</returns>
    public async Task<long> TriggerAsync(
        string dagId, object? conf = null, DateTimeOffset? logicalDate = null, string? idempotencyKey = null,
        CancellationToken cancellationToken = default)
    {
        var runId = await Engine.TriggerAsync(dagId, conf, logicalDate, idempotencyKey, cancellationToken).ConfigureAwait(false);
        await SettleAsync(cancellationToken).ConfigureAwait(false);
        return runId;
    }

    /// <summary>Starts a run by hand and moves the clock until it has ended.</summary>
    /// <param name="dagId">The DAG.</param>
    /// <param name="conf">What its tasks read; null for nothing.</param>
    /// <param name="limit">How long it may take on the host's clock; null for a year.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OrchestratorTestException">It has not ended by then; the message says what holds each task.</exception>
    public async Task<RunTable> RunAsync(
        string dagId, object? conf = null, TimeSpan? limit = null, CancellationToken cancellationToken = default) =>
        await EndAsync(await TriggerAsync(dagId, conf, cancellationToken: cancellationToken).ConfigureAwait(false), limit, cancellationToken)
            .ConfigureAwait(false);

    /// <summary>Announces a version of a dataset.</summary>
    /// <param name="version">The version.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task PublishAsync(DatasetVersion version, CancellationToken cancellationToken = default)
    {
        await Engine.ReportVersionAsync(version, cancellationToken).ConfigureAwait(false);
        await SettleAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Kills the scheduler, as by <c>kill -9</c>, and starts another on the same store. What it had not stored is gone.</summary>
    /// <param name="dags">The DAGs of the new one; null for the same.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task RestartAsync(IEnumerable<Dag>? dags = null, CancellationToken cancellationToken = default)
    {
        await Engine.AbandonAsync(cancellationToken).ConfigureAwait(false);
        while (await _stage.ActAsync(_options.BodyLimit).ConfigureAwait(false))
        {
            // Bodies of the dead scheduler end or wait; nobody hears of it.
        }

        await Engine.DisposeAsync().ConfigureAwait(false);
        _dags = dags is null ? _dags : [.. dags];
        Engine = MakeEngine();
        await BeginAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A run and its tasks.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OrchestratorTestException">No such run.</exception>
    public async Task<RunTable> TableAsync(long runId, CancellationToken cancellationToken = default)
    {
        var run = await Store.FindRunAsync(runId, cancellationToken).ConfigureAwait(false)
            ?? throw new OrchestratorTestException($"there is no run {runId}.");
        return new RunTable(run, await Store.ListTaskInstancesAsync(runId, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>The runs of a DAG, oldest first; at most the newest <see cref="RunQuery.LimitMax"/>.</summary>
    /// <param name="dagId">The DAG.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<DagRun>> RunsAsync(string dagId, CancellationToken cancellationToken = default) =>
        [.. (await Store.ListRunsAsync(new RunQuery { DagId = dagId, Limit = RunQuery.LimitMax }, cancellationToken).ConfigureAwait(false)).Reverse()];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Engine.AbandonAsync(CancellationToken.None).ConfigureAwait(false);
        await Engine.DisposeAsync().ConfigureAwait(false);
        if (_ownsStore)
        {
            await Store.DisposeAsync().ConfigureAwait(false);
        }
    }

    private OrchestratorEngine MakeEngine()
    {
        var first = new VirtualExecutor("in-process", _stage);
        var named = _dags.SelectMany(dag => dag.Tasks).Select(task => task.Executor).OfType<string>().Distinct(StringComparer.Ordinal)
            .Where(name => name != first.Name).Order(StringComparer.Ordinal);
        return new OrchestratorEngine(
            Store, _dags, first, _options.Engine, time: Clock, moreExecutors: named.Select(name => new VirtualExecutor(name, _stage)));
    }

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        Engine.Listen(_events.Add);
        await Engine.StartAsync(cancellationToken).ConfigureAwait(false);
        await SettleAsync(cancellationToken).ConfigureAwait(false);
    }
}
