using DataPlatform.Streaming.Time;

namespace DataPlatform.Streaming.Tests.Time;

public sealed class WatermarkStrategyTests
{
    [Fact]
    public void Out_of_orderness_is_the_highest_time_less_the_bound_less_one()
    {
        var generator = WatermarkStrategy.BoundedOutOfOrderness<int>(TimeSpan.FromMilliseconds(10)).CreateGenerator();
        Assert.Equal(long.MinValue, generator.CurrentWatermarkMs);

        Assert.Equal([89, 89, 109], new long[] { 100, 50, 120 }.Select(t => After(generator, t)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(64)]
    [InlineData(1000)]
    public void The_range_of_times_is_the_same_however_many_there_are(int count)
    {
        var random = new Random(count);
        var times = Enumerable.Range(0, count).Select(_ => random.NextInt64(-1000, 1000)).ToArray();

        Assert.Equal((times.Min(), times.Max()), EventTime.Range(times));
    }

    [Fact]
    public void Ascending_times_are_late_as_soon_as_they_do_not_ascend()
    {
        var generator = WatermarkStrategy.Monotonous<int>().CreateGenerator();

        Assert.Equal([99, 99, 119], new long[] { 100, 100, 120 }.Select(t => After(generator, t)));
    }

    [Fact]
    public void Punctuated_goes_by_what_records_announce_and_never_back()
    {
        var generator = WatermarkStrategy.Punctuated<int>(static (record, timeMs) => record > 0 ? timeMs - record : null).CreateGenerator();

        Assert.Equal([long.MinValue, 195, 195, 195], new (int R, long T)[] { (0, 100), (5, 200), (0, 900), (500, 600) }.Select(x =>
        {
            generator.OnRecords([x.R], [x.T]);
            return generator.CurrentWatermarkMs;
        }));
    }

    [Fact]
    public void The_bound_does_not_wrap_round_before_the_first_record()
        => Assert.Equal(long.MinValue, WatermarkStrategy.BoundedOutOfOrderness<int>(TimeSpan.FromDays(10_000)).CreateGenerator().CurrentWatermarkMs);

    [Fact]
    public void Settings_do_not_lose_each_other()
    {
        var strategy = WatermarkStrategy.Monotonous<int>().WithLatenessBySplit().WithIdleness(TimeSpan.FromSeconds(1)).WithTimestamps(static n => n).WithAlignment("g", TimeSpan.FromSeconds(2));

        Assert.True(strategy.LatenessBySplit);
        Assert.Equal(TimeSpan.FromSeconds(1), strategy.Idleness);
        Assert.NotNull(strategy.TimestampMs);
        Assert.Equal(new WatermarkAlignment("g", 2000), strategy.Alignment);
    }

    private static long After(IWatermarkGenerator<int> generator, long timeMs)
    {
        generator.OnRecords([0], [timeMs]);
        return generator.CurrentWatermarkMs;
    }
}
