using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Diagnostics;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Schedules;
using DataPlatform.Orchestrator.Testing;

namespace DataPlatform.Orchestrator.Tests.Testing;

public sealed class OrchestratorTestHostTests
{
    private static readonly Func<TaskContext, CancellationToken, Task> Nothing = (_, _) => Task.CompletedTask;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Thirty_days_of_schedules_retries_and_restarts_are_the_same_each_time()
    {
        var first = await MonthAsync();
        var second = await MonthAsync();

        Assert.Equal(30 * 24, first.Runs.Count);
        Assert.All(first.Runs, run => Assert.Equal(DagRunState.Success, run.State));
        Assert.Equal(240, first.Events.Count(happening => happening.Kind == OrchestratorEventKind.TaskRetrying));
        Assert.Equal(first.Events, second.Events);
        Assert.Equal(first.Runs.Select(run => (run.StartedAt, run.EndedAt)), second.Runs.Select(run => (run.StartedAt, run.EndedAt)));

        static async Task<(IReadOnlyList<DagRun> Runs, IReadOnlyList<OrchestratorEvent> Events)> MonthAsync()
        {
            var dag = new DagBuilder("hourly").Schedule(Timetable.Cron("0 * * * *"), catchup: true)
                .Task("load", (context, _) => context.Try == 1 && context.LogicalDate.Hour % 3 == 0
                    ? throw new InvalidOperationException("each third hour") : Task.CompletedTask,
                    t => t.Retries(2, Backoff.Exponential(TimeSpan.FromMinutes(2))))
                .Task("left", Nothing, t => t.After("load")).Task("right", Nothing, t => t.After("load"))
                .Task("join", Nothing, t => t.After("left", "right")).Build();
            await using var host = await OrchestratorTestHost.StartAsync(dag, cancellationToken: Token);
            host.Task("hourly", "left").Takes(TimeSpan.FromMinutes(7));
            host.Task("hourly", "right").Takes(context => TimeSpan.FromSeconds(context.LogicalDate.Hour + 1));
            for (var day = 0; day < 30; day++)
            {
                await host.AdvanceAsync(TimeSpan.FromDays(1), Token);
                await host.RestartAsync(cancellationToken: Token);
            }

            await host.AdvanceAsync(TimeSpan.FromMinutes(30), Token);
            return (await host.RunsAsync("hourly", Token), [.. host.Events]);
        }
    }

    [Fact]
    public async Task Durations_time_limits_and_back_off_pass_on_the_hosts_clock_only()
    {
        var dag = new DagBuilder("d")
            .Task("slow", Nothing, t => t.Timeout(TimeSpan.FromHours(1)).Retries(1, Backoff.Constant(TimeSpan.FromMinutes(10))))
            .Task("after", Nothing, t => t.After("slow")).Build();
        await using var host = await OrchestratorTestHost.StartAsync(dag, cancellationToken: Token);
        host.Task("d", "slow").Takes(context => TimeSpan.FromHours(context.Try == 1 ? 2 : 0.5));
        var start = host.Now;

        var table = await host.RunAsync("d", cancellationToken: Token);

        table.Expect("slow=Success after=Success").Expect(DagRunState.Success);
        Assert.Equal(start + TimeSpan.FromMinutes(60 + 10 + 30), table.Run.EndedAt);
        Assert.Contains(host.Events, happening => happening.Kind == OrchestratorEventKind.TaskRetrying
            && happening.Note!.Contains("longer than its time limit", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_lost_try_goes_on_with_an_epoch_that_is_over()
    {
        List<(long Epoch, DateTimeOffset At)> written = [];
        OrchestratorTestHost host = null!;
        var dag = new DagBuilder("d").Task("write", (context, _) =>
        {
            written.Add((context.Epoch, host.Now));
            return Task.CompletedTask;
        }).Build();
        await using var started = host = await OrchestratorTestHost.StartAsync(dag, cancellationToken: Token);
        host.Task("d", "write").Takes(context => TimeSpan.FromMinutes(context.Epoch == 1 ? 30 : 5));
        var runId = await host.TriggerAsync("d", cancellationToken: Token);
        await host.AdvanceAsync(TimeSpan.FromMinutes(1), Token);

        Assert.Equal(1, host.Task("d", "write").Lose());
        var table = await host.EndAsync(runId, cancellationToken: Token);
        await host.AdvanceAsync(TimeSpan.FromHours(1), Token);

        Assert.Equal([(2, table.Run.EndedAt!.Value), (1, table.Run.StartedAt!.Value.AddMinutes(30))], written);
        Assert.Equal((1, 0), (table.Tasks[0].InfrastructureFailures, table.Tasks[0].Failures));
    }

    [Fact]
    public async Task A_killed_scheduler_loses_the_try_that_ran_and_the_next_one_starts_it_again()
    {
        var dag = new DagBuilder("d").Task("a", Nothing).Task("b", Nothing, t => t.After("a")).Build();
        await using var host = await OrchestratorTestHost.StartAsync(dag, cancellationToken: Token);
        host.Task("d", "b").Hold();
        var runId = await host.TriggerAsync("d", cancellationToken: Token);
        (await host.TableAsync(runId, Token)).Expect("a=Success b=Running");

        await host.RestartAsync(cancellationToken: Token);
        host.Task("d", "b").Release();
        var table = await host.EndAsync(runId, cancellationToken: Token);

        table.Expect("a=Success b=Success");
        Assert.Equal((2, 1), (table.Tasks[1].Try, table.Tasks[1].InfrastructureFailures));
    }

    [Fact]
    public async Task Code_and_sensors_that_wait_for_the_clock_let_it_go_on()
    {
        OrchestratorTestHost host = null!;
        var openAt = new DateTimeOffset(2026, 1, 1, 6, 0, 0, TimeSpan.Zero);
        var dag = new DagBuilder("d")
            .Sensor("poked", (_, _) => Task.FromResult(host.Now >= openAt), new SensorOptions(TimeSpan.FromMinutes(10), Mode: SensorMode.Poke))
            .Sensor("deferred", (_, _) => Task.FromResult(host.Now >= openAt), new SensorOptions(TimeSpan.FromMinutes(7), Mode: SensorMode.Deferred))
            .Task("code", async (_, token) =>
            {
                using var timer = new PeriodicTimer(TimeSpan.FromMinutes(1), host.Clock);
                for (var i = 0; i < 5; i++)
                {
                    await timer.WaitForNextTickAsync(token);
                }

                await Task.WhenAny(Task.Delay(TimeSpan.FromMinutes(1), host.Clock, token), Task.Delay(TimeSpan.FromHours(9), host.Clock, token));
            }).Build();
        await using var started = host = await OrchestratorTestHost.StartAsync(dag, cancellationToken: Token);

        var table = await host.RunAsync("d", cancellationToken: Token);

        table.Expect("poked=Success deferred=Success code=Success");
        Assert.Equal(
            [openAt, openAt.AddMinutes(4), openAt.AddHours(-6).AddMinutes(6)],
            new[] { "poked", "deferred", "code" }.Select(id => table.Tasks.Single(task => task.TaskId == id).EndedAt!.Value));
    }

    [Fact]
    public async Task What_never_comes_is_told_with_the_reason_of_each_task()
    {
        var dag = new DagBuilder("d").Task("a", Nothing).Task("b", Nothing, t => t.After("a").Pool("one")).Task("c", Nothing, t => t.Pool("one"))
            .Build();
        await using var host = await OrchestratorTestHost.StartAsync(
            dag, new OrchestratorTestOptions { Engine = { Pools = { ["one"] = 1 } } }, Token);
        host.Task("d", "c").Hold();

        var error = await Assert.ThrowsAsync<OrchestratorTestException>(() => host.RunAsync("d", limit: TimeSpan.FromHours(1), cancellationToken: Token));

        Assert.Contains("b is Ready: it needs 1 slots; pool one has 0 of 1 free", error.Message, StringComparison.Ordinal);
        Assert.Throws<DagException>(() => host.Task("d", "x"));
        var wrong = await Assert.ThrowsAsync<OrchestratorTestException>(async () => (await host.TableAsync(1, Token)).Expect("a=Failed"));
        Assert.Contains("task 'a' should be Failed and is Success", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_executor_is_stood_in_for_and_commands_need_an_answer()
    {
        var dag = new DagBuilder("d").Command("command", "/no/such/program", [], t => t.Executor("pods"))
            .Command("unsaid", "/no/such/program", []).Task("other", Nothing, t => t.After("command", "unsaid").TriggerRule(TriggerRule.AllDone)).Build();
        await using var host = await OrchestratorTestHost.StartAsync(dag, cancellationToken: Token);
        host.Task("d", "command").Answers(_ => TaskOutcome.Success);

        var table = await host.RunAsync("d", cancellationToken: Token);

        table.Expect("command=Success unsaid=Failed other=Success");
        Assert.Contains("say what it answers", table.Tasks.Single(task => task.TaskId == "unsaid").Note, StringComparison.Ordinal);
        Assert.Equal("pods", table.Tasks.Single(task => task.TaskId == "command").Executor);
    }

    [Fact]
    public async Task Dataset_versions_start_runs_at_the_instant_they_are_published()
    {
        var arrivals = new DatasetId("lake/arrivals");
        await using var host = await OrchestratorTestHost.StartAsync(
            new DagBuilder("mart").OnDataset(arrivals).Task("a", Nothing).Build(), cancellationToken: Token);
        host.Task("mart", "a").Fails();

        await host.PublishAsync(new DatasetVersion(arrivals, 3), Token);
        await host.PublishAsync(new DatasetVersion(arrivals, 3), Token);
        await host.RunUntilIdleAsync(cancellationToken: Token);

        Assert.Equal(DagRunState.Failed, Assert.Single(await host.RunsAsync("mart", Token)).State);
    }
}
