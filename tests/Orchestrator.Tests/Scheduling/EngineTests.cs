using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Tests.Scheduling;

public sealed class EngineTests
{
    private static readonly Func<TaskContext, CancellationToken, Task> Nothing = (_, _) => Task.CompletedTask;
    private static readonly Func<TaskContext, CancellationToken, Task> Fails = (_, _) => throw new TaskFailedException("no", retry: false);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_does_its_tasks_in_order_and_passes_values_down()
    {
        List<string> order = [];
        var dag = new DagBuilder("d")
            .Task("a", (c, _) => Say(c, 20))
            .Task("b", (c, _) => Say(c, c.Pull<int>("a") + 1), t => t.After("a"))
            .Task("c", (c, _) => Say(c, c.Pull<int>("b") * 2), t => t.After("b"))
            .Build();
        await using var engine = await EngineHarness.StartAsync(dag);

        var run = await engine.RunAsync("d");

        Assert.Equal(DagRunState.Success, run.State);
        Assert.Equal(["a", "b", "c"], order);
        Assert.Equal("42", (await engine.Store.ListXComsAsync(run.Id, Token)).Single(value => value.TaskId == "c").Json);
        var task = await engine.TaskAsync(run.Id, "b");
        Assert.Equal((1, 1L, "in-process"), (task.Try, task.Epoch, task.Executor!));
        Assert.NotNull(task.StartedAt);
        Assert.NotNull(task.EndedAt);

        Task<int> Say(TaskContext context, int value)
        {
            order.Add(context.TaskId);
            return Task.FromResult(value);
        }
    }

    [Fact]
    public async Task A_failure_stops_what_depends_on_it_and_fails_the_run()
    {
        var dag = new DagBuilder("d")
            .Task("gate", Fails)
            .Task("mart", Nothing, t => t.After("gate"))
            .Task("report", Nothing, t => t.After("mart"))
            .Task("apart", Nothing)
            .Build();
        await using var engine = await EngineHarness.StartAsync(dag);

        var run = await engine.RunAsync("d");

        Assert.Equal(DagRunState.Failed, run.State);
        var states = await engine.StatesAsync(run.Id);
        Assert.Equal(TaskState.Failed, states["gate"]);
        Assert.Equal(TaskState.UpstreamFailed, states["mart"]);
        Assert.Equal(TaskState.UpstreamFailed, states["report"]);
        Assert.Equal(TaskState.Success, states["apart"]);
        Assert.Contains("no", (await engine.TaskAsync(run.Id, "gate")).Note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_skip_goes_down_and_an_all_done_leaf_makes_the_run_a_success()
    {
        var dag = new DagBuilder("d")
            .Task("a", (_, _) => throw new TaskSkippedException("nothing to do"))
            .Task("b", Nothing, t => t.After("a"))
            .Task("end", Nothing, t => t.After("b").TriggerRule(TriggerRule.AllDone))
            .Build();
        await using var engine = await EngineHarness.StartAsync(dag);

        var run = await engine.RunAsync("d");

        Assert.Equal(DagRunState.Success, run.State);
        Assert.Equal(TaskState.Skipped, (await engine.StatesAsync(run.Id))["b"]);
        Assert.Equal("nothing to do", (await engine.TaskAsync(run.Id, "a")).Note);
    }

    [Fact]
    public async Task A_retry_waits_its_backoff_on_the_engines_clock()
    {
        var tries = 0;
        var dag = new DagBuilder("d")
            .Task("a", (c, _) => ++tries < 3 ? throw new InvalidOperationException($"try {c.Try}") : Task.CompletedTask, t =>
                t.Retries(2, Backoff.Constant(TimeSpan.FromMinutes(1))))
            .Build();
        await using var engine = await EngineHarness.StartAsync(dag);
        var runId = await engine.Engine.TriggerAsync("d", cancellationToken: Token);

        var waiting = await engine.UntilTaskAsync(runId, "a", TaskState.RetryWait);
        Assert.Equal(EngineHarness.Start.AddMinutes(1), waiting.WakeAt);
        await engine.AdvanceAsync(TimeSpan.FromSeconds(59));
        Assert.Equal(1, tries);
        await engine.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(2, tries);
        await engine.AdvanceAsync(TimeSpan.FromMinutes(1));
        var run = await engine.Engine.WaitForRunAsync(runId, Token);

        Assert.Equal(DagRunState.Success, run.State);
        Assert.Equal(3, (await engine.TaskAsync(runId, "a")).Try);
        Assert.Equal([1, 2], (await engine.Store.ListTriesAsync(runId, Token)).Select(entry => entry.Try));
        Assert.All(await engine.Store.ListTriesAsync(runId, Token), entry =>
            Assert.Contains($"try {entry.Try}", entry.Note, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Retries_used_up_fail_the_task()
    {
        var dag = new DagBuilder("d")
            .Task("a", (_, _) => throw new InvalidOperationException("always"), t => t.Retries(1, Backoff.Constant(TimeSpan.Zero)))
            .Build();
        await using var engine = await EngineHarness.StartAsync(dag);

        var run = await engine.RunAsync("d");

        Assert.Equal(DagRunState.Failed, run.State);
        Assert.Equal((2, 2), ((await engine.TaskAsync(run.Id, "a")).Try, (await engine.TaskAsync(run.Id, "a")).Failures));
    }

    [Fact]
    public async Task A_task_beyond_its_time_limit_is_cancelled_and_retried()
    {
        var tries = 0;
        var dag = new DagBuilder("d")
            .Task("a", (_, token) => ++tries == 1 ? Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token) : Task.CompletedTask,
                t => t.Timeout(TimeSpan.FromMinutes(5)).Retries(1, Backoff.Constant(TimeSpan.Zero)))
            .Build();
        await using var engine = await EngineHarness.StartAsync(dag);
        var runId = await engine.Engine.TriggerAsync("d", cancellationToken: Token);
        await engine.UntilTaskAsync(runId, "a", TaskState.Running);
        await EngineHarness.UntilAsync(() => Task.FromResult(tries == 1 ? "started" : null));

        engine.Time.Advance(TimeSpan.FromMinutes(5));
        var run = await engine.Engine.WaitForRunAsync(runId, Token);

        Assert.Equal(DagRunState.Success, run.State);
        Assert.Contains("time limit", (await engine.Store.ListTriesAsync(runId, Token))[0].Note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_ignores_its_cancellation_is_given_up_and_its_late_result_ignored()
    {
        var late = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var dag = new DagBuilder("d")
            .Task("a", async (_, _) =>
            {
                started.SetResult();
                await late.Task;
            }, t => t.Timeout(TimeSpan.FromMinutes(5)))
            .Build();
        await using var engine = await EngineHarness.StartAsync(dag);
        var runId = await engine.Engine.TriggerAsync("d", cancellationToken: Token);
        await started.Task;

        var ended = engine.Engine.WaitForRunAsync(runId, Token);
        while (!ended.IsCompleted)
        {
            engine.Time.Advance(TimeSpan.FromMinutes(5));
            await Task.Yield();
        }

        Assert.Equal(DagRunState.Failed, (await ended).State);
        late.SetResult();
        await engine.SettleAsync();
        Assert.Equal(TaskState.Failed, (await engine.TaskAsync(runId, "a")).State);
    }

    [Fact]
    public async Task A_run_beyond_its_time_limit_fails_and_its_tasks_are_cancelled()
    {
        var dag = new DagBuilder("d").RunTimeout(TimeSpan.FromMinutes(30))
            .Task("a", (_, token) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token))
            .Task("b", Nothing, t => t.After("a"))
            .Build();
        await using var engine = await EngineHarness.StartAsync(dag);
        var runId = await engine.Engine.TriggerAsync("d", cancellationToken: Token);
        await engine.UntilTaskAsync(runId, "a", TaskState.Running);

        engine.Time.Advance(TimeSpan.FromMinutes(30));
        var run = await engine.Engine.WaitForRunAsync(runId, Token);

        Assert.Equal(DagRunState.Failed, run.State);
        Assert.Contains("time limit", run.Note, StringComparison.Ordinal);
        Assert.Equal(TaskState.Cancelled, (await engine.StatesAsync(runId))["a"]);
    }

    [Fact]
    public async Task A_cancelled_run_stops_its_body()
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var dag = new DagBuilder("d").Task("a", async (_, token) =>
        {
            await using var registration = token.Register(() => stopped.TrySetResult());
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        }).Build();
        await using var engine = await EngineHarness.StartAsync(dag);
        var runId = await engine.Engine.TriggerAsync("d", cancellationToken: Token);
        await engine.UntilTaskAsync(runId, "a", TaskState.Running);

        Assert.True(await engine.Engine.CancelRunAsync(runId, Token));
        await stopped.Task.WaitAsync(Token);

        Assert.Equal(DagRunState.Cancelled, (await engine.Engine.WaitForRunAsync(runId, Token)).State);
        Assert.False(await engine.Engine.CancelRunAsync(runId, Token));
    }

    [Fact]
    public async Task A_value_that_cannot_be_passed_fails_the_task_without_retry()
    {
        var loop = new List<object>();
        loop.Add(loop);
        var dag = new DagBuilder("d")
            .Task("large", (_, _) => Task.FromResult(new string('x', DagLimits.XComBytesMax)), t => t.Retries(3))
            .Task("loop", (_, _) => Task.FromResult(loop), t => t.Retries(3))
            .Build();
        await using var engine = await EngineHarness.StartAsync(dag);

        var run = await engine.RunAsync("d");

        Assert.Contains("at most", (await engine.TaskAsync(run.Id, "large")).Note, StringComparison.Ordinal);
        Assert.Contains("not serialisable", (await engine.TaskAsync(run.Id, "loop")).Note, StringComparison.Ordinal);
        Assert.Equal(1, (await engine.TaskAsync(run.Id, "loop")).Try);
    }

    [Fact]
    public async Task A_request_with_a_key_is_fulfilled_once()
    {
        await using var engine = await EngineHarness.StartAsync(new DagBuilder("d").Task("a", Nothing).Build());

        var first = await engine.Engine.TriggerAsync("d", idempotencyKey: "order-7", cancellationToken: Token);
        await engine.Engine.WaitForRunAsync(first, Token);
        var second = await engine.Engine.TriggerAsync("d", idempotencyKey: "order-7", cancellationToken: Token);

        Assert.Equal(first, second);
        Assert.Single(await engine.RunsAsync("d"));
    }

    [Fact]
    public async Task What_the_caller_passed_reaches_the_body()
    {
        string? day = null;
        await using var engine = await EngineHarness.StartAsync(new DagBuilder("d").Task("a", (c, _) =>
        {
            day = c.Conf<Dictionary<string, string>>()!["day"];
            return Task.CompletedTask;
        }).Build());

        await engine.RunAsync("d", new { Day = "2001-01-31" });

        Assert.Equal("2001-01-31", day);
    }

    [Fact]
    public async Task An_unknown_dag_run_pool_or_executor_is_named()
    {
        await using var engine = await EngineHarness.StartAsync(new DagBuilder("d").Task("a", Nothing).Build());

        Assert.Contains(
            "'x'", (await Assert.ThrowsAsync<OrchestratorException>(() => engine.Engine.TriggerAsync("x", cancellationToken: Token)))
                .Message, StringComparison.Ordinal);
        Assert.Contains("99", (await Assert.ThrowsAsync<OrchestratorException>(() => engine.Engine.WaitForRunAsync(99, Token))).Message,
            StringComparison.Ordinal);
        var noPool = await Assert.ThrowsAsync<DagException>(
            () => EngineHarness.StartAsync(new DagBuilder("d").Task("a", Nothing, t => t.Pool("p")).Build()));
        Assert.Contains("wants pool 'p'", noPool.Message, StringComparison.Ordinal);
        Assert.Contains("129 slots", Refused(t => t.Pool("default", 129)), StringComparison.Ordinal);
        Assert.Contains("'e'", Refused(t => t.Executor("e")), StringComparison.Ordinal);

        static string Refused(Action<TaskBuilder> configure) => Assert.Throws<DagException>(() =>
            new OrchestratorEngine(new Orchestrator.Metadata.InMemoryOrchestratorStore(),
                [new DagBuilder("d").Task("a", Nothing, configure).Build()])).Message;
    }

    [Fact]
    public async Task A_thousand_tasks_wait_at_once_without_a_thousand_threads()
    {
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var builder = new DagBuilder("d");
        for (var i = 0; i < 1_000; i++)
        {
            builder.Task($"t{i}", async (_, _) =>
            {
                if (Interlocked.Increment(ref running) == 1_000)
                {
                    all.SetResult();
                }

                await open.Task;
            });
        }

        await using var engine = await EngineHarness.StartAsync(
            [builder.Build()], options: new OrchestratorOptions { Pools = { ["default"] = 1_000 } });
        var runId = await engine.Engine.TriggerAsync("d", cancellationToken: Token);
        await all.Task.WaitAsync(Token);
        open.SetResult();

        Assert.Equal(DagRunState.Success, (await engine.Engine.WaitForRunAsync(runId, Token)).State);
    }
}
