using DataPlatform.Streaming.Time;

namespace DataPlatform.Streaming.Tests.Time;

public sealed class WatermarkValveTests
{
    [Fact]
    public void The_minimum_of_all_inputs_is_given_out_once_each_has_spoken()
    {
        var valve = Valve(2);

        Assert.False(valve.Watermark(0, 10));
        Assert.Equal(long.MinValue, valve.CurrentMs);
        Assert.True(valve.Watermark(1, 5));
        Assert.Equal(5, valve.CurrentMs);
        Assert.False(valve.Watermark(1, 4));
        Assert.True(valve.Watermark(1, 20));
        Assert.Equal(10, valve.CurrentMs);
    }

    [Fact]
    public void An_idle_input_does_not_hold_time_back()
    {
        var valve = Valve(2);
        valve.Watermark(0, 10);

        Assert.True(valve.Status(1, idle: true));
        Assert.Equal(10, valve.CurrentMs);
        Assert.False(valve.IsIdle);
    }

    [Fact]
    public void When_all_are_idle_the_highest_watermark_is_given_out_and_never_the_end_of_time()
    {
        var valve = Valve(2);
        valve.Watermark(0, 10);
        valve.Watermark(1, 3);

        Assert.True(valve.Status(1, idle: true));
        Assert.Equal(10, valve.CurrentMs);
        Assert.False(valve.Status(0, idle: true));
        Assert.True(valve.IsIdle);
        Assert.Equal(10, valve.CurrentMs);
    }

    [Fact]
    public void Inputs_that_never_spoke_leave_time_unknown_when_they_become_idle()
    {
        var valve = Valve(2);

        Assert.False(valve.Status(0, idle: true) | valve.Status(1, idle: true));
        Assert.True(valve.IsIdle);
        Assert.Equal(long.MinValue, valve.CurrentMs);
    }

    [Fact]
    public void An_input_that_is_active_again_counts_only_after_it_has_caught_up()
    {
        var valve = Valve(2);
        valve.Watermark(0, 10);
        valve.Watermark(1, 3);
        valve.Status(1, idle: true);

        Assert.False(valve.Status(1, idle: false));
        Assert.False(valve.IsInputAligned(1));
        Assert.True(valve.Watermark(0, 12));
        Assert.Equal(12, valve.CurrentMs);
        Assert.False(valve.Watermark(1, 11));
        Assert.True(valve.Watermark(0, 15));
        Assert.False(valve.Watermark(1, 15));
        Assert.True(valve.IsInputAligned(1));
        Assert.False(valve.Watermark(0, 20));
        Assert.Equal(15, valve.CurrentMs);
        Assert.True(valve.Watermark(1, 16));
        Assert.Equal(16, valve.CurrentMs);
    }

    [Fact]
    public void An_input_that_is_over_holds_nothing_back_and_the_last_one_is_not_idle()
    {
        var valve = Valve(3);
        valve.Watermark(0, 10);
        valve.Watermark(1, 20);
        valve.Watermark(2, 30);

        Assert.True(valve.Finish(0));
        Assert.Equal(20, valve.CurrentMs);
        Assert.True(valve.Status(1, idle: true));
        Assert.False(valve.Finish(2));
        Assert.True(valve.IsIdle);

        var last = Valve(1);
        last.Watermark(0, 5);
        Assert.False(last.Finish(0));
        Assert.False(last.IsIdle);
        Assert.Equal(5, last.CurrentMs);
    }

    [Fact]
    public void A_valve_without_inputs_is_idle()
    {
        var valve = new WatermarkValve();

        Assert.True(valve.IsIdle);
        valve.Add();
        Assert.False(valve.IsIdle);
    }

    [Fact]
    public void A_bound_does_not_wrap_round_before_the_first_record()
    {
        var generator = new BoundedOutOfOrdernessGenerator<int>(1000);

        Assert.Equal(long.MinValue, generator.CurrentWatermarkMs);
        generator.OnRecords([1, 2], [5000, 4000]);
        Assert.Equal(3999, generator.CurrentWatermarkMs);
    }

    private static WatermarkValve Valve(int inputs)
    {
        var valve = new WatermarkValve();
        for (var i = 0; i < inputs; i++)
        {
            valve.Add();
        }

        return valve;
    }
}
