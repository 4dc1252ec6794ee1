using CsCheck;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Scheduling;

namespace DataPlatform.Orchestrator.Tests.Scheduling;

public sealed class RetryDelayTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(5, 16)]
    [InlineData(13, 3600)]
    [InlineData(100_000, 3600)]
    public void It_doubles_and_is_capped(int failures, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), RetryDelay.Of(new Backoff(TimeSpan.FromSeconds(1), Jitter: JitterMode.None), failures,
            0.5));

    [Theory]
    [InlineData(JitterMode.None, 8, 8)]
    [InlineData(JitterMode.Equal, 4, 8)]
    [InlineData(JitterMode.Full, 0, 8)]
    [InlineData(JitterMode.Deterministic, 8, 16)]
    public void Jitter_stays_in_its_range(JitterMode jitter, double low, double high) =>
        Gen.Double[0, 0.999_999].Sample(draw =>
        {
            var delay = RetryDelay.Of(new Backoff(TimeSpan.FromSeconds(1), Jitter: jitter), 4, draw).TotalSeconds;
            return delay >= low && (delay < high || jitter == JitterMode.None);
        });

    [Fact]
    public void The_cap_comes_after_the_jitter() => Assert.Equal(
        TimeSpan.FromSeconds(9), RetryDelay.Of(new Backoff(TimeSpan.FromSeconds(8), 1, TimeSpan.FromSeconds(9), JitterMode.Deterministic),
            1, 0.9));

    [Fact]
    public void A_draw_is_the_same_for_the_same_question_and_spread_over_others()
    {
        var draws = Enumerable.Range(0, 1_000).Select(i => RetryDelay.Draw("d", $"t{i}", EngineHarness.Start, 1, 17)).ToList();

        Assert.Equal(draws[7], RetryDelay.Draw("d", "t7", EngineHarness.Start.ToOffset(TimeSpan.FromHours(2)), 1, 17));
        Assert.All(draws, draw => Assert.InRange(draw, 0, 1));
        Assert.InRange(draws.Average(), 0.45, 0.55);
    }
}
