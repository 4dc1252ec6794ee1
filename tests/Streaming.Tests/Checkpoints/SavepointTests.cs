using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using DataPlatform.Streaming.Sources;
using DataPlatform.Streaming.Time;
using DataPlatform.Streaming.Windows;

namespace DataPlatform.Streaming.Tests.Checkpoints;

public sealed class SavepointTests
{
    private readonly InMemoryObjectStore _store = new();
    private readonly CollectingSink<string> _sink = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stopping_with_a_savepoint_keeps_open_windows_and_draining_gives_them_out(bool drain)
    {
        await using (var run = await Build(2, bounded: false).StartAsync(Token))
        {
            while (run.Snapshot().Total("totals").RecordsIn < Readings.Length)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Token);
            }

            await run.StopWithSavepointAsync("end", drain, Token);
        }

        // The output is committed when the call returns; without draining no window has come to its end.
        Assert.Equal(drain, _sink.Committed.Count > 0);
        Assert.Equal(["end"], await Build(1, bounded: true).ListSavepointsAsync(Token));
    }

    [Fact]
    public async Task A_job_goes_on_from_a_savepoint_at_another_parallelism()
    {
        await using (var run = await Build(2, bounded: false).StartAsync(Token))
        {
            await run.StopWithSavepointAsync("upgrade", cancellationToken: Token);
        }

        await using (var run = await Build(3, bounded: true).StartAsync(new StreamJobStart { Savepoint = "upgrade" }, Token))
        {
            Assert.Equal(1, run.Snapshot().RestoredCheckpointId);
            await run.Completion;
        }

        Assert.Equal(Expected, _sink.Sorted);
    }

    [Fact]
    public async Task A_job_can_go_back_to_a_savepoint_that_checkpoints_have_passed()
    {
        await using (var run = await Build(1, bounded: false).StartAsync(Token))
        {
            await run.TriggerSavepointAsync("before", Token);
            await run.TriggerCheckpointAsync(Token);
            await run.TriggerCheckpointAsync(Token);
        }

        var again = new CollectingSink<string>();
        await using (var run = await Build(1, bounded: true, sink: again).StartAsync(new StreamJobStart { Savepoint = "before" }, Token))
        {
            await run.Completion;
        }

        Assert.Equal(Expected, again.Sorted);

        // Ids go on from the newest, so that no commit of the way back is taken for one of the way forward.
        Assert.All(again.CommitCalls, static id => Assert.True(id > 3));
    }

    [Fact]
    public async Task A_savepoint_is_disposed_by_hand_and_not_while_a_checkpoint_lives_in_it()
    {
        var job = Build(1, bounded: false);
        await using (var run = await job.StartAsync(Token))
        {
            await run.TriggerSavepointAsync("one", Token);
            var refused = await Assert.ThrowsAsync<StreamJobException>(() => job.DisposeSavepointAsync("one", Token).AsTask());
            Assert.Equal(ErrorKind.Conflict, refused.Kind);
            for (var i = 0; i < 4; i++)
            {
                await run.TriggerCheckpointAsync(Token);
            }

            // Old checkpoints are gone, the savepoint is not.
            Assert.Equal(["one"], await job.ListSavepointsAsync(Token));
            await job.DisposeSavepointAsync("one", Token);
        }

        Assert.Empty(await job.ListSavepointsAsync(Token));
        await foreach (var left in _store.ListAsync("job/savepoints/", null, Token))
        {
            Assert.Fail($"'{left.Path}' was left");
        }
    }

    [Fact]
    public async Task A_name_is_refused_when_it_is_taken_or_no_name()
    {
        await using var run = await Build(1, bounded: false).StartAsync(Token);
        await run.TriggerSavepointAsync("one", Token);

        Assert.Equal(ErrorKind.Conflict, (await Assert.ThrowsAsync<StreamJobException>(() => run.TriggerSavepointAsync("one", Token))).Kind);
        await Assert.ThrowsAsync<ArgumentException>(() => run.TriggerSavepointAsync("../other", Token));
    }

    [Fact]
    public async Task A_savepoint_that_is_missing_damaged_or_another_jobs_is_refused_by_name()
    {
        await using (var run = await Build(1, bounded: false).StartAsync(Token))
        {
            await run.StopWithSavepointAsync("mine", cancellationToken: Token);
        }

        Assert.Contains("'other'", (await RefusedAsync("other")).Message, StringComparison.Ordinal);
        var manifest = (await _store.TryGetAsync("job/savepoints/mine/manifest", Token))!.Value;
        await _store.PutAsync("else/savepoints/mine/manifest", manifest, Token);
        Assert.Contains("job 'job', not of 'else'", (await RefusedAsync("mine", "else")).Message, StringComparison.Ordinal);
        var flipped = manifest.ToArray();
        flipped[^20] ^= 1;
        await _store.PutAsync("job/savepoints/mine/manifest", flipped, Token);
        Assert.Equal(ErrorKind.Corrupt, (await RefusedAsync("mine")).Kind);
    }

    [Fact]
    public async Task An_older_checkpoint_can_be_started_from_when_the_newest_is_damaged()
    {
        await using (var run = await Build(1, bounded: false).StartAsync(Token))
        {
            await run.TriggerCheckpointAsync(Token);
            await run.TriggerCheckpointAsync(Token);
        }

        var newest = "job/checkpoints/00000000000000000002";
        var bytes = (await _store.TryGetAsync(newest, Token))!.Value.ToArray();
        bytes[^5] ^= 1;
        await _store.PutAsync(newest, bytes, Token);
        var error = await Assert.ThrowsAsync<StreamJobException>(() => Build(1, bounded: true).StartAsync(Token));
        Assert.Equal(ErrorKind.Corrupt, error.Kind);
        Assert.Contains(newest, error.Message, StringComparison.Ordinal);

        await using var again = await Build(1, bounded: true).StartAsync(new StreamJobStart { CheckpointId = 1 }, Token);
        await again.Completion;
        Assert.Equal(Expected, _sink.Sorted);
    }

    private static readonly Reading[] Readings = [.. Enumerable.Range(0, 1000).Select(static i => new Reading($"k{i % 7}", 500 + (i % 300), i))];

    private static IEnumerable<string> Expected => Readings.GroupBy(static r => r.Key).Select(static g => $"{g.Key} {g.Count()} {g.Sum(static r => r.Value)}").Order(StringComparer.Ordinal);

    private async Task<StreamJobException> RefusedAsync(string savepoint, string name = "job")
        => await Assert.ThrowsAsync<StreamJobException>(() => Build(1, bounded: true, name).StartAsync(new StreamJobStart { Savepoint = savepoint }, Token));

    private StreamJob Build(int parallelism, bool bounded, string name = "job", CollectingSink<string>? sink = null)
    {
        var job = new StreamJobBuilder(name, new StreamJobOptions { Parallelism = parallelism, CheckpointStore = _store, BatchSize = 16 });
        job.Serializers.Register(TotalAggregate.Serializer);
        job.FromSource("in", "in", new OpenEndedSource<Reading>(Readings, bounded), WatermarkStrategy.BoundedOutOfOrderness<Reading>(TimeSpan.FromSeconds(10), static r => r.TimeMs))
            .KeyBy(static r => r.Key).Window(TumblingWindows.OfEventTime(TimeSpan.FromSeconds(1)))
            .Aggregate("totals", "totals", new TotalAggregate(), static (key, _, total) => $"{key} {total.Count} {total.Sum}")
            .SinkTo("out", "out", sink ?? _sink);
        return job.Build();
    }
}
