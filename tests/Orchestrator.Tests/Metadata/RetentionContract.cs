using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Logs;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Schedules;
using DataPlatform.Orchestrator.Scheduling;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlatform.Orchestrator.Tests.Metadata;

/// <summary>What every store's retention keeps to, and the sweep over it: one contract, run for each.</summary>
public abstract class RetentionContract : IAsyncLifetime
{
    private const int Runs = 12;

    private static readonly DateTimeOffset Start = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    private readonly InMemoryObjectStore _objects = new();
    private IOrchestratorStore _store = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = await OpenAsync();
        var dag = new DagBuilder("d").Task("a", (_, _) => Task.CompletedTask).Build();
        await _store.RegisterAsync([dag], Start, Token);
        var batch = new StoreBatch { Term = await _store.ClaimAsync("me", Token) };
        for (var id = 1; id <= Runs; id++)
        {
            batch.Runs.Add(new DagRun
            {
                Id = id,
                DagId = "d",
                DagHash = dag.Hash,
                Kind = DagRunKind.Manual,
                State = id == 4 ? DagRunState.Running : DagRunState.Success,
                Interval = DataInterval.At(Start),
                LogicalDate = Start.AddMinutes(id),
                RunAfter = Start,
                CreatedAt = Start,
                StartedAt = Start,
                EndedAt = id == 4 ? null : Start.AddMinutes(id),
            });
            for (var map = 0; map < 3; map++)
            {
                var key = new TaskKey(id, 0, map);
                batch.Tasks.Add(new TaskInstance { Key = key, TaskId = "a", State = TaskState.Success, Try = 2 });
                batch.Tries.Add(new TaskInstance { Key = key, TaskId = "a", State = TaskState.Failed, Try = 1 });
                batch.XComs.Add(new XComValue(key, "a", "return_value", "1"));
            }

            await _objects.PutAsync($"logs/d/{id:D19}/a/0/1/000000.log", new byte[] { 1 }, Token);
            await _objects.PutAsync($"xcom/{id}/0.0.1/x.json", new byte[] { 1 }, Token);
        }

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
    public async Task What_a_pool_is_for_stays_until_something_else_is_said()
    {
        await _store.SetPoolAsync("db", 2, "the warehouse", Token);
        await _store.SetPoolAsync("db", 3, null, Token);
        await _store.SetPoolAsync("mail", 1, null, Token);
        Assert.Equal([("db", 3, "the warehouse"), ("mail", 1, null)], await PoolsAsync());

        await _store.SetPoolAsync("db", 3, string.Empty, Token);
        await _store.SetPoolAsync("mail", 1, "the post", Token);
        Assert.Equal([("db", 3, string.Empty), ("mail", 1, "the post")], await PoolsAsync());
        Assert.True(await _store.RemovePoolAsync("mail", Token));
        await _store.SetPoolAsync("mail", 1, null, Token);
        Assert.Equal(("mail", 1, null), (await PoolsAsync()).Last());

        async Task<IEnumerable<(string Name, int Slots, string? Description)>> PoolsAsync() =>
            (await _store.ListPoolsAsync(Token)).Select(pool => (pool.Name, pool.Slots, pool.Description));
    }

    [Fact]
    public async Task Sweep_removes_runs_with_all_that_belongs_to_them_and_keeps_those_that_go_or_are_new()
    {
        await SweepAsync(new RetentionOptions { Runs = TimeSpan.FromDays(90), RunsKept = 2, BatchSize = 2 }, _objects);

        await HoldsExactlyAsync([4, 11, 12]);
    }

    [Fact]
    public async Task Several_sweeps_at_once_remove_each_run_once()
    {
        var options = new RetentionOptions { Runs = TimeSpan.FromDays(90), RunsKept = 1, BatchSize = 2 };

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => SweepAsync(options, _objects))));

        await HoldsExactlyAsync([4, 12]);
    }

    /// <summary>Whatever step a process dies at, the next sweep removes what is left.</summary>
    [Fact]
    public async Task What_a_dead_process_left_of_removed_runs_goes_with_the_next_sweep()
    {
        var retention = _store.Retention;
        Assert.Equal(3, await retention.RemoveRunsAsync([1, 2, 3, 4, 99], Token));
        Assert.Equal([new ExpiredRun(1, "d"), new ExpiredRun(2, "d")], await retention.ListRemovedRunsAsync(0, 2, Token));
        Assert.Equal([new ExpiredRun(3, "d")], await retention.ListRemovedRunsAsync(2, 10, Token));

        // One dies after some rows, another one after the rows and the logs of one run.
        Assert.InRange(await retention.RemoveRestsAsync([1], 2, Token), 1, 6);
        while (await retention.RemoveRestsAsync([2], 100, Token) > 0)
        {
        }

        await _objects.DeleteAsync($"logs/d/{2:D19}/a/0/1/000000.log", Token);
        await SweepAsync(new RetentionOptions { Runs = TimeSpan.FromDays(1_000) }, _objects);

        await HoldsExactlyAsync([4, 5, 6, 7, 8, 9, 10, 11, 12]);
    }

    [Fact]
    public async Task Run_whose_objects_cannot_be_removed_stays_noted_and_keeps_no_other()
    {
        var options = new RetentionOptions { Runs = TimeSpan.FromDays(90), RunsKept = 2, BatchSize = 3 };
        var stubborn = new StubbornStore(_objects, $"logs/d/{2:D19}/");
        await SweepAsync(options, stubborn);
        Assert.Equal([new ExpiredRun(2, "d")], await _store.Retention.ListRemovedRunsAsync(0, 10, Token));
        Assert.Single(await PathsAsync($"logs/d/{2:D19}/"));
        Assert.Empty(await PathsAsync($"logs/d/{3:D19}/"));

        await SweepAsync(options, _objects);

        await HoldsExactlyAsync([4, 11, 12]);
    }

    /// <summary>A run that a user cleared in the moment it was removed is there again: nothing of it may go.</summary>
    [Fact]
    public async Task Run_that_is_there_again_loses_nothing()
    {
        Assert.Equal(1, await _store.Retention.RemoveRunsAsync([1], Token));
        var batch = new StoreBatch { Term = await _store.ClaimAsync("me", Token) };
        var run = (await _store.FindRunAsync(2, Token))!;
        batch.Runs.Add(run with { Id = 1, State = DagRunState.Queued, EndedAt = null });
        await _store.CommitAsync(batch, Token);

        Assert.Empty(await _store.Retention.ListRemovedRunsAsync(0, 10, Token));
        Assert.Equal(0, await _store.Retention.RemoveRestsAsync([1], 100, Token));
        Assert.Equal(3, (await _store.ListTaskInstancesAsync(1, Token)).Count);
    }

    [Fact]
    public async Task Updates_of_datasets_are_kept_until_they_are_old()
    {
        var (table, other, old) = (new DatasetId("lake/table"), new DatasetId("lake/other"), new DatasetId("lake/old"));
        var term = await _store.ClaimAsync("me", Token);
        foreach (var (dataset, number, at) in new (DatasetId, long, DateTimeOffset)[]
        {
            (table, 5, Start), (table, DatasetUpdate.VersionOf(Start), Start), (table, 3, Start), (other, DatasetUpdate.VersionOf(Start.AddDays(2)), Start.AddDays(2)),
            (other, DatasetUpdate.VersionOf(Start), Start), (old, 1, Start.AddDays(-1)),
        })
        {
            var batch = new StoreBatch { Term = term };
            batch.Updates.AddRange([new(new(dataset, number), at), new(new(dataset, number), at)]);
            await _store.CommitAsync(batch, Token);
        }

        Assert.Equal(1, await _store.Retention.RemoveRecordsAsync(new RetentionCut(Start.AddYears(-9), Start, Start.AddYears(-9)), 10, Token));

        Assert.Equal(
            [new(new(other, DatasetUpdate.VersionOf(Start.AddDays(2))), Start.AddDays(2)), new StoredUpdate(new(table, 5), Start)],
            (await _store.ListUpdatesAsync([table, other, old, new DatasetId("lake/none")], Token)).OrderBy(update => update.Version.Dataset.Name, StringComparer.Ordinal));
    }

    /// <summary>A store without anything in it.</summary>
    protected abstract Task<IOrchestratorStore> OpenAsync();

    /// <summary>One sweep: the second one waits for a clock that stands still.</summary>
    private async Task SweepAsync(RetentionOptions retention, IObjectStore objects)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var options = new OrchestratorOptions { Retention = retention, Logs = new TaskLogs(objects), LargeXComs = new LargeXComs(objects) };
        var time = new StopAtWait(Start.AddDays(100), stop);
        await new Retention(_store, options, time, NullLogger.Instance).RunAsync(stop.Token);
    }

    private async Task HoldsExactlyAsync(IReadOnlyList<long> kept)
    {
        Assert.Equal(kept, (await _store.ListRunsAsync(new RunQuery { Limit = 100 }, Token)).Select(run => run.Id).Order());
        Assert.Empty(await _store.Retention.ListRemovedRunsAsync(0, 100, Token));
        for (var id = 1L; id <= Runs; id++)
        {
            var (rows, objects) = kept.Contains(id) ? (3, 1) : (0, 0);
            Assert.Equal(rows, (await _store.ListTaskInstancesAsync(id, Token)).Count);
            Assert.Equal(rows, (await _store.ListTriesAsync(id, Token)).Count);
            Assert.Equal(rows, (await _store.ListXComsAsync(id, Token)).Count);
            Assert.Equal(objects, (await PathsAsync($"logs/d/{id:D19}/")).Count);
            Assert.Equal(objects, (await PathsAsync($"xcom/{id}/")).Count);
        }
    }

    private async Task<List<string>> PathsAsync(string prefix)
    {
        List<string> paths = [];
        await foreach (var item in _objects.ListAsync(prefix, null, Token))
        {
            paths.Add(item.Path);
        }

        return paths;
    }

    /// <summary>A clock that ends the test's sweep where it would wait for the next.</summary>
    private sealed class StopAtWait(DateTimeOffset now, CancellationTokenSource stop) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            stop.Cancel();
            return base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
