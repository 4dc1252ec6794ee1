using DataPlatform.Streaming.Checkpoints;

namespace DataPlatform.Streaming.Tests.Checkpoints;

public sealed class CheckpointScheduleTests
{
    private static readonly DateTimeOffset Start = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(10, 0, 1, 0, 0, null, 10.0)] // the first, an interval after the start
    [InlineData(10, 0, 1, 1, 0, null, null)] // one is in the making
    [InlineData(10, 0, 2, 1, 0, null, 10.0)] // and two may be
    [InlineData(10, 0, 2, 2, 0, null, null)]
    [InlineData(10, 0, 1, 0, 0, 25, 25.0)] // at once: the last took longer than the interval
    [InlineData(10, 7, 1, 0, 0, 25, 32.0)] // but never without the pause
    [InlineData(10, 7, 1, 0, 0, 2, 10.0)]
    [InlineData(10, 7, 3, 1, 0, null, null)] // a pause makes it one at a time
    [InlineData(null, 0, 1, 0, 0, null, null)]
    public void The_next_checkpoint_is_due(int? interval, int pause, int concurrent, int pending, int began, int? ended, double? due)
    {
        var schedule = new CheckpointSchedule(interval is { } s ? TimeSpan.FromSeconds(s) : null, TimeSpan.FromSeconds(pause), concurrent);

        Assert.Equal(due is { } at ? Start.AddSeconds(at) : null, schedule.Next(pending, Start.AddSeconds(began), ended is { } e ? Start.AddSeconds(e) : null));
    }
}
