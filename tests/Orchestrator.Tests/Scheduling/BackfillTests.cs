using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Schedules;
using DataPlatform.Orchestrator.Sqlite;
using DataPlatform.Orchestrator.Testing;

namespace DataPlatform.Orchestrator.Tests.Scheduling;

/// <summary>Semantics of backfills, each by name.</summary>
public sealed class BackfillTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 10, 0, 0, 0, TimeSpan.Zero);
    private static readonly Func<TaskContext, CancellationToken, Task> Nothing = (_, _) => Task.CompletedTask;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static OrchestratorTestOptions Options => new() { Start = Start };

    [Fact]
    public async Task Only_complete_intervals_are_filled_in_the_order_of_their_dates()
    {
        await using var host = await OrchestratorTestHost.StartAsync(Daily().Build(), Options, Token);
        await host.AdvanceAsync(TimeSpan.FromHours(12), Token);

        var (_, dates) = await host.Engine.BackfillAsync("d", Range(1, 30), Token);
        await host.RunUntilIdleAsync(cancellationToken: Token);

        // The interval of the 10th has not ended.
        Assert.Equal(Enumerable.Range(1, 9), dates.Select(date => date.Fire.LogicalDate.Day));
        Assert.Equal(Enumerable.Range(0, 9), dates.Select(date => date.Ordinal));
        Assert.Equal(Enumerable.Range(1, 9), (await host.RunsAsync("d", Token)).Select(run => run.LogicalDate.Day));
        Assert.Equal(BackfillState.Completed, (await host.Store.ListBackfillsAsync("d", Token)).Single().State);
    }

    [Fact]
    public async Task Ordinals_stay_as_they_were_made_though_the_schedule_changes_meanwhile()
    {
        await using var host = await OrchestratorTestHost.StartAsync(Daily().Build(), Options, Token);
        host.Task("d", "a").Takes(TimeSpan.FromHours(1));
        var (backfill, dates) = await host.Engine.BackfillAsync("d", Range(1, 6), Token);
        await host.AdvanceAsync(TimeSpan.FromMinutes(150), Token);

        await host.RestartAsync([Daily("0 */6 * * *").Build()], Token);
        await host.RunUntilIdleAsync(TimeSpan.FromDays(1), Token);

        var after = await host.Store.ListBackfillRunsAsync(backfill!.Id, Token);
        Assert.Equal(dates.Select(date => (date.Ordinal, date.Fire)), after.Select(date => (date.Ordinal, date.Fire)));
        Assert.All(after, date => Assert.Equal(BackfillRunState.Done, date.State));
    }

    [Fact]
    public async Task Reverse_begins_with_the_latest_date_and_is_refused_where_tasks_depend_on_the_past()
    {
        var past = new DagBuilder("past").Schedule(Timetable.Cron("0 0 * * *")).Task("a", Nothing, t => t.DependsOnPast()).Build();
        await using var host = await OrchestratorTestHost.StartAsync([Daily().Build(), past], Options, Token);

        await host.Engine.BackfillAsync("d", Range(1, 4) with { IsReverse = true }, Token);
        await host.RunUntilIdleAsync(cancellationToken: Token);
        var refused = await Assert.ThrowsAsync<OrchestratorException>(() => host.Engine.BackfillAsync("past", Range(1, 4) with { IsReverse = true }, Token));

        Assert.Equal([4, 3, 2, 1], (await host.RunsAsync("d", Token)).Select(run => run.LogicalDate.Day));
        Assert.Contains("cannot be reversed", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_in_flight_is_never_touched()
    {
        var options = Options;
        options.Script = starting => starting.Task("d", "a").Takes(TimeSpan.FromHours(3));
        await using var host = await OrchestratorTestHost.StartAsync(Daily(catchup: true, start: Start.AddDays(-2)).Build(), options, Token);
        await host.AdvanceAsync(TimeSpan.FromHours(1), Token);
        var before = await host.RunsAsync("d", Token);
        Assert.All(before, run => Assert.Equal(DagRunState.Running, run.State));

        var (_, dates) = await host.Engine.BackfillAsync("d", Range(7, 9) with { Reprocess = ReprocessMode.Completed }, Token);
        await host.RunUntilIdleAsync(cancellationToken: Token);

        Assert.Equal(
            [(7, null), (8, $"run {before[0].Id} is in flight"), (9, $"run {before[1].Id} is in flight")],
            dates.Select(date => (date.Fire.LogicalDate.Day, date.Note)));
        var after = await host.RunsAsync("d", Token);
        Assert.Equal(before.Select(run => (run.StartedAt, DagRunKind.Scheduled)), after.Take(2).Select(run => (run.StartedAt, run.Kind)));
        Assert.All(before, run => Assert.Single(host.Events, happening => happening.RunId == run.Id && happening.TaskId == "a"));
    }

    [Fact]
    public async Task It_has_its_own_limit_of_runs_beside_that_of_the_dag()
    {
        await using var host = await OrchestratorTestHost.StartAsync(Daily().MaxActiveRuns(1).Build(), Options, Token);
        host.Task("d", "a").Takes(TimeSpan.FromHours(1));
        var byHand = await host.TriggerAsync("d", cancellationToken: Token);
        await host.Engine.BackfillAsync("d", Range(1, 9) with { MaxActiveRuns = 3 }, Token);
        var most = 0;
        while ((await host.Store.ListBackfillsAsync("d", Token)).Single().State == BackfillState.Running)
        {
            var running = (await host.RunsAsync("d", Token)).Count(run => run.Kind == DagRunKind.Backfill && run.State == DagRunState.Running);
            most = Math.Max(most, running);
            await host.AdvanceAsync(TimeSpan.FromMinutes(10), Token);
        }

        Assert.Equal(3, most);
        Assert.Equal(host.Now, Start.AddHours(3));
        Assert.Equal(Start.AddHours(1), (await host.TableAsync(byHand, Token)).Run.EndedAt);
    }

    [Theory]
    [InlineData(ReprocessMode.None, "")]
    [InlineData(ReprocessMode.Failed, "2")]
    [InlineData(ReprocessMode.Completed, "1 2 3")]
    public async Task Reprocessing_says_which_ended_runs_run_again(ReprocessMode mode, string expected)
    {
        List<int> ran = [];
        var fails = true;
        var dag = Daily(body: (context, _) =>
        {
            ran.Add(context.LogicalDate.Day);
            return fails && context.LogicalDate.Day == 2 ? throw new InvalidOperationException() : Task.CompletedTask;
        }).Build();
        await using var host = await OrchestratorTestHost.StartAsync(dag, Options, Token);
        await host.Engine.BackfillAsync("d", Range(1, 3), Token);
        await host.RunUntilIdleAsync(cancellationToken: Token);
        (fails, var before) = (false, await host.RunsAsync("d", Token));
        ran.Clear();

        await host.Engine.BackfillAsync("d", Range(1, 3) with { Reprocess = mode }, Token);
        await host.RunUntilIdleAsync(cancellationToken: Token);

        Assert.Equal(expected, string.Join(' ', ran));
        Assert.Equal(before.Select(run => run.Id), (await host.RunsAsync("d", Token)).Select(run => run.Id));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_reprocessed_run_adopts_the_newest_version_and_its_tries_and_epochs_count_on(bool restarts, bool isFile)
    {
        var folder = isFile ? Directory.CreateTempSubdirectory("orchestrator-backfill-") : null;
        await using var file = isFile ? await SqliteOrchestratorStore.OpenAsync(Path.Combine(folder!.FullName, "o.db"), cancellationToken: Token) : null;
        var options = Options;
        options.Store = file;
        List<(string Task, int Try, long Epoch)> ran = [];
        Task Note(TaskContext context, CancellationToken token)
        {
            ran.Add((context.TaskId, context.Try, context.Epoch));
            return Task.CompletedTask;
        }

        var old = new DagBuilder("d").Schedule(Timetable.Cron("0 0 * * *")).Task("gone", Note).Task("list", (_, _) => Task.FromResult(new[] { 1, 2, 3 }))
            .MapTask<int>("each", MapSource.Over("list"), (context, _, token) => Note(context, token)).Task("end", Note, t => t.After("each", "gone")).Build();
        var fresh = new DagBuilder("d").Version("2").Schedule(Timetable.Cron("0 0 * * *")).Task("list", (_, _) => Task.FromResult(new[] { 1, 2 }))
            .MapTask<int>("each", MapSource.Over("list"), (context, _, token) => Note(context, token))
            .Task("new", Note, t => t.After("each")).Task("end", Note, t => t.After("new")).Build();
        await using var host = await OrchestratorTestHost.StartAsync(old, options, Token);
        await host.Engine.BackfillAsync("d", Range(1, 1), Token);
        await host.RunUntilIdleAsync(cancellationToken: Token);
        var run = Assert.Single(await host.RunsAsync("d", Token));
        ran.Clear();

        await host.RestartAsync([fresh], Token);
        host.Task("d", "new").Takes(TimeSpan.FromHours(1));
        await host.Engine.BackfillAsync("d", Range(1, 1) with { Reprocess = ReprocessMode.Completed, Conf = """{"why":"fix"}""" }, Token);
        await host.AdvanceAsync(TimeSpan.FromMinutes(10), Token);
        if (restarts)
        {
            await host.RestartAsync(cancellationToken: Token);
        }

        var table = await host.EndAsync(run.Id, cancellationToken: Token);

        Assert.Equal((fresh.Hash, DagRunState.Success, """{"why":"fix"}"""), (table.Run.DagHash, table.Run.State, table.Run.Conf));
        table.Expect("list=Success each=Success*2+Removed*1 new=Success end=Success");
        Assert.DoesNotContain(table.Tasks, task => task.TaskId == "gone");
        var tries = restarts ? 2 : 1;
        Assert.Equal([("each", 2, 2), ("each", 2, 2), ("new", tries, tries), ("end", 2, 2)], ran);
        var history = await host.Store.ListTriesAsync(run.Id, Token);
        Assert.Equal(["each", "each", "each", "end", "gone", "list"], history.Where(entry => entry.TaskId != "new").Select(entry => entry.TaskId).Order());
        folder?.Delete(recursive: true);
    }

    [Fact]
    public async Task The_first_date_of_a_backfill_does_not_wait_for_the_run_before_it()
    {
        var fails = true;
        var dag = new DagBuilder("d").Schedule(Timetable.Cron("0 0 * * *"), catchup: true, start: Start.AddDays(-1))
            .Task("a", (_, _) => fails ? throw new InvalidOperationException() : Task.CompletedTask, t => t.DependsOnPast()).Build();
        await using var host = await OrchestratorTestHost.StartAsync(dag, Options, Token);
        Assert.Equal(DagRunState.Failed, Assert.Single(await host.RunsAsync("d", Token)).State);
        fails = false;

        // The 9th failed; a backfill that begins after it works, a scheduled run would wait.
        await host.AdvanceAsync(TimeSpan.FromDays(1), Token);
        Assert.Equal(TaskState.None, (await host.TableAsync(2, Token)).Tasks.SingleOrDefault()?.State ?? TaskState.None);
        await host.Engine.CancelRunAsync(2, Token);
        await host.Engine.BackfillAsync("d", Range(10, 10) with { Reprocess = ReprocessMode.Failed }, Token);

        Assert.Equal(DagRunState.Success, (await host.EndAsync(2, TimeSpan.FromHours(1), Token)).Run.State);
    }

    [Fact]
    public async Task A_killed_scheduler_goes_on_from_the_store_and_pause_and_cancel_hold_over_it()
    {
        await using var host = await OrchestratorTestHost.StartAsync(Daily().Build(), Options, Token);
        host.Task("d", "a").Takes(TimeSpan.FromHours(1));
        var (backfill, _) = await host.Engine.BackfillAsync("d", Range(1, 9) with { MaxActiveRuns = 2 }, Token);
        for (var i = 0; i < 3; i++)
        {
            await host.AdvanceAsync(TimeSpan.FromMinutes(90), Token);
            await host.RestartAsync(cancellationToken: Token);
        }

        await host.Engine.SetBackfillAsync(backfill!.Id, BackfillState.Paused, Token);
        await host.AdvanceAsync(TimeSpan.FromHours(2), Token);
        await host.RestartAsync(cancellationToken: Token);
        await host.AdvanceAsync(TimeSpan.FromHours(2), Token);
        var paused = (await host.RunsAsync("d", Token)).Count;
        Assert.InRange(paused, 4, 8);
        await host.Engine.SetBackfillAsync(backfill.Id, BackfillState.Running, Token);
        await host.RunUntilIdleAsync(TimeSpan.FromHours(12), Token);

        Assert.Equal(Enumerable.Range(1, 9), (await host.RunsAsync("d", Token)).Select(run => run.LogicalDate.Day).Order());
        Assert.All(await host.RunsAsync("d", Token), run => Assert.Equal(DagRunState.Success, run.State));
        Assert.False(await host.Engine.SetBackfillAsync(backfill.Id, BackfillState.Cancelled, Token));
    }

    [Fact]
    public async Task A_range_without_a_beginning_is_refused_and_the_engine_goes_on()
    {
        await using var host = await OrchestratorTestHost.StartAsync(Daily().Build(), Options, Token);

        var refused = await Assert.ThrowsAsync<OrchestratorException>(() =>
            host.Engine.BackfillAsync("d", new BackfillRequest { From = DateTimeOffset.MinValue, To = Start }, Token));

        Assert.Contains("begins before 1900", refused.Message, StringComparison.Ordinal);
        (await host.RunAsync("d", cancellationToken: Token)).Expect(DagRunState.Success);
    }

    private static DagBuilder Daily(
        string cron = "0 0 * * *", bool catchup = false, DateTimeOffset? start = null, Func<TaskContext, CancellationToken, Task>? body = null) =>
        new DagBuilder("d").Schedule(Timetable.Cron(cron), catchup, start).Task("a", body ?? Nothing);

    private static BackfillRequest Range(int from, int to) =>
        new() { From = new DateTimeOffset(2026, 1, from, 0, 0, 0, TimeSpan.Zero), To = new DateTimeOffset(2026, 1, to, 0, 0, 0, TimeSpan.Zero) };
}
