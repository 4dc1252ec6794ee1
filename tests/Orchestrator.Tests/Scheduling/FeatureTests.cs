using System.Collections.Concurrent;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Diagnostics;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Orchestrator.Tests.Scheduling;

public sealed class FeatureTests
{
    private static readonly Func<TaskContext, CancellationToken, Task> Nothing = (_, _) => Task.CompletedTask;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SensorMode.Reschedule, TaskState.RescheduleWait)]
    [InlineData(SensorMode.Deferred, TaskState.Deferred)]
    [InlineData(SensorMode.Poke, TaskState.Running)]
    public async Task A_sensor_waits_in_its_mode_until_it_is_so(SensorMode mode, TaskState waiting)
    {
        var store = new InMemoryObjectStore();
        var looks = 0;
        var look = Sensors.Object(store, c => $"{c.DagId}.txt");
        var options = new SensorOptions(TimeSpan.FromMinutes(1), Timeout: null, mode);
        await using var engine = await EngineHarness.StartAsync(new DagBuilder("d")
            .Sensor("wait", (c, token) =>
            {
                Interlocked.Increment(ref looks);
                return look(c, token);
            }, options)
            .Task("after", Nothing, t => t.After("wait")).Build());
        var runId = await engine.Engine.TriggerAsync("d", cancellationToken: Token);
        await engine.UntilTaskAsync(runId, "wait", waiting);
        await EngineHarness.UntilAsync(() => Task.FromResult(Volatile.Read(ref looks) > 0 ? "looked" : null));

        await store.PutAsync("d.txt", "x"u8.ToArray(), Token);
        var ended = engine.Engine.WaitForRunAsync(runId, Token);
        while (!ended.IsCompleted)
        {
            engine.Time.Advance(TimeSpan.FromSeconds(10));
            await Task.Yield();
        }

        Assert.Equal(DagRunState.Success, (await ended).State);
    }

    [Theory]
    [InlineData(false, TaskState.Failed)]
    [InlineData(true, TaskState.Skipped)]
    public async Task A_sensors_time_limit_spans_its_reschedules_and_is_not_retried(bool skips, TaskState expected)
    {
        var options = new SensorOptions(TimeSpan.FromMinutes(7), TimeSpan.FromMinutes(20), SensorMode.Reschedule, skips);
        await using var engine = await EngineHarness.StartAsync(
            new DagBuilder("d").Sensor("wait", (_, _) => Task.FromResult(false), options, t => t.Retries(5)).Build());
        var runId = await engine.Engine.TriggerAsync("d", cancellationToken: Token);
        foreach (var minutes in new[] { 7, 7, 6 })
        {
            await engine.UntilTaskAsync(runId, "wait", TaskState.RescheduleWait);
            await engine.SettleAsync();
            await engine.AdvanceAsync(TimeSpan.FromMinutes(minutes));
        }

        await engine.Engine.WaitForRunAsync(runId, Token);
        var task = await engine.TaskAsync(runId, "wait");
        Assert.Equal((expected, 4), (task.State, task.Try));
        Assert.Equal(EngineHarness.Start, task.FirstStartedAt);
    }

    [Fact]
    public async Task Parameters_have_types_and_defaults_and_reach_templates()
    {
        string? said = null;
        await using var engine = await EngineHarness.StartAsync(new DagBuilder("d")
            .Param("days", ParamType.Integer, 7).Param("region", ParamType.String)
            .Task("a", (_, _) => Task.FromResult(new[] { 1, 2 }))
            .Task("b", (c, _) =>
            {
                said = Template.Render("{{params.days}} {{ params.region }} {{conf.region}} {{xcom.a}} {{dag}} {{logical_date|date}}", c);
                return Task.FromResult(c.Param<int>("days"));
            }, t => t.After("a")).Build());

        await engine.RunAsync("d", new { region = "west" });

        Assert.Equal("7 west west [1,2] d 2026-01-05", said);
        await RefusedAsync(new { days = 1 }, "needs the parameter 'region'");
        await RefusedAsync(new { days = 1.5, region = "x" }, "'days' of DAG 'd' is 1.5, which is no Integer");

        async Task RefusedAsync(object conf, string message) => Assert.Contains(
            message,
            (await Assert.ThrowsAsync<OrchestratorException>(() => engine.Engine.TriggerAsync("d", conf, cancellationToken: Token)))
                .Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Notifiers_hear_of_retries_failures_and_missed_deadlines()
    {
        var heard = new ConcurrentQueue<OrchestratorEvent>();
        var notifier = new DelegateNotifier((happening, _) =>
        {
            heard.Enqueue(happening);
            return Task.CompletedTask;
        });
        await using var engine = await EngineHarness.StartAsync(new DagBuilder("d").Notify(notifier).Deadline(TimeSpan.FromSeconds(30))
            .Notify(new DelegateNotifier((_, _) => throw new InvalidOperationException("a broken notifier changes nothing")))
            .Task("a", (_, _) => throw new InvalidOperationException("no"), t => t.Retries(1, Backoff.Constant(TimeSpan.FromMinutes(1))))
                .Build());
        var runId = await engine.Engine.TriggerAsync("d", cancellationToken: Token);
        await engine.UntilTaskAsync(runId, "a", TaskState.RetryWait);
        await engine.AdvanceAsync(TimeSpan.FromSeconds(30));
        await engine.AdvanceAsync(TimeSpan.FromSeconds(30));
        await engine.Engine.WaitForRunAsync(runId, Token);

        OrchestratorEventKind[] expected =
            [OrchestratorEventKind.TaskRetrying, OrchestratorEventKind.DeadlineMissed, OrchestratorEventKind.TaskFailed,
                OrchestratorEventKind.RunFailed];
        await EngineHarness.UntilAsync(() => Task.FromResult(heard.Count == 4 ? heard : null));
        Assert.Equal(expected.Order(), heard.Select(happening => happening.Kind).Order());
    }

    [Fact]
    public async Task Every_waiting_task_has_a_reason()
    {
        var open = new SemaphoreSlim(0);
        var dag = new DagBuilder("d").MaxActiveRuns(1)
            .Task("runs", (_, token) => open.WaitAsync(token), t => t.Pool("one").Priority(1))
            .Task("pool", Nothing, t => t.Pool("one"))
            .Task("rule", Nothing, t => t.After("runs"))
            .Task("retry", (_, _) => throw new InvalidOperationException(), t => t.Retries(1, Backoff.Constant(TimeSpan.FromHours(1))))
            .Build();
        await using var engine = await EngineHarness.StartAsync([dag], options: new OrchestratorOptions { Pools = { ["one"] = 1 } });
        var runId = await engine.Engine.TriggerAsync("d", cancellationToken: Token);
        var queued = await engine.Engine.TriggerAsync("d", cancellationToken: Token);
        await engine.UntilTaskAsync(runId, "retry", TaskState.RetryWait);

        var reasons = (await engine.Engine.ExplainAsync(runId, Token)).ToDictionary(reason => reason.TaskId);

        Assert.Equal(
            [WaitCause.Pool, WaitCause.Timer, WaitCause.Upstream, WaitCause.Running],
            new[] { "pool", "retry", "rule", "runs" }.Select(id => reasons[id].Cause));
        Assert.Contains("has 0 of 1 free", reasons["pool"].Text, StringComparison.Ordinal);
        Assert.All(await engine.Engine.ExplainAsync(queued, Token), reason => Assert.Equal(WaitCause.RunNotStarted, reason.Cause));
        Assert.Equal("rule", Assert.Single(await engine.Engine.ExplainAsync(queued, "rule", mapIndex: -1, Token)).TaskId);
        await engine.Engine.PauseAsync("d", Token);
        Assert.Equal(WaitCause.Paused, (await engine.Engine.ExplainAsync(runId, Token)).Single(reason => reason.TaskId == "pool").Cause);
    }

    [Fact]
    public void Groups_prefix_ids_find_siblings_first_and_stand_for_their_last_tasks()
    {
        var dag = new DagBuilder("d").Task("start", Nothing)
            .Group("etl", g => g.Task("load", Nothing).Task("check", Nothing, t => t.After("load"))
                .Group("inner", i => i.Task("x", Nothing), "load"), "start")
            .Task("end", Nothing, t => t.After("etl")).Build();

        Assert.Equal(["start"], dag.Task("etl.load").Upstream);
        Assert.Equal(["etl.load"], dag.Task("etl.check").Upstream);
        Assert.Equal(["etl.load"], dag.Task("etl.inner.x").Upstream);
        Assert.Equal(["etl.check", "etl.inner.x"], dag.Task("end").Upstream.Order());
    }

    [Fact]
    public async Task A_backfill_that_collides_or_makes_no_sense_is_refused()
    {
        var cron = Timetable.Cron("0 * * * *");
        var open = new SemaphoreSlim(0);
        var dag = new DagBuilder("d").Schedule(cron).Task("a", (_, token) => open.WaitAsync(token), t => t.DependsOnPast()).Build();
        await using var engine = await EngineHarness.StartAsync([dag, new DagBuilder("m").Task("a", Nothing).Build()]);
        var range = new BackfillRequest { From = EngineHarness.Start.AddHours(-5), To = EngineHarness.Start };

        Assert.Contains("no timetable", await RefusedAsync("m", range), StringComparison.Ordinal);
        Assert.Contains("depends on the run before", await RefusedAsync("d", range with { IsReverse = true }), StringComparison.Ordinal);
        Assert.Contains("make no sense", await RefusedAsync("d", range with { To = range.From.AddDays(-1) }), StringComparison.Ordinal);
        Assert.Equal(4, (await engine.Engine.BackfillAsync("d", range with { IsDryRun = true }, Token)).Runs.Count);
        Assert.Empty(await engine.Store.ListBackfillsAsync(null, Token));
        await engine.Engine.BackfillAsync("d", range, Token);
        Assert.Contains("in progress", await RefusedAsync("d", range), StringComparison.Ordinal);
        Assert.True(await engine.Engine.SetBackfillAsync(1, BackfillState.Cancelled, Token));
        Assert.Equal(BackfillState.Cancelled, (await engine.Store.ListBackfillsAsync("d", Token)).Single().State);
        Assert.Equal(DagRunState.Cancelled, Assert.Single(await engine.RunsAsync("d")).State);

        async Task<string> RefusedAsync(string dagId, BackfillRequest request) =>
            (await Assert.ThrowsAsync<OrchestratorException>(() => engine.Engine.BackfillAsync(dagId, request, Token))).Message;
    }

    [Fact]
    public async Task A_command_runs_in_a_process_of_its_own_with_templates_and_gives_its_last_line()
    {
        await using var engine = await EngineHarness.StartAsync([new DagBuilder("d").Param("who", ParamType.String, "world")
            .Command("hello", "/bin/sh", ["-c", "echo first; echo \"{\\\"hello\\\":\\\"$0\\\",\\\"try\\\":$DP_TRY}\"", "{{params.who}}"])
            .Command("skips", "/bin/sh", ["-c", "exit 99"])
            .Command("fails", "/bin/sh", ["-c", "echo reason >&2; exit 3"])
            .Command("absent", "/no/such/program", [], t => t.Retries(3))
            .Command("large", "/bin/sh", ["-c", "head -c 900000000 /dev/zero | tail -c 800000000 | wc -c"], t => t.Resources(0, 64))
            .Build()], executor: new SubprocessExecutor());

        var run = await engine.RunAsync("d");

        Assert.Equal("""{"hello":"world","try":1}""", (await engine.Store.ListXComsAsync(run.Id, Token)).Single(value => value.TaskId == "hello").Json);
        Assert.Equal(TaskState.Skipped, (await engine.TaskAsync(run.Id, "skips")).State);
        Assert.Contains("exit code 3\nreason", (await engine.TaskAsync(run.Id, "fails")).Note, StringComparison.Ordinal);
        Assert.Contains("cannot be started", (await engine.TaskAsync(run.Id, "absent")).Note, StringComparison.Ordinal);
        Assert.Equal(1, (await engine.TaskAsync(run.Id, "absent")).Try);
    }

    [Fact]
    public async Task A_cancelled_command_is_killed_with_its_children()
    {
        var file = Path.Combine(Path.GetTempPath(), $"orchestrator-pid-{Environment.ProcessId}");
        try
        {
            await using var engine = await EngineHarness.StartAsync([new DagBuilder("d")
                .Command("long", "/bin/sh", ["-c", "sleep 1000 & echo $! > $0.tmp; mv $0.tmp $0; wait", file]).Build()],
                    executor: new SubprocessExecutor());
            var runId = await engine.Engine.TriggerAsync("d", cancellationToken: Token);
            var child = await EngineHarness.UntilAsync(() => Task.FromResult(File.Exists(file) ? File.ReadAllText(file).Trim() : null));
            Assert.True(Directory.Exists($"/proc/{child}"));

            await engine.Engine.CancelRunAsync(runId, Token);

            await EngineHarness.UntilAsync(() => Task.FromResult(IsGone(child) ? "gone" : null));
        }
        finally
        {
            File.Delete(file);
        }

        // A killed child whose parent has not collected it is a zombie: it runs no more.
        static bool IsGone(string pid)
        {
            try
            {
                return File.ReadAllText($"/proc/{pid}/stat").Split(") ")[^1].StartsWith('Z');
            }
            catch (IOException)
            {
                return true;
            }
        }
    }
}
