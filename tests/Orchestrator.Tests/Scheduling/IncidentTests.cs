using System.Globalization;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Diagnostics;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Schedules;
using DataPlatform.Orchestrator.Sqlite;
using DataPlatform.Orchestrator.Testing;

namespace DataPlatform.Orchestrator.Tests.Scheduling;

/// <summary>What operators do when something is wrong, and what they expect of it.</summary>
public sealed class IncidentTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 1, 10, 0, 0, 0, TimeSpan.Zero);
    private static readonly Func<TaskContext, CancellationToken, Task> Nothing = (_, _) => Task.CompletedTask;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static OrchestratorTestOptions Options => new() { Start = Start };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orchestrator-incident-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_date_that_a_backfill_did_is_not_run_again_by_the_schedule(bool catchup)
    {
        await using var store = await OpenAsync();
        var options = Options;
        options.Store = store;
        var dag = new DagBuilder("d").Schedule(Timetable.Cron("0 0 * * *"), catchup, Start).Task("a", Nothing).Build();
        await using var host = await OrchestratorTestHost.StartAsync(dag, options, Token);
        await host.Engine.PauseAsync("d", Token);
        await host.AdvanceAsync(TimeSpan.FromDays(3.5), Token);
        await host.Engine.BackfillAsync("d", Range(10, 12), Token);
        await host.Engine.ResumeAsync("d", Token);
        await host.RunUntilIdleAsync(cancellationToken: Token);

        await host.AdvanceAsync(TimeSpan.FromDays(1), Token);

        Assert.Equal([10, 11, 12, 13], (await host.RunsAsync("d", Token)).Select(run => run.LogicalDate.Day).Order());
        Assert.All(await host.RunsAsync("d", Token), run => Assert.Equal(DagRunState.Success, run.State));
    }

    [Fact]
    public async Task A_date_that_the_schedule_takes_before_a_backfill_comes_to_it_is_left_to_the_schedule()
    {
        await using var store = await OpenAsync();
        var options = Options;
        options.Store = store;
        var dag = new DagBuilder("d").Schedule(Timetable.Cron("0 0 * * *"), catchup: false, Start).Task("a", Nothing).Build();
        await using var host = await OrchestratorTestHost.StartAsync(dag, options, Token);
        host.Task("d", "a").Takes(TimeSpan.FromHours(1));
        await host.Engine.PauseAsync("d", Token);
        await host.AdvanceAsync(TimeSpan.FromDays(3.5), Token);
        var (backfill, _) = await host.Engine.BackfillAsync("d", Range(10, 12), Token);

        // The latest complete interval is that of the 12th, which the backfill has not come to.
        await host.Engine.ResumeAsync("d", Token);
        await host.RunUntilIdleAsync(cancellationToken: Token);

        Assert.Equal([10, 11, 12], (await host.RunsAsync("d", Token)).Select(run => run.LogicalDate.Day).Order());
        var last = (await store.ListBackfillRunsAsync(backfill!.Id, Token))[^1];
        Assert.Equal(BackfillRunState.Skipped, last.State);
        Assert.Equal(BackfillState.Completed, (await store.ListBackfillsAsync("d", Token)).Single().State);
    }

    [Theory]
    [InlineData("cancel")]
    [InlineData("mark")]
    [InlineData("clear")]
    public async Task A_deferred_sensor_stops_looking_when_its_task_is_decided_by_hand(string action)
    {
        var looking = 0;
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var engine = await EngineHarness.StartAsync(new DagBuilder("d").Sensor("wait", async (_, token) =>
        {
            if (Interlocked.Increment(ref looking) > 1)
            {
                return true;
            }

            await using var registration = token.Register(() => stopped.TrySetResult());
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            return false;
        }, new SensorOptions(TimeSpan.FromMinutes(1), null, SensorMode.Deferred)).Build());
        var runId = await engine.Engine.TriggerAsync("d", cancellationToken: Token);
        await engine.UntilTaskAsync(runId, "wait", TaskState.Deferred);

        await (action switch
        {
            "cancel" => engine.Engine.CancelRunAsync(runId, Token),
            "mark" => engine.Engine.MarkAsync(runId, "wait", TaskState.Success, cancellationToken: Token),
            _ => (Task)engine.Engine.ClearAsync(runId, cancellationToken: Token),
        });

        await stopped.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
        await engine.Engine.WaitForRunAsync(runId, Token);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_task_marked_success_in_a_run_that_ended_lets_the_next_run_go_on(bool restarts)
    {
        var fails = true;
        var dag = new DagBuilder("d").Schedule(Timetable.Cron("0 0 * * *"), catchup: true, start: Start.AddDays(-2))
            .Task("a", (_, _) => fails ? throw new InvalidOperationException() : Task.CompletedTask, t => t.DependsOnPast()).Build();
        await using var host = await OrchestratorTestHost.StartAsync(dag, Options, Token);
        var runs = await host.RunsAsync("d", Token);
        Assert.Equal([DagRunState.Failed, DagRunState.Running], runs.Select(run => run.State));
        fails = false;
        if (restarts)
        {
            await host.RestartAsync(cancellationToken: Token);
        }

        await host.Engine.MarkAsync(runs[0].Id, "a", TaskState.Success, cancellationToken: Token);

        Assert.Equal(DagRunState.Success, (await host.EndAsync(runs[1].Id, TimeSpan.FromHours(1), Token)).Run.State);
    }

    [Fact]
    public async Task A_run_that_is_cleared_goes_before_the_later_run_that_waits_for_it()
    {
        var dag = new DagBuilder("d").Schedule(Timetable.Cron("0 0 * * *"), catchup: true, start: Start.AddDays(-2)).MaxActiveRuns(1)
            .Task("a", Nothing).Task("b", Nothing, t => t.After("a").DependsOnPast()).Build();
        var options = Options;
        options.Script = starting => starting.Task("d", "a").Takes(TimeSpan.FromHours(1));
        await using var host = await OrchestratorTestHost.StartAsync(dag, options, Token);
        await host.AdvanceAsync(TimeSpan.FromMinutes(90), Token);
        var runs = await host.RunsAsync("d", Token);
        Assert.Equal([DagRunState.Success, DagRunState.Running], runs.Select(run => run.State));

        await host.Engine.ClearAsync(runs[0].Id, cancellationToken: Token);

        Assert.Equal(DagRunState.Success, (await host.EndAsync(runs[1].Id, TimeSpan.FromHours(8), Token)).Run.State);
        Assert.Equal(DagRunState.Success, (await host.TableAsync(runs[0].Id, Token)).Run.State);
    }

    [Fact]
    public async Task A_cancelled_run_makes_no_further_instances()
    {
        var ran = 0;
        var dag = new DagBuilder("d").Task("list", (_, _) => Task.FromResult(new[] { 1, 2, 3 })).Task("long", Nothing)
            .MapTask<int>("each", MapSource.Over("list"), (_, _, _) =>
            {
                ran++;
                return Task.CompletedTask;
            }, t => t.After("long").TriggerRule(TriggerRule.AllDone))
            .Task("end", Nothing, t => t.After("each").TriggerRule(TriggerRule.AllDone)).Build();
        await using var host = await OrchestratorTestHost.StartAsync(dag, Options, Token);
        host.Task("d", "long").Hold();
        var runId = await host.TriggerAsync("d", cancellationToken: Token);
        await host.SettleAsync(Token);

        await host.Engine.CancelRunAsync(runId, Token);
        await host.AdvanceAsync(TimeSpan.FromHours(1), Token);

        var table = await host.TableAsync(runId, Token);
        Assert.Equal(0, ran);
        Assert.Equal(DagRunState.Cancelled, table.Run.State);
        Assert.All(table.Tasks, task => Assert.True(task.State.IsFinal(), $"{task.TaskId} is {task.State}"));
    }

    [Fact]
    public async Task A_deadline_is_told_also_of_a_run_that_waits_for_its_turn()
    {
        var dag = new DagBuilder("d").MaxActiveRuns(1).Deadline(TimeSpan.FromMinutes(30)).Task("a", Nothing).Build();
        await using var host = await OrchestratorTestHost.StartAsync(dag, Options, Token);
        host.Task("d", "a").Takes(TimeSpan.FromHours(2));
        var first = await host.TriggerAsync("d", cancellationToken: Token);
        var second = await host.TriggerAsync("d", cancellationToken: Token);

        await host.AdvanceAsync(TimeSpan.FromMinutes(31), Token);

        Assert.Equal([first, second], Missed(host));
        await host.RunUntilIdleAsync(cancellationToken: Token);
        Assert.Equal([first, second], Missed(host));
    }

    [Fact]
    public async Task A_deadline_that_passed_while_no_scheduler_was_there_is_told_by_the_next()
    {
        var dag = new DagBuilder("d").Deadline(TimeSpan.FromMinutes(30)).Task("a", Nothing).Build();
        var store = new InMemoryOrchestratorStore();
        var options = Options;
        options.Store = store;
        options.Script = starting => starting.Task("d", "a").Takes(TimeSpan.FromHours(2));
        long runId;
        await using (var host = await OrchestratorTestHost.StartAsync(dag, options, Token))
        {
            runId = await host.TriggerAsync("d", cancellationToken: Token);
            await host.AdvanceAsync(TimeSpan.FromMinutes(10), Token);
        }

        options.Start = Start.AddHours(1);
        await using var next = await OrchestratorTestHost.StartAsync(dag, options, Token);
        await next.SettleAsync(Token);

        Assert.Equal([runId], Missed(next));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_cleared_task_needs_is_set_up_again_also_from_further_above(bool onlyFailed)
    {
        var fails = true;
        var dag = new DagBuilder("d").Task("up", Nothing, t => t.Setup()).Task("first", Nothing, t => t.After("up"))
            .Task("second", (_, _) => fails ? throw new InvalidOperationException() : Task.CompletedTask, t => t.After("first"))
            .Task("down", Nothing, t => t.After("second").Teardown("up")).Build();
        await using var host = await OrchestratorTestHost.StartAsync(dag, Options, Token);
        var run = await host.RunAsync("d", cancellationToken: Token);
        fails = false;

        await host.Engine.ClearAsync(run.Run.Id, onlyFailed ? new ClearRequest { OnlyFailed = true } : new ClearRequest { TaskIds = ["second"] }, Token);
        var table = await host.EndAsync(run.Run.Id, cancellationToken: Token);

        Assert.Equal(DagRunState.Success, table.Run.State);
        Assert.Equal(
            [("down", 2), ("first", 1), ("second", 2), ("up", 2)], table.Tasks.Select(task => (task.TaskId, task.Try)).OrderBy(task => task.TaskId));
    }

    [Fact]
    public async Task An_instance_that_was_removed_is_neither_cleared_nor_marked()
    {
        var items = new[] { 1, 2, 3 };
        var dag = new DagBuilder("d").Task("list", (_, _) => Task.FromResult(items))
            .MapTask<int>("each", MapSource.Over("list"), (_, _, _) => Task.CompletedTask).Build();
        await using var host = await OrchestratorTestHost.StartAsync(dag, Options, Token);
        var runId = (await host.RunAsync("d", cancellationToken: Token)).Run.Id;
        items = [1, 2];
        await host.Engine.ClearAsync(runId, cancellationToken: Token);
        (await host.EndAsync(runId, cancellationToken: Token)).Expect("list=Success each=Success*2+Removed*1");

        Assert.Equal(0, await host.Engine.ClearAsync(runId, new ClearRequest { TaskIds = ["each"], MapIndex = 2 }, Token));
        Assert.Equal(2, await host.Engine.MarkAsync(runId, "each", TaskState.Failed, cancellationToken: Token));

        (await host.TableAsync(runId, Token)).Expect("list=Success each=Failed*2+Removed*1");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_task_marked_success_lets_what_it_held_back_go_on_with_what_that_needs(bool hasEnded)
    {
        var dag = new DagBuilder("d").Task("up", Nothing, t => t.Setup()).Task("a", (_, _) => throw new InvalidOperationException(), t => t.After("up"))
            .Task("b", Nothing, t => t.After("a")).Task("bad", (_, _) => throw new InvalidOperationException())
            .Task("c", Nothing, t => t.After("b", "bad").TriggerRule(TriggerRule.AllDone)).Task("never", Nothing, t => t.After("b", "bad"))
            .Task("down", Nothing, t => t.After("b").Teardown("up")).Task("long", Nothing).Build();
        await using var host = await OrchestratorTestHost.StartAsync(dag, Options, Token);
        host.Task("d", "long").Takes(TimeSpan.FromHours(hasEnded ? 0 : 1));
        var runId = await host.TriggerAsync("d", cancellationToken: Token);
        await host.AdvanceAsync(TimeSpan.FromMinutes(1), Token);
        (await host.TableAsync(runId, Token)).Expect("a=Failed b=UpstreamFailed c=Success never=UpstreamFailed down=Success");

        Assert.Equal(1, await host.Engine.MarkAsync(runId, "a", TaskState.Success, cancellationToken: Token));

        var table = await host.EndAsync(runId, cancellationToken: Token);
        table.Expect("up=Success a=Success b=Success c=Success never=UpstreamFailed down=Success");
        Assert.Equal([("b", 1), ("c", 1), ("down", 2), ("up", 2)], table.Tasks.Where(task => task.TaskId is "b" or "c" or "down" or "up")
            .Select(task => (task.TaskId, task.Try)).OrderBy(task => task.TaskId));
    }

    [Theory]
    [InlineData(null, "09 00:00")]
    [InlineData("2026-01-05T13:00:00Z", "04 00:00")]
    public async Task A_run_by_hand_is_about_the_latest_interval_that_is_complete(string? logicalDate, string start)
    {
        DataInterval seen = default;
        var dag = new DagBuilder("d").Schedule(Timetable.Cron("0 0 * * *")).Task("a", (context, _) =>
        {
            seen = context.DataInterval;
            return Task.CompletedTask;
        }).Build();
        await using var host = await OrchestratorTestHost.StartAsync(dag, Options, Token);
        await host.AdvanceAsync(TimeSpan.FromHours(12), Token);

        DateTimeOffset? date = logicalDate is null ? null : DateTimeOffset.Parse(logicalDate, CultureInfo.InvariantCulture);
        var run = (await host.EndAsync(await host.Engine.TriggerAsync("d", logicalDate: date, cancellationToken: Token), cancellationToken: Token)).Run;

        Assert.Equal((date ?? Start.AddHours(12), DagRunKind.Manual), (run.LogicalDate, run.Kind));
        Assert.Equal(start, run.Interval.Start.ToString("dd HH:mm", CultureInfo.InvariantCulture));
        Assert.Equal((TimeSpan.FromDays(1), run.Interval), (seen.End - seen.Start, seen));
    }

    [Fact]
    public async Task A_run_by_hand_of_a_dag_without_intervals_is_about_its_instant()
    {
        await using var host = await OrchestratorTestHost.StartAsync(
            [new DagBuilder("none").Task("a", Nothing).Build(), new DagBuilder("point").Schedule(Timetable.CronPoint("0 0 * * *")).Task("a", Nothing).Build()],
            Options, Token);

        Assert.Equal(DataInterval.At(Start), (await host.RunAsync("none", cancellationToken: Token)).Run.Interval);
        Assert.Equal(DataInterval.At(Start), (await host.RunAsync("point", cancellationToken: Token)).Run.Interval);
    }

    [Fact]
    public async Task A_limit_that_no_timer_can_count_to_is_none()
    {
        await using var engine = await EngineHarness.StartAsync(new DagBuilder("d").Task("a", Nothing, t => t.Timeout(TimeSpan.MaxValue)).Build());

        Assert.Equal(DagRunState.Success, (await engine.RunAsync("d")).State);
    }

    [Fact]
    public async Task States_of_ended_runs_are_forgotten_when_no_run_looks_at_them_any_more()
    {
        var dag = new DagBuilder("d").Schedule(Timetable.Cron("0 * * * *")).Task("a", Nothing, t => t.DependsOnPast()).Build();
        await using var host = await OrchestratorTestHost.StartAsync(dag, Options, Token);

        await host.AdvanceAsync(TimeSpan.FromDays(3), Token);

        Assert.Equal(72, (await host.RunsAsync("d", Token)).Count(run => run.State == DagRunState.Success));
        Assert.InRange(await host.Engine.CountRememberedAsync(Token), 0, 1);
    }

    [Fact]
    public async Task Dates_of_a_backfill_look_at_the_date_before_though_newer_runs_were_made_between_them()
    {
        var dag = new DagBuilder("d").Schedule(Timetable.Cron("0 0 * * *"))
            .Task("a", (context, _) => context.LogicalDate.Day == 10 ? throw new InvalidOperationException() : Task.CompletedTask, t => t.DependsOnPast())
            .Build();
        await using var host = await OrchestratorTestHost.StartAsync(dag, Options, Token);
        host.Task("d", "a").Takes(context => context.LogicalDate.Day == 10 ? TimeSpan.FromMinutes(1) : TimeSpan.FromHours(20));
        var (backfill, _) = await host.Engine.BackfillAsync("d", Range(5, 7), Token);

        // On the second day the run of the 10th is made, and fails, while the backfill is at its second date.
        await host.AdvanceAsync(TimeSpan.FromDays(4), Token);

        Assert.All(await host.Store.ListBackfillRunsAsync(backfill!.Id, Token), date => Assert.Equal(BackfillRunState.Done, date.State));
        Assert.All(
            (await host.RunsAsync("d", Token)).Where(run => run.Kind == DagRunKind.Backfill), run => Assert.Equal(DagRunState.Success, run.State));
    }

    [Fact]
    public async Task An_executor_that_loses_tries_again_and_again_is_given_time()
    {
        var isOut = true;
        List<DateTimeOffset> tries = [];
        await using var host = await OrchestratorTestHost.StartAsync(new DagBuilder("d").Task("a", Nothing).Build(), Options, Token);
        host.Task("d", "a").Answers(_ =>
        {
            tries.Add(host.Now);
            return isOut ? TaskOutcome.Infrastructure("the cluster does not answer") : TaskOutcome.Success;
        });
        var runId = await host.TriggerAsync("d", cancellationToken: Token);

        await host.AdvanceAsync(TimeSpan.FromMinutes(2), Token);

        Assert.Equal(tries[0], tries[1]);
        Assert.InRange(tries.Count, 6, 20);
        Assert.All(tries.Skip(1).Zip(tries.Skip(2)), pair => Assert.InRange(pair.Second - pair.First, TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(30)));
        Assert.Contains("lost tries", Assert.Single(await host.Engine.ExplainAsync(runId, Token)).Text, StringComparison.Ordinal);
        isOut = false;
        (await host.EndAsync(runId, TimeSpan.FromMinutes(1), Token)).Expect(DagRunState.Success);
    }

    [Fact]
    public async Task A_note_is_kept_such_that_every_store_takes_it()
    {
        await using var host = await OrchestratorTestHost.StartAsync(new DagBuilder("d").Task("a", Nothing).Build(), Options, Token);
        host.Task("d", "a").Answers(_ => TaskOutcome.Failed("nul \0, half \uD83D, whole \uD83D\uDE00"));

        var note = Assert.Single((await host.RunAsync("d", cancellationToken: Token)).Tasks).Note;

        Assert.Equal("nul \uFFFD, half \uFFFD, whole \uD83D\uDE00", note);
    }

    [Fact]
    public async Task A_note_that_is_too_long_keeps_its_beginning_and_its_end()
    {
        await using var host = await OrchestratorTestHost.StartAsync(new DagBuilder("d").Task("a", Nothing).Build(), Options, Token);
        host.Task("d", "a").Answers(_ => TaskOutcome.Failed("first" + new string('x', 1_000_000) + "last"));

        var note = Assert.Single((await host.RunAsync("d", cancellationToken: Token)).Tasks).Note!;

        Assert.InRange(note.Length, 10_000, 20_000);
        Assert.StartsWith("first", note, StringComparison.Ordinal);
        Assert.EndsWith("last", note, StringComparison.Ordinal);
    }

    private ValueTask<SqliteOrchestratorStore> OpenAsync() =>
        SqliteOrchestratorStore.OpenAsync(Path.Combine(_folder.FullName, "o.db"), cancellationToken: Token);

    private static IEnumerable<long> Missed(OrchestratorTestHost host) =>
        host.Events.Where(happening => happening.Kind == OrchestratorEventKind.DeadlineMissed).Select(happening => happening.RunId);

    private static BackfillRequest Range(int from, int to) =>
        new() { From = new DateTimeOffset(2026, 1, from, 0, 0, 0, TimeSpan.Zero), To = new DateTimeOffset(2026, 1, to, 0, 0, 0, TimeSpan.Zero) };
}
