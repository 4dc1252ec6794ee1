using DataPlatform.Kernel;
using DataPlatform.Streaming.Sinks;
using DataPlatform.Streaming.Sources;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Streaming.Tests.Runtime;

public sealed class StreamJobTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_function_that_throws_ends_the_job_with_its_name_and_subtask()
    {
        var job = Numbers(10_000, 2, out var stream);
        stream.Map(static n => n == 7777 ? throw new InvalidOperationException("seven") : n, "picky").Rebalance().Map(static n => n).SinkTo("out", "out", new CollectingSink<long>());

        await using var run = await job.Build().StartAsync(Token);
        var error = await Assert.ThrowsAsync<StreamJobException>(() => run.Completion);

        Assert.Equal("picky", error.OperatorName);
        Assert.InRange(error.SubtaskIndex!.Value, 0, 1);
        Assert.Contains("seven", error.Message, StringComparison.Ordinal);
        Assert.IsType<InvalidOperationException>(error.InnerException);
    }

    [Fact]
    public async Task A_commit_that_fails_names_the_sink()
    {
        var job = Numbers(10, 1, out var stream);
        stream.SinkTo("out", "out-uid", new CollectingSink<long> { OnCommit = static (_, _) => throw new IOException("disk full") });

        await using var run = await job.Build().StartAsync(Token);
        var error = await Assert.ThrowsAsync<StreamJobException>(() => run.Completion);

        Assert.Equal("out", error.OperatorName);
        Assert.Contains("disk full", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_uid_that_is_missing_or_taken_is_refused()
    {
        var job = Numbers(10, 1, out var stream);
        Assert.Throws<StreamJobException>(() => stream.SinkTo("out", " ", new CollectingSink<long>()));
        stream.SinkTo("out", "in", new CollectingSink<long>());

        var error = Assert.Throws<StreamJobException>(job.Build);

        Assert.Equal(ErrorKind.Invalid, error.Kind);
        Assert.Contains("'in'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_without_a_serialiser_is_refused_when_the_stream_is_built()
    {
        Numbers(10, 1, out var stream);

        var error = Assert.Throws<StreamJobException>(() => stream.KeyBy(static n => new Version((int)n, 0)));

        Assert.Contains("System.Version", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_ends_the_job_and_commits_nothing_more()
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var sink = new CollectingSink<long>();
        var job = Numbers(5_000_000, 2, out var stream);
        stream.SinkTo("out", "out", sink);

        await using var run = await job.Build().StartAsync(cancellation.Token);
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.Completion);
        Assert.Empty(sink.Committed);
    }

    [Fact]
    public async Task A_slow_receiver_holds_its_senders_back_to_their_credit()
    {
        var gate = new ManualResetEventSlim();
        var job = Numbers(1_000_000, 1, out var stream);
        stream.Rebalance().WithParallelism(1).Map(
            n =>
            {
                gate.Wait(Token);
                return n;
            },
            "slow").SinkTo("out", "out", new CollectingSink<long>());

        await using var run = await job.Build().StartAsync(Token);
        var before = -1L;
        while (run.Snapshot().Total("numbers").RecordsIn is var now && (now != before || now == 0))
        {
            before = now;
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Token);
        }

        // Eight batches wait, one is being worked on, one more may have been under way.
        Assert.InRange(before, 1, 11 * 16);
        Assert.True(run.Snapshot().Total("numbers").BackPressuredSteps > 0);
        gate.Set();
        await run.Completion;
        Assert.Equal(1_000_000, run.Snapshot().Total("slow").RecordsIn);
        gate.Dispose();
    }

    [Fact]
    public async Task Streams_are_united_split_and_broadcast()
    {
        var job = new StreamJobBuilder("shapes", new StreamJobOptions { Parallelism = 3, BatchSize = 4 });
        var first = job.FromSource("a", "a", Source(0, 100), WatermarkStrategy.Monotonous<long>(static n => n));
        var second = job.FromSource("b", "b", Source(100, 50), WatermarkStrategy.Monotonous<long>(static n => n));
        var sink = new CollectingSink<long>();
        var all = new CollectingSink<long>();
        first.Union(second).Filter(static n => n % 2 == 0).Rebalance().Map(static n => n).SinkTo("sink", "sink", sink);
        first.Broadcast().Map(static n => n).SinkTo("all", "all", all);

        await using var run = await job.Build().StartAsync(Token);
        await run.Completion;

        Assert.Equal(Enumerable.Range(0, 75).Select(static n => $"{n * 2}").Order(StringComparer.Ordinal), sink.Sorted);
        Assert.Equal(300, all.Committed.Count);
    }

    [Fact]
    public async Task An_absurd_event_time_ends_the_job_and_names_record_and_split()
    {
        var job = new StreamJobBuilder("absurd");
        job.FromSource("in", "in", Source(0, 10), WatermarkStrategy.Monotonous<long>(static n => n == 4 ? long.MinValue : n)).SinkTo("out", "out", new CollectingSink<long>());

        await using var run = await job.Build().StartAsync(Token);
        var error = await Assert.ThrowsAsync<StreamJobException>(() => run.Completion);

        Assert.Contains("Record 4", error.Message, StringComparison.Ordinal);
        Assert.Equal("in", error.OperatorName);
    }

    private static StreamJobBuilder Numbers(int count, int parallelism, out DataStream<long> stream)
    {
        var job = new StreamJobBuilder("numbers", new StreamJobOptions { Parallelism = parallelism, BatchSize = 16 });
        stream = job.FromSource("numbers", "in", Source(0, count), WatermarkStrategy.Monotonous<long>(static n => n));
        return job;
    }

    private static CollectionSource<long> Source(long first, int count) => new(Enumerable.Range(0, count).Select(n => first + n).ToArray());
}
