namespace DataPlatform.Streaming.Tests.Checkpoints;

public sealed class RestartStrategyTests
{
    [Fact]
    public void None_never_restarts() => Assert.Null(RestartStrategy.None.Decide(At(0), 0.5));

    [Fact]
    public void A_fixed_number_of_restarts_after_a_fixed_time()
    {
        var strategy = RestartStrategy.FixedDelay(2, Seconds(3));

        Assert.Equal(Seconds(3), strategy.Decide(At(0), 0.5));
        Assert.Equal(Seconds(3), strategy.Decide(At(0, 100), 0.5));
        Assert.Null(strategy.Decide(At(0, 100, 10_000), 0.5));
    }

    [Fact]
    public void A_failure_rate_forgets_old_failures()
    {
        var strategy = RestartStrategy.FailureRate(2, Seconds(60), Seconds(1));

        Assert.Equal(Seconds(1), strategy.Decide(At(0, 10), 0.5));
        Assert.Null(strategy.Decide(At(0, 10, 59), 0.5));
        Assert.Equal(Seconds(1), strategy.Decide(At(0, 10, 60), 0.5));
        Assert.Equal(Seconds(1), strategy.Decide(At(0, 10, 1000), 0.5));
    }

    [Fact]
    public void An_exponential_delay_grows_to_its_longest_and_begins_anew_after_an_attempt_that_held()
    {
        var strategy = RestartStrategy.ExponentialDelay(Seconds(1), Seconds(5), multiplier: 2, resetAfter: Seconds(60), jitter: 0.5);

        Assert.Equal(Seconds(1), strategy.Decide(At(0), 0.5));
        Assert.Equal(Seconds(2), strategy.Decide(At(0, 1), 0.5));
        Assert.Equal(Seconds(4), strategy.Decide(At(0, 1, 5), 0.5));
        Assert.Equal(Seconds(5), strategy.Decide(At(0, 1, 5, 10), 0.5));
        Assert.Equal(Seconds(5), strategy.Decide(At(0, 1, 5, 10, 74), 0.5));
        Assert.Equal(Seconds(1), strategy.Decide(At(0, 1, 5, 10, 75), 0.5));
        Assert.Equal(Seconds(0.5), strategy.Decide(At(0), 0));
        Assert.Equal(Seconds(1.5), strategy.Decide(At(0), 1));
    }

    [Fact]
    public void An_exponential_delay_can_have_a_limit_of_attempts_in_a_row()
    {
        var strategy = RestartStrategy.ExponentialDelay(Seconds(1), Seconds(5), resetAfter: Seconds(60), restartsMax: 2);

        Assert.NotNull(strategy.Decide(At(0, 1), 0.5));
        Assert.Null(strategy.Decide(At(0, 1, 4), 0.5));
        Assert.NotNull(strategy.Decide(At(0, 1, 100), 0.5));
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private static DateTimeOffset[] At(params int[] seconds) => [.. seconds.Select(static s => DateTimeOffset.UnixEpoch.AddSeconds(s))];
}
