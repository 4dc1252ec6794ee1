using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;

namespace DataPlatform.Streaming.Tests.Runtime;

public sealed class RestartTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_failed_attempt_is_followed_by_another_and_the_output_is_exactly_once()
    {
        var job = new TumblingJob(WindowModel.RandomSplits(seed: 5, splits: 3, perSplit: 2000, keys: 10));
        var (seen, failures) = (0, 0);
        await using var run = await job.Build(new InMemoryObjectStore(), 2, interval: TimeSpan.FromMilliseconds(5), map: Fail, configure: static o => o.RestartStrategy = RestartStrategy.FixedDelay(3, TimeSpan.FromMilliseconds(1)))
            .StartAsync(Token);
        await run.Completion;

        Assert.Equal(3, run.Restarts);
        Assert.Equal(4, run.Snapshot().Attempt);
        Assert.Contains("boom", Assert.IsType<StreamJobException>(run.LastFailure).Message, StringComparison.Ordinal);
        job.Verify();

        Reading Fail(Reading reading)
        {
            if (Interlocked.Increment(ref seen) % 1500 == 0 && Interlocked.Increment(ref failures) <= 3)
            {
                throw new InvalidOperationException("boom");
            }

            return reading;
        }
    }

    [Fact]
    public async Task The_last_failure_ends_the_job_when_the_strategy_is_at_its_end()
    {
        var job = new TumblingJob(WindowModel.RandomSplits(seed: 5, splits: 1, perSplit: 100, keys: 10));
        await using var run = await job.Build(new InMemoryObjectStore(), 1, map: static _ => throw new InvalidOperationException("always"), configure: static o => o.RestartStrategy = RestartStrategy.FixedDelay(2, TimeSpan.Zero))
            .StartAsync(Token);

        var error = await Assert.ThrowsAsync<StreamJobException>(() => run.Completion);

        Assert.Contains("always", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, run.Restarts);
    }

    [Fact]
    public async Task A_job_that_another_instance_has_taken_over_is_not_started_again()
    {
        var store = new InMemoryObjectStore();
        var gate = new ManualResetEventSlim();
        var job = new TumblingJob(WindowModel.RandomSplits(seed: 5, splits: 1, perSplit: 100, keys: 10));
        await using var run = await job.Build(store, 1, map: Wait, configure: static o => o.RestartStrategy = RestartStrategy.FixedDelay(100, TimeSpan.Zero)).StartAsync(Token);
        await using var other = await new TumblingJob([[]]).Build(store, 1).StartAsync(Token);
        gate.Set();

        Assert.Equal(ErrorKind.Conflict, (await Assert.ThrowsAsync<StreamJobException>(() => run.Completion)).Kind);
        Assert.Equal(0, run.Restarts);
        gate.Dispose();

        Reading Wait(Reading reading)
        {
            gate.Wait(Token);
            return reading;
        }
    }

    [Fact]
    public async Task Cancelling_ends_the_wait_for_the_next_attempt()
    {
        var job = new TumblingJob(WindowModel.RandomSplits(seed: 5, splits: 1, perSplit: 100, keys: 10));
        await using var run = await job.Build(new InMemoryObjectStore(), 1, map: static _ => throw new InvalidOperationException("always"), configure: static o => o.RestartStrategy = RestartStrategy.FixedDelay(9, TimeSpan.FromDays(1)))
            .StartAsync(Token);
        while (run.LastFailure is null)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Token);
        }

        await run.DisposeAsync();

        Assert.True(run.Completion.IsCanceled);
    }
}
