using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Orchestrator.Tests.Metadata;

/// <summary>What every store answers to those who look, and what its audit log keeps: one contract, run for each.</summary>
public abstract class HistoryContract : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    private IOrchestratorStore _store = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = await OpenAsync();
        var dag = Version("1");
        await _store.RegisterAsync([dag], Start, Token);
        await _store.RegisterAsync([Version("2"), new DagBuilder("other").Task("a", (_, _) => Task.CompletedTask).Build()], Start.AddDays(1), Token);
        var batch = new StoreBatch { Term = await _store.ClaimAsync("me", Token) };
        for (var i = 1; i <= 6; i++)
        {
            batch.Runs.Add(Run(i, dag, (DagRunState)(i % 2 + 2), Start.AddDays(i / 3)));
        }

        foreach (var (run, number, map, state) in (IReadOnlyList<(long, int, int, TaskState)>)
            [(1, 0, -1, TaskState.Success), (1, 1, 0, TaskState.Success), (1, 1, 1, TaskState.Failed), (1, 1, 2, TaskState.Success), (2, 0, -1, TaskState.Failed)])
        {
            batch.Tasks.Add(new TaskInstance { Key = new TaskKey(run, number, map), TaskId = number == 0 ? "a" : "b", State = state, Try = 2 });
        }

        batch.Tries.Add(new TaskInstance { Key = new TaskKey(1, 0, -1), TaskId = "a", State = TaskState.Failed, Try = 1 });
        foreach (var (run, number, map, name) in (IReadOnlyList<(long, int, int, string)>)
            [(1, 1, 2, "x"), (1, 1, 1, "y"), (1, 1, 1, "x"), (1, 0, -1, "x"), (2, 1, 1, "x")])
        {
            batch.XComs.Add(new XComValue(new TaskKey(run, number, map), number == 0 ? "a" : "b", name, "1"));
        }

        batch.Datasets.Add(new DatasetProgress("d", new DatasetId("lake/x"), 5, 3));
        batch.Backfills.Add(new Backfill { Id = 1, DagId = "d", Request = new BackfillRequest { From = Start, To = Start.AddDays(4) }, CreatedAt = Start });
        BackfillRunState[] states = [BackfillRunState.Done, BackfillRunState.Done, BackfillRunState.Skipped, BackfillRunState.Running, BackfillRunState.Pending];
        batch.BackfillRuns.AddRange(states.Select((state, i) => new BackfillRun(
            1, i, new ScheduledFire(DataInterval.At(Start.AddDays(i)), Start.AddDays(i), Start.AddDays(i)), state, state == BackfillRunState.Done ? i + 1 : null, null)));
        await _store.CommitAsync(batch, Token);
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_store is not null)
        {
            await _store.DisposeAsync();
        }
    }

    [Fact]
    public async Task Heads_versions_and_recent_runs_are_listed_in_order()
    {
        var history = _store.History;

        Assert.Equal(["d", "other"], (await history.ListHeadsAsync(Token)).Select(head => head.Id));
        Assert.Equal([6L, 5L], (await history.ListRecentRunsAsync(["other", "d"], 2, Token)).Select(run => run.Id));
        var versions = await history.ListVersionsAsync("d", null, 10, Token);
        Assert.Equal([Version("2").Hash, Version("1").Hash], versions.Select(version => version.Hash));
        Assert.Equal([Version("1").Hash], (await history.ListVersionsAsync("d", versions[0].RegisteredAt, 10, Token)).Select(version => version.Hash));
        Assert.Equal(new DatasetProgress("d", new DatasetId("lake/x"), 5, 3), Assert.Single(await history.ListDatasetProgressAsync(Token)));
    }

    [Fact]
    public async Task Runs_are_counted_by_day_and_tasks_by_state()
    {
        var day = DateOnly.FromDateTime(Start.UtcDateTime);

        Assert.Equal(
            [new DayCount(day, DagRunState.Success, 1), new DayCount(day, DagRunState.Failed, 1), new DayCount(day.AddDays(1), DagRunState.Success, 1), new DayCount(day.AddDays(1), DagRunState.Failed, 2)],
            await _store.History.CountByDayAsync("d", day, day.AddDays(1), Token));
        Assert.Equal(
            [new TaskStateCount(1, 0, TaskState.Success, 1), new TaskStateCount(1, 1, TaskState.Success, 2), new TaskStateCount(1, 1, TaskState.Failed, 1), new TaskStateCount(2, 0, TaskState.Failed, 1)],
            await _store.History.CountTaskStatesAsync([2, 1, 99], Token));
    }

    [Fact]
    public async Task Task_instances_are_paged_filtered_and_keep_their_tries()
    {
        var history = _store.History;
        var first = await history.ListTasksAsync(new TaskQuery { RunId = 1, Limit = 2 }, Token);
        var rest = await history.ListTasksAsync(new TaskQuery { RunId = 1, After = (first[^1].Key.TaskNumber, first[^1].Key.MapIndex) }, Token);

        Assert.Equal([(0, -1), (1, 0), (1, 1), (1, 2)], first.Concat(rest).Select(task => (task.Key.TaskNumber, task.Key.MapIndex)));
        Assert.Equal(1, Assert.Single(await history.ListTasksAsync(new TaskQuery { RunId = 1, State = TaskState.Failed }, Token)).Key.MapIndex);
        Assert.Equal(2, Assert.Single(await history.ListTasksAsync(new TaskQuery { RunId = 1, TaskId = "b", MapIndex = 2 }, Token)).Key.MapIndex);
        Assert.Equal(1, Assert.Single(await history.ListTriesAsync(new TaskKey(1, 0, -1), Token)).Try);
        Assert.Empty(await history.ListTriesAsync(new TaskKey(2, 0, -1), Token));
    }

    [Fact]
    public async Task Values_of_one_task_and_of_one_instance_are_read_alone()
    {
        async Task<IEnumerable<string>> NamesAsync(int number, int? map) =>
            (await _store.History.ListXComsAsync(1, number, map, Token)).Select(value => $"{value.TaskId}[{value.Key.MapIndex}].{value.Name}");

        Assert.Equal(["b[1].x", "b[1].y", "b[2].x"], await NamesAsync(1, null));
        Assert.Equal(["b[1].x", "b[1].y"], await NamesAsync(1, 1));
        Assert.Equal(["a[-1].x"], await NamesAsync(0, -1));
        Assert.Empty(await NamesAsync(2, null));
        Assert.Equal(4, (await _store.ListXComsAsync(1, Token)).Count);
    }

    [Fact]
    public async Task Runs_are_filtered_by_everything_at_once()
    {
        async Task<IEnumerable<long>> IdsAsync(RunQuery query) => (await _store.ListRunsAsync(query, Token)).Select(run => run.Id);

        Assert.Equal([6L, 4L, 2L], await IdsAsync(new RunQuery { State = DagRunState.Success }));
        Assert.Equal([5L, 3L], await IdsAsync(new RunQuery { State = DagRunState.Failed, DagId = "d", Limit = 2 }));
        Assert.Equal([3L, 1L], await IdsAsync(new RunQuery { State = DagRunState.Failed, DagId = "d", BeforeId = 5 }));
        Assert.Equal([4L], await IdsAsync(new RunQuery { State = DagRunState.Success, LogicalFrom = Start.AddDays(1), LogicalTo = Start.AddDays(1) }));
        Assert.Empty(await IdsAsync(new RunQuery { State = DagRunState.Success, DagId = "other" }));
    }

    [Fact]
    public async Task A_backfill_is_found_paged_and_counted_by_how_its_runs_ended()
    {
        var history = _store.History;

        Assert.Equal("d", (await history.FindBackfillAsync(1, Token))!.DagId);
        Assert.Null(await history.FindBackfillAsync(2, Token));
        Assert.Single(await history.ListBackfillsAsync("d", null, 10, Token));
        Assert.Empty(await history.ListBackfillsAsync(null, 1, 10, Token));
        Assert.Equal([2, 3], (await history.ListBackfillRunsAsync(1, 1, 2, Token)).Select(run => run.Ordinal));

        // Run 1 failed, run 2 succeeded: see the states above.
        Assert.Equal(new BackfillProgress(1, 1, 1, 1, 1), await history.CountBackfillRunsAsync(1, Token));
    }

    [Fact]
    public async Task An_action_is_kept_as_begun_until_it_ends_and_its_end_is_final()
    {
        var audit = _store.Audit;
        var entry = new AuditEntry { At = Start, Actor = "ada", From = "page ::1", Action = "run.clear", DagId = "d", RunId = 1, Detail = """{"x":1}""" };
        var first = await audit.BeginAsync(entry, Token);
        var second = await audit.BeginAsync(entry with { Actor = "bob", RunId = null, DagId = null, Detail = null }, Token);
        await audit.EndAsync(second, AuditOutcome.Refused, new string('x', AuditEntry.ResultLengthMax + 5), Token);
        await audit.EndAsync(second, AuditOutcome.Done, "again", Token);

        var all = await audit.ListAsync(new AuditQuery(), Token);
        Assert.Equal([second, first], all.Select(known => known.Id));
        Assert.Equal(entry with { Id = first, Outcome = AuditOutcome.Begun }, all[1]);
        Assert.Equal((AuditOutcome.Refused, AuditEntry.ResultLengthMax), (all[0].Outcome, all[0].Result!.Length));
        Assert.Equal(first, Assert.Single(await audit.ListAsync(new AuditQuery { DagId = "d", RunId = 1, Actor = "ada", BeforeId = second }, Token)).Id);
        Assert.Empty(await audit.ListAsync(new AuditQuery { Actor = "eve" }, Token));
    }

    /// <summary>A store without anything in it.</summary>
    protected abstract Task<IOrchestratorStore> OpenAsync();

    private static Dag Version(string version) => new DagBuilder("d").Version(version).Task("a", (_, _) => Task.CompletedTask).Task("b", (_, _) => Task.CompletedTask).Build();

    private static DagRun Run(long id, Dag dag, DagRunState state, DateTimeOffset date) => new()
    {
        Id = id,
        DagId = dag.Id,
        DagHash = dag.Hash,
        Kind = DagRunKind.Manual,
        State = state,
        Interval = DataInterval.At(date),
        LogicalDate = date,
        RunAfter = date,
        CreatedAt = date,
        StartedAt = date,
        EndedAt = date,
    };
}
