using DataPlatform.Streaming.Windows;

namespace DataPlatform.Streaming.Tests.Windows;

public sealed class SliceGridTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(99, 0)]
    [InlineData(100, 100)]
    [InlineData(-1, -100)]
    [InlineData(-100, -100)]
    [InlineData(-101, -200)]
    public void Tumbling_windows_begin_at_or_before_the_record_also_before_1970(long timeMs, long startMs)
        => Assert.Equal(startMs, new SliceGrid(100, 100, 0).LastWindowStart(timeMs));

    [Theory]
    [InlineData(14, -85)]
    [InlineData(15, 15)]
    [InlineData(-86, -185)]
    public void An_offset_moves_the_starts(long timeMs, long startMs) => Assert.Equal(startMs, new SliceGrid(100, 100, 15).LastWindowStart(timeMs));

    [Fact]
    public void Slices_are_as_large_as_all_windows_of_their_records_allow()
    {
        var grid = new SliceGrid(60, 25, 0);

        Assert.Equal(5, grid.SliceMs);
        Assert.Equal(-5, grid.SliceStart(-1));
    }

    [Fact]
    public void A_slide_above_the_size_leaves_gaps()
    {
        var grid = new SliceGrid(10, 30, 0);

        Assert.True(grid.IsInWindow(9));
        Assert.False(grid.IsInWindow(10));
        Assert.True(grid.IsInWindow(30));
    }

    [Fact]
    public void Late_means_at_or_below_the_watermark_and_clean_up_does_not_wrap_round()
    {
        Assert.False(Lateness.IsLate(99, 0, 98));
        Assert.True(Lateness.IsLate(99, 0, 99));
        Assert.False(Lateness.IsLate(99, 10, 108));
        Assert.True(Lateness.IsLate(99, 10, 109));
        Assert.Equal(long.MaxValue, Lateness.CleanupTime(long.MaxValue - 1, 10));
        Assert.Equal(long.MaxValue, new SliceGrid(100, 100, 0).MaxTimestamp(long.MaxValue - 50));
    }
}
