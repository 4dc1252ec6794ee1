using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;

namespace DataPlatform.Streaming.Tests.Checkpoints;

public sealed class RecoveryTests
{
    private const int RecordsPerCheckpoint = 200;
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(10);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Windows_and_late_records_are_the_same_at_every_parallelism(int parallelism)
    {
        var job = new TumblingJob(WindowModel.RandomSplits(seed: 7, splits: 5, perSplit: 3000, keys: 40));

        await using var run = await job.Build(new InMemoryObjectStore(), parallelism).StartAsync(Token);
        await run.Completion;

        job.Verify();
        Assert.NotEmpty(job.Late.Committed);
    }

    /// <summary>
    /// Dies before and after every write of the store, every prepare and every commit in turn: first at step k, then again somewhere in the
    /// recovery, and is then left to finish, at yet another parallelism.
    /// </summary>
    [Theory]
    [MemberData(nameof(CrashPoints))]
    public async Task Output_is_exactly_once_wherever_the_process_dies(int crashAt)
    {
        var job = new TumblingJob(WindowModel.RandomSplits(seed: crashAt, splits: 3, perSplit: 1500, keys: 20));
        var store = new InMemoryObjectStore();
        var random = new Random(crashAt);

        var first = await RunAsync(job, store, new CrashPlan(crashAt), 2);
        await RunAsync(job, store, new CrashPlan(random.Next(1, 40)), random.Next(1, 4));
        var last = await RunAsync(job, store, new CrashPlan(int.MaxValue), random.Next(1, 4));

        Assert.True(first.Crashed, $"there was no step {crashAt}, only {first.Steps}");
        Assert.False(last.Crashed);
        job.Verify();
    }

    public static TheoryData<int> CrashPoints => [.. Enumerable.Range(1, 60)];

    [Fact]
    public async Task A_second_run_of_a_finished_job_changes_nothing()
    {
        var job = new TumblingJob(WindowModel.RandomSplits(seed: 3, splits: 2, perSplit: 500, keys: 5));
        var store = new InMemoryObjectStore();
        for (var run = 0; run < 3; run++)
        {
            await RunAsync(job, store, new CrashPlan(int.MaxValue), 1 + run);
        }

        job.Verify();
    }

    [Fact]
    public async Task A_stopped_job_goes_on_with_its_open_windows()
    {
        const int PerSplit = 50_000;
        var gate = new TaskCompletionSource();
        using var stopping = new ManualResetEventSlim();
        var seen = 0;
        var job = new TumblingJob(WindowModel.RandomSplits(seed: 11, splits: 2, PerSplit, keys: 10));
        var store = new InMemoryObjectStore();
        await using (var run = await job.Build(store, 2, map: Count).StartAsync(Token))
        {
            await gate.Task.WaitAsync(Token);
            var stop = run.StopAsync(cancellationToken: Token);
            stopping.Set();
            await stop;
        }

        Assert.InRange(seen, 1000, (2 * PerSplit) - 1);
        await RunAsync(job, store, new CrashPlan(int.MaxValue), 3);
        job.Verify();

        Reading Count(Reading reading)
        {
            // The job stands still until it is asked to stop, or it could be through on a machine that has other things to do.
            var number = Interlocked.Increment(ref seen);
            if (number == 1000)
            {
                gate.SetResult();
            }

            if (number >= 1000)
            {
                stopping.Wait(Token);
            }

            return reading;
        }
    }

    [Fact]
    public async Task A_drained_job_fires_all_its_windows()
    {
        var gate = new TaskCompletionSource();
        var seen = 0;
        var job = new TumblingJob(WindowModel.RandomSplits(seed: 11, splits: 1, perSplit: 50_000, keys: 10));
        await using var run = await job.Build(new InMemoryObjectStore(), 1, map: r =>
        {
            if (++seen == 100)
            {
                gate.SetResult();
            }

            return r;
        }).StartAsync(Token);
        await gate.Task.WaitAsync(Token);
        await run.StopAsync(drain: true, Token);

        var counted = job.Windows.Committed.Sum(static line => long.Parse(line.Split(' ')[2], System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(job.Raw.Committed.Count, counted + job.Late.Committed.Count);
    }

    [Fact]
    public async Task A_damaged_state_file_is_named_and_the_older_checkpoint_stays()
    {
        var store = new InMemoryObjectStore();
        var job = new TumblingJob(WindowModel.RandomSplits(seed: 1, splits: 1, perSplit: 2000, keys: 3));
        await using (var run = await job.Build(store, 1, map: static r => r, configure: static o => o.CheckpointsRetained = 5).StartAsync(Token))
        {
            await run.TriggerCheckpointAsync(Token);
            await run.StopAsync(cancellationToken: Token);
        }

        var files = await store.ListAsync("totals/state/", cancellationToken: Token).ToListAsync(Token);
        var newest = files[^1].Path;
        var bytes = (await store.TryGetAsync(newest, Token))!.Value.ToArray();
        bytes[^1] ^= 1;
        await store.PutAsync(newest, bytes, Token);

        var error = await Assert.ThrowsAsync<StreamJobException>(() => job.Build(store, 1).StartAsync(Token));

        Assert.Equal(ErrorKind.Corrupt, error.Kind);
        Assert.Contains(newest, error.Message, StringComparison.Ordinal);
        var manifests = await store.ListAsync("totals/checkpoints/", cancellationToken: Token).ToListAsync(Token);
        Assert.True(manifests.Count > 1);
    }

    [Fact]
    public async Task A_checkpoint_with_state_of_a_removed_operator_is_refused_unless_allowed()
    {
        var store = new InMemoryObjectStore();
        var job = new TumblingJob(WindowModel.RandomSplits(seed: 1, splits: 1, perSplit: 100, keys: 3));
        await RunAsync(job, store, new CrashPlan(int.MaxValue), 1);
        StreamJob Other(bool allow)
        {
            var options = new StreamJobOptions { CheckpointStore = store, AllowRemovedOperators = allow };
            var builder = new StreamJobBuilder("totals", options);
            builder.FromSource("other", "other", new Streaming.Sources.CollectionSource<long>(new long[] { 1 }), Streaming.Time.WatermarkStrategy.Monotonous<long>(static v => v))
                .SinkTo("sink", "sink", new CollectingSink<long>());
            return builder.Build();
        }

        var error = await Assert.ThrowsAsync<StreamJobException>(() => Other(allow: false).StartAsync(Token));
        Assert.Contains("'input'", error.Message, StringComparison.Ordinal);
        await using var run = await Other(allow: true).StartAsync(Token);
        await run.Completion;
    }

    [Fact]
    public async Task A_ghost_of_an_older_attempt_cannot_complete_a_checkpoint()
    {
        var store = new InMemoryObjectStore();
        var gate = new SemaphoreSlim(0);
        var job = new TumblingJob(WindowModel.RandomSplits(seed: 1, splits: 1, perSplit: 200_000, keys: 3));
        await using var ghost = await job.Build(store, 1).StartAsync(Token);
        var other = new TumblingJob(WindowModel.RandomSplits(seed: 1, splits: 1, perSplit: 10, keys: 3));
        await using var run = await other.Build(store, 1).StartAsync(Token);
        await run.Completion;

        var error = await Assert.ThrowsAsync<StreamJobException>(() => ghost.TriggerCheckpointAsync(Token));

        Assert.Equal(ErrorKind.Conflict, error.Kind);
        Assert.Empty(job.Windows.Committed);
        gate.Dispose();
    }

    private static async Task<CrashPlan> RunAsync(TumblingJob job, InMemoryObjectStore store, CrashPlan plan, int parallelism)
    {
        foreach (var hook in new Action<Action<long, string>, Action<long>>[] { (c, p) => (job.Raw.OnCommit, job.Raw.OnPrepare) = (c, p), (c, p) => (job.Windows.OnCommit, job.Windows.OnPrepare) = (c, p), (c, p) => (job.Late.OnCommit, job.Late.OnPrepare) = (c, p) })
        {
            hook((id, when) => plan.Step($"{when} commit {id}"), id => plan.Step($"prepare {id}"));
        }

        // Checkpoints begin by count, not by the clock, so that a run has as many steps on a slow machine as on a fast one.
        // For the same reason the records wait until there is a run to ask; in vain where the start itself dies.
        StreamJobExecution? running = null;
        using var started = new ManualResetEventSlim();
        var records = 0;
        try
        {
            await using var run = await job.Build(new FaultyStore(store, plan), parallelism, map: CountAndTrigger).StartAsync(Token);
            running = run;
            started.Set();
            await run.Completion;
        }
        catch (Exception e) when (plan.Crashed && e is CrashException or StreamJobException { InnerException: CrashException } or OperationCanceledException)
        {
            // The process is dead; the next one finds what it left.
        }

        return plan;

        Reading CountAndTrigger(Reading reading)
        {
            if (Interlocked.Increment(ref records) % RecordsPerCheckpoint == 0)
            {
                started.Wait(StartMax, Token);
                _ = Volatile.Read(ref running)?.TriggerCheckpointAsync(CancellationToken.None);
            }

            return reading;
        }
    }
}
