using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality.Tests.Rules;

public sealed class ThresholdTests
{
    [Fact]
    public void Ten_percent_of_thirty_is_exactly_three()
    {
        Assert.True(Threshold.Percent(10m).Allows(3, 30));
        Assert.False(Threshold.Percent(10m).Allows(4, 30));

        // A third in binary or rounded decimals would let one of these slip.
        Assert.True(Threshold.Percent(33.333333333333333333333333m).Allows(333333, 1_000_001));
        Assert.False(Threshold.Percent(33.333333333333333333333333m).Allows(1, 3));
    }

    [Fact]
    public void Counts_beyond_the_precision_of_a_double_are_compared_exactly()
    {
        Assert.True(Threshold.Percent(50m).Allows(4_611_686_018_427_387_903, long.MaxValue));
        Assert.False(Threshold.Percent(50m).Allows(4_611_686_018_427_387_904, long.MaxValue));
    }

    [Fact]
    public void Nothing_is_borne_by_default() => Assert.False(default(Threshold).Allows(1, long.MaxValue));

    [Theory]
    [InlineData(-0.1)]
    [InlineData(100.1)]
    public void A_share_outside_0_to_100_is_refused(double percent)
        => Assert.Throws<ArgumentOutOfRangeException>(() => Threshold.Percent((decimal)percent));
}
