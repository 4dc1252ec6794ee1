using DataPlatform.Streaming.Diagnostics;
using DataPlatform.Streaming.Sources;
using DataPlatform.Streaming.Testing;
using DataPlatform.Streaming.Time;
using DataPlatform.Streaming.Windows;

namespace DataPlatform.Streaming.Tests.Time;

public sealed class IdlenessTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_source_that_receivers_hold_back_is_not_idle()
    {
        var clock = new ManualClock();
        var gate = new ManualResetEventSlim();
        var job = new StreamJobBuilder("held-back", new StreamJobOptions { BatchSize = 4, ChannelCapacity = 2, Time = clock });
        var strategy = WatermarkStrategy.Monotonous<long>(static n => n).WithIdleness(TimeSpan.FromSeconds(5));
        job.FromSource("in", "in", new LateStarter(), strategy).Rebalance().Map(n =>
        {
            gate.Wait(Token);
            return n;
        }).SinkTo("out", "out", new CollectingSink<long>());
        await using var run = await job.Build().StartAsync(Token);

        // Silent at first, so that its silence is being watched, it is idle after five seconds; then it has more than anyone takes.
        while (!run.Snapshot().Total("in").IsIdle)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Token);
        }

        while (run.Snapshot().Total("in").BackPressuredSteps == 0)
        {
            clock.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Token);
        }

        for (var second = 0; second < 30; second++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Token);
            Assert.False(run.Snapshot().Total("in").IsIdle);
        }

        var split = run.ExplainWatermark("in").Path[0].Splits.Single();
        Assert.Equal(InputState.BackPressured, split.State);
        gate.Set();
        await run.Completion;
        gate.Dispose();
    }

    [Fact]
    public async Task Why_a_window_does_not_fire_names_the_split_and_since_when_it_is_silent()
    {
        var stepped = new SteppedJob();
        var silent = new HarnessSource<long>();
        var job = new StreamJobBuilder("stuck", new StreamJobOptions { Time = stepped.Clock });
        var one = job.FromSource("ahead", "ahead", new CollectionSource<long>(Enumerable.Range(0, 5000).Select(static n => (long)n).ToArray()), WatermarkStrategy.Monotonous<long>(static n => n));
        var other = job.FromSource("behind", "behind", silent, WatermarkStrategy.Custom(() => (IWatermarkGenerator<long>)silent));
        one.Union(other).KeyBy(static n => n % 3).Window(TumblingWindows.OfEventTime(TimeSpan.FromSeconds(1)))
            .Aggregate("window", "window", new CountOf(), static (key, _, count) => count).SinkTo("out", "out", new CollectingSink<long>());
        await stepped.StartAsync(job.Build());
        stepped.Advance(TimeSpan.FromSeconds(41));
        silent.Push(7, 300);
        silent.Watermark(300);
        stepped.Settle();
        var spokenAt = stepped.Clock.GetUtcNow();
        stepped.Advance(TimeSpan.FromSeconds(9));

        var why = stepped.Run.ExplainWatermark("window");

        Assert.Equal(300, why.WatermarkMs);
        var (source, split) = Assert.Single(why.Blockers);
        Assert.Equal(("behind", 0, "hand", 300L, InputState.Active, spokenAt), (source.Operator, source.SubtaskIndex, split.SplitId, split.WatermarkMs, split.State, split.LastRecordAt));
        Assert.Contains("split 'hand' of 'behind'", why.ToString(), StringComparison.Ordinal);
        Assert.Equal([("ahead", false), ("behind", true)], why.Path[0].Inputs.Select(static i => (i.Operator, i.HoldsBack)));
        Assert.Throws<ArgumentException>(() => stepped.Run.ExplainWatermark("nobody"));
    }

    /// <summary>Has nothing for ten seconds, then a thousand records at once.</summary>
    private sealed class LateStarter : ISource<long>
    {
        public ValueTask<IReadOnlyList<SourceSplit>> ListSplitsAsync(CancellationToken cancellationToken)
            => ValueTask.FromResult<IReadOnlyList<SourceSplit>>([new SourceSplit("only", ReadOnlyMemory<byte>.Empty)]);

        public ISourceReader<long> CreateReader(SourceReaderContext context) => new Reader(context);

        private sealed class Reader(SourceReaderContext context) : ISourceReader<long>
        {
            private readonly DateTimeOffset _start = context.Time.GetUtcNow() + TimeSpan.FromSeconds(10);
            private readonly ITimer _timer = context.Time.CreateTimer(static state => ((Action)state!)(), context.DataAvailable, TimeSpan.FromSeconds(10), Timeout.InfiniteTimeSpan);
            private int _next;

            public void AddSplits(IReadOnlyList<SourceSplit> splits)
            {
            }

            public ReadStatus Read(ISourceOutput<long> output)
            {
                if (context.Time.GetUtcNow() < _start)
                {
                    return ReadStatus.Waiting;
                }

                if (_next == 1000)
                {
                    return ReadStatus.Finished;
                }

                output.Emit("only", [_next++], default);
                return ReadStatus.More;
            }

            public IReadOnlyList<SourceSplit> Snapshot() => [new SourceSplit("only", ReadOnlyMemory<byte>.Empty, _next == 1000)];

            public ValueTask DisposeAsync() => _timer.DisposeAsync();
        }
    }

    private sealed class CountOf : DataPlatform.Streaming.Operators.IAggregateFunction<long, long, long>
    {
        public long CreateAccumulator() => 0;

        public void Add(ref long accumulator, long record) => accumulator++;

        public void Merge(ref long accumulator, in long other) => accumulator += other;

        public long GetResult(in long accumulator) => accumulator;
    }
}
