using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using DataPlatform.Streaming.Sources;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Streaming.Tests.Checkpoints;

/// <summary>Jobs whose receiver stands still, so that everything between source and receiver is in flight.</summary>
public sealed class UnalignedJobTests
{
    private const int Count = 5_000;
    private readonly InMemoryObjectStore _store = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("keyed", 1)]
    [InlineData("keyed", 3)]
    [InlineData("rebalanced", 1)]
    [InlineData("rebalanced", 3)]
    public async Task A_checkpoint_passes_a_receiver_that_stands_still_and_keeps_what_is_in_flight(string edge, int parallelismAfter)
    {
        var gate = new ManualResetEventSlim();
        var lost = new CollectingSink<long>();
        await using (var run = await Build(edge, 2, lost, gate, TimeSpan.Zero).StartAsync(Token))
        {
            // Held back means: the receivers wait in their first record, and the channels before them are full.
            while (run.Snapshot().Total("numbers").BackPressuredSteps == 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Token);
            }

            var id = run.TriggerCheckpointAsync(Token);
            gate.Set();
            Assert.Equal(1, await id.WaitAsync(TimeSpan.FromSeconds(60), Token));
        }

        // The second attempt commits what the checkpoint holds for the sink, and goes on with what was in flight.
        var sink = new CollectingSink<long>();
        await using (var run = await Build(edge, parallelismAfter, sink, gate, TimeSpan.Zero).StartAsync(new StreamJobStart { CheckpointId = 1 }, Token))
        {
            await run.Completion;
        }

        Assert.Equal(Enumerable.Range(0, Count).Select(static n => $"{n}"), sink.Committed.OrderBy(long.Parse));
        gate.Dispose();
    }

    [Fact]
    public void Records_without_a_serialiser_are_refused_when_the_job_is_built()
    {
        var job = new StreamJobBuilder("job", new StreamJobOptions { Parallelism = 2, AlignmentTimeout = TimeSpan.Zero });
        var source = job.FromSource("in", "in", new CollectionSource<Reading>(new Reading[1]), WatermarkStrategy.None<Reading>());
        source.Rebalance().Map(static r => r.Value);

        var error = Assert.Throws<StreamJobException>(() => job.Build());

        Assert.Equal(ErrorKind.Invalid, error.Kind);
        Assert.Contains("Reading", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unaligned_checkpoints_are_one_at_a_time()
        => Assert.Throws<ArgumentOutOfRangeException>(() => new StreamJobBuilder("job", new StreamJobOptions { AlignmentTimeout = TimeSpan.Zero, ConcurrentCheckpointsMax = 2 }));

    private StreamJob Build(string edge, int parallelism, CollectingSink<long> sink, ManualResetEventSlim gate, TimeSpan? alignment)
    {
        var job = new StreamJobBuilder("job", new StreamJobOptions
        {
            Parallelism = parallelism,
            CheckpointStore = _store,
            BatchSize = 4,
            ChannelCapacity = 3,
            AlignmentTimeout = alignment,
            CheckpointsRetained = 100,
        });
        var numbers = job.FromSource("numbers", "numbers", new CollectionSource<long>(Enumerable.Range(0, Count).Select(static n => (long)n).ToArray()), WatermarkStrategy.Monotonous<long>(static n => n));
        var shuffled = edge == "keyed" ? numbers.KeyBy(static n => n % 10).Process("through", "through", static () => new Through()) : numbers.Rebalance().Map(static n => n, "through");
        shuffled.Map(
            n =>
            {
                gate.Wait(Token);
                return n;
            },
            "slow").SinkTo("out", "out", sink);
        return job.Build();
    }

    private sealed class Through : DataPlatform.Streaming.Operators.KeyedProcessFunction<long, long, long>
    {
        public override void Process(long record, DataPlatform.Streaming.Operators.KeyedContext<long, long> context) => context.Collect(record);
    }
}
