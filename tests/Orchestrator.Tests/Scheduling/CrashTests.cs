using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Orchestrator.Tests.Scheduling;

/// <summary>The scheduler dies at every commit in turn, before and after it reached the file, and a new one goes on.</summary>
public sealed class CrashTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orchestrator-crash-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_ends_the_same_wherever_the_scheduler_dies(bool afterCommit)
    {
        var commits = 0;
        for (var death = 1; ; death++)
        {
            var path = Path.Combine(_folder, $"{afterCommit}-{death}.db");
            var effects = new Effects();
            var died = await RunUntilDeathAsync(path, effects, death, afterCommit);
            var (run, tasks) = await FinishAsync(path, effects);

            Assert.Equal(DagRunState.Success, run.State);
            Assert.All(tasks, task => Assert.Equal(TaskState.Success, task.State));
            Assert.Equal(["flaky", "join", "left", "right", "start"], effects.Ended.Keys.Order());
            Assert.Equal("[3,4]", effects.Joined);
            Assert.All(effects.Epochs, pair => Assert.Equal(pair.Value.Distinct().Order(), pair.Value));
            Assert.All(tasks, task => Assert.InRange(task.InfrastructureFailures, 0, 1));
            if (!died)
            {
                commits = death;
                break;
            }
        }

        Assert.InRange(commits, 6, 40);
    }

    [Fact]
    public async Task A_retry_keeps_its_wake_time_over_a_restart()
    {
        var path = Path.Combine(_folder, "retry.db");
        var time = new FakeTimeProvider(EngineHarness.Start);
        var tries = 0;
        var dag = new DagBuilder("d").Task("a", (_, _) => ++tries == 1 ? throw new InvalidOperationException("first") : Task.CompletedTask,
            t => t.Retries(1, Backoff.Constant(TimeSpan.FromMinutes(10)))).Build();
        long runId;
        await using (var store = await SqliteOrchestratorStore.OpenAsync(path, cancellationToken: Token))
        await using (var first = await EngineHarness.StartAsync([dag], store, time))
        {
            runId = await first.Engine.TriggerAsync("d", cancellationToken: Token);
            await first.UntilTaskAsync(runId, "a", TaskState.RetryWait);
        }

        time.Advance(TimeSpan.FromMinutes(9));
        await using var again = await SqliteOrchestratorStore.OpenAsync(path, cancellationToken: Token);
        await using var second = await EngineHarness.StartAsync([dag], again, time);
        await second.SettleAsync();
        Assert.Equal(1, tries);
        await second.AdvanceAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(DagRunState.Success, (await second.Engine.WaitForRunAsync(runId, Token)).State);
        Assert.Equal(2, tries);
    }

    [Fact]
    public async Task A_task_that_kills_its_process_again_and_again_fails_in_the_end()
    {
        var store = new InMemoryOrchestratorStore();
        var starts = 0;
        var dag = new DagBuilder("d").Task("a", (_, token) =>
        {
            Interlocked.Increment(ref starts);
            return Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        }).Build();
        var options = new OrchestratorOptions { InfrastructureRetriesMax = 3 };
        long runId = 0;
        for (var i = 0; i < 4; i++)
        {
            var engine = await EngineHarness.StartAsync([dag], new DyingStore(store, int.MaxValue, false), options: options);
            runId = i == 0 ? await engine.Engine.TriggerAsync("d", cancellationToken: Token) : runId;
            await EngineHarness.UntilAsync(() => Task.FromResult(Volatile.Read(ref starts) > i ? "started" : null));
            ((DyingStore)engine.Store).Kill();
            await engine.DisposeAsync();
        }

        await using var last = await EngineHarness.StartAsync([dag], store, options: options);

        Assert.Equal(DagRunState.Failed, (await last.Engine.WaitForRunAsync(runId, Token)).State);
        Assert.Equal((4, 0), ((await last.TaskAsync(runId, "a")).InfrastructureFailures, (await last.TaskAsync(runId, "a")).Failures));
    }

    [Fact]
    public async Task A_try_that_outlives_its_scheduler_is_not_lost_however_soon_its_executor_lets_it_go()
    {
        var store = new InMemoryOrchestratorStore();
        var dag = new DagBuilder("d").Task("a", (_, _) => Task.CompletedTask).Build();
        var executor = new OutlivingExecutor();
        long runId;
        await using (var first = await EngineHarness.StartAsync([dag], store, executor: executor))
        {
            runId = await first.Engine.TriggerAsync("d", cancellationToken: Token);
            await executor.Given.WaitAsync(Token);

            // Let go before the loop ends, so that the executor's answer arrives while it still takes answers.
            await first.Engine.PassAsync(Token);
            first.Engine.LetGo();
            await executor.Left.WaitAsync(Token);
            await first.Engine.PassAsync(Token);
        }

        var task = Assert.Single(await store.ListTaskInstancesAsync(runId, Token));
        Assert.Equal((TaskState.Queued, 1, 1), (task.State, task.Try, task.Epoch));
    }

    [Fact]
    public async Task Stopping_gives_running_tasks_back_without_counting_it_against_them()
    {
        var store = new InMemoryOrchestratorStore();
        var tries = 0;
        var dag = new DagBuilder("d").Task("a", (_, token) => ++tries == 1 ? Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System,
            token) : Task.CompletedTask).Build();
        long runId;
        await using (var first = await EngineHarness.StartAsync([dag], store))
        {
            runId = await first.Engine.TriggerAsync("d", cancellationToken: Token);
            await EngineHarness.UntilAsync(() => Task.FromResult(tries == 1 ? "started" : null));
        }

        Assert.Equal(TaskState.Ready, (await store.ListTaskInstancesAsync(runId, Token)).Single().State);
        await using var second = await EngineHarness.StartAsync([dag], store);
        Assert.Equal(DagRunState.Success, (await second.Engine.WaitForRunAsync(runId, Token)).State);
        Assert.Equal(0, (await second.TaskAsync(runId, "a")).InfrastructureFailures);
    }

    [Fact]
    public async Task A_scheduler_that_lost_its_term_stops_and_says_so()
    {
        var store = new InMemoryOrchestratorStore();
        var dag = new DagBuilder("d").Task("a", (_, _) => Task.CompletedTask).Build();
        await using var old = await EngineHarness.StartAsync([dag], store);
        await using var young = await EngineHarness.StartAsync([dag], store);

        var error = await Assert.ThrowsAsync<OrchestratorException>(() => old.Engine.TriggerAsync("d", cancellationToken: Token));

        Assert.Contains("term 1 is over", error.Message, StringComparison.Ordinal);
        Assert.Equal(DagRunState.Success, (await young.RunAsync("d")).State);
        Assert.Single(await store.ListRunsAsync(new RunQuery(), Token));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static Dag Build(Effects effects) => Build(effects, effects.Process);

    private static Dag Build(Effects effects, int process) => new DagBuilder("d")
        .Task("start", (c, _) => effects.EndAsync(process, c, 1))
        .Task("left", (c, _) => effects.EndAsync(process, c, c.Pull<int>("start") + 2), t => t.After("start"))
        .Task("right", (c, _) => effects.EndAsync(process, c, c.Pull<int>("start") + 3), t => t.After("start"))
        .Task("flaky", (c, _) => c.Try == 1 ? throw new InvalidOperationException("first") : effects.EndAsync(process, c, 0), t => t.After("start")
            .Retries(1, Backoff.Constant(TimeSpan.Zero)))
        .Task("join", (c, _) =>
        {
            effects.Joined = $"[{c.Pull<int>("left")},{c.Pull<int>("right")}]";
            return effects.EndAsync(process, c, 0);
        }, t => t.After("left", "right", "flaky"))
        .Build();

    private static async Task<bool> RunUntilDeathAsync(string path, Effects effects, int death, bool afterCommit)
    {
        await using var store = await SqliteOrchestratorStore.OpenAsync(path, cancellationToken: Token);
        await using var engine = await EngineHarness.StartAsync([Build(effects)], new DyingStore(store, death, afterCommit));
        try
        {
            var runId = await engine.Engine.TriggerAsync("d", cancellationToken: Token);
            await engine.Engine.WaitForRunAsync(runId, Token);
            return false;
        }
        catch (OrchestratorException)
        {
            return true;
        }
        finally
        {
            effects.NextProcess();
        }
    }

    private static async Task<(DagRun Run, IReadOnlyList<TaskInstance> Tasks)> FinishAsync(string path, Effects effects)
    {
        await using var store = await SqliteOrchestratorStore.OpenAsync(path, cancellationToken: Token);
        await using var engine = await EngineHarness.StartAsync([Build(effects)], store);
        var stored = await store.ListRunsAsync(new RunQuery(), Token);
        var runId = stored.Count == 0 ? await engine.Engine.TriggerAsync("d", cancellationToken: Token) : Assert.Single(stored).Id;
        var run = await engine.Engine.WaitForRunAsync(runId, Token);
        return (run, await store.ListTaskInstancesAsync(runId, Token));
    }

    private sealed class Effects
    {
        private readonly Lock _gate = new();

        public Dictionary<string, int> Ended { get; } = [];

        public Dictionary<string, List<long>> Epochs { get; } = [];

        public string? Joined { get; set; }

        /// <summary>The process that lives now. A thread of a dead one that is slow to notice does nothing any more, as if it had died.</summary>
        public int Process { get; private set; }

        public void NextProcess()
        {
            lock (_gate)
            {
                Process++;
            }
        }

        public Task<int> EndAsync(int process, TaskContext context, int value)
        {
            lock (_gate)
            {
                if (process != Process)
                {
                    return Task.FromResult(value);
                }

                Ended[context.TaskId] = value;
                if (!Epochs.TryGetValue(context.TaskId, out var epochs))
                {
                    Epochs[context.TaskId] = epochs = [];
                }

                epochs.Add(context.Epoch);
            }

            return Task.FromResult(value);
        }
    }

    private sealed class OutlivingExecutor : IExecutor
    {
        private readonly TaskCompletionSource _given = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Name => "outlives";

        public bool Outlives => true;

        public Task Given => _given.Task;

        public Task Left => _left.Task;

        public async ValueTask<TaskOutcome> ExecuteAsync(TaskInvocation invocation, CancellationToken cancellationToken)
        {
            _given.TrySetResult();
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, invocation.LetGo);
            }
            catch (OperationCanceledException)
            {
                _left.TrySetResult();
            }

            return TaskOutcome.Infrastructure("left");
        }
    }
}
