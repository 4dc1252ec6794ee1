using DataPlatform.Streaming.Sources;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Streaming.Tests.Sources;

public sealed class EarlyWakeTests
{
    [Fact]
    public async Task A_source_that_says_it_has_data_while_it_is_opened_is_not_read_before_it_has_its_splits()
    {
        var source = new HastySource();
        var sink = new CollectingSink<long>();
        var job = new StreamJobBuilder("hasty", new StreamJobOptions { Parallelism = 1 });
        job.FromSource("in", "in", source, WatermarkStrategy.Monotonous<long>(static n => n)).Rebalance().Map(static n => n).SinkTo("out", "out", sink);

        await using var run = await job.Build().StartAsync(TestContext.Current.CancellationToken);
        await run.Completion;

        Assert.False(source.WasReadEarly);
        Assert.Equal(["1", "2", "3"], sink.Sorted);
    }

    private sealed class HastySource : ISource<long>
    {
        public bool WasReadEarly { get; private set; }

        public ValueTask<IReadOnlyList<SourceSplit>> ListSplitsAsync(CancellationToken cancellationToken)
            => ValueTask.FromResult<IReadOnlyList<SourceSplit>>([new SourceSplit("all", new byte[1])]);

        public ISourceReader<long> CreateReader(SourceReaderContext context)
        {
            var reader = new Reader(this);
            context.DataAvailable();

            // Time for another thread to act on it; where all is well nothing happens meanwhile.
            WasReadEarly = reader.WasRead.Wait(TimeSpan.FromMilliseconds(200), TestContext.Current.CancellationToken);
            return reader;
        }

        private sealed class Reader(HastySource source) : ISourceReader<long>
        {
            private bool _isAssigned;

            public ManualResetEventSlim WasRead { get; } = new();

            public void AddSplits(IReadOnlyList<SourceSplit> splits) => _isAssigned = splits.Count > 0;

            public ReadStatus Read(ISourceOutput<long> output)
            {
                WasRead.Set();
                if (!_isAssigned)
                {
                    source.WasReadEarly = true;
                    return ReadStatus.Finished;
                }

                output.Emit("all", [1, 2, 3], []);
                output.FinishSplit("all");
                return ReadStatus.Finished;
            }

            public IReadOnlyList<SourceSplit> Snapshot() => [new SourceSplit("all", new byte[1], WasRead.IsSet)];

            public ValueTask DisposeAsync()
            {
                WasRead.Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
