namespace DataPlatform.Samples.FlightDelays.Api;

/// <summary>The time of the world that is replayed: that of the newest arrival recorded. Timers and time stamps stay the machine's.</summary>
public sealed class ReplayClock(TimeProvider machine, ArrivalsService service) : TimeProvider
{
    /// <inheritdoc/>
    public override long TimestampFrequency => machine.TimestampFrequency;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => service.NewestArrivalMs is { } newest ? DateTimeOffset.FromUnixTimeMilliseconds(newest) : machine.GetUtcNow();

    /// <inheritdoc/>
    public override long GetTimestamp() => machine.GetTimestamp();

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => machine.CreateTimer(callback, state, dueTime, period);
}
