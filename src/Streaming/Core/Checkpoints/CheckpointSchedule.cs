namespace DataPlatform.Streaming.Checkpoints;

/// <summary>When the next periodic checkpoint may begin. Pure.</summary>
/// <param name="Interval">From the beginning of one to the beginning of the next; null for none.</param>
/// <param name="MinPause">From the end of one to the beginning of the next.</param>
/// <param name="ConcurrentMax">How many may be in the making; with a pause only one.</param>
internal readonly record struct CheckpointSchedule(TimeSpan? Interval, TimeSpan MinPause, int ConcurrentMax)
{
    /// <summary>Whether another checkpoint, of whatever kind, may begin beside those in the making.</summary>
    public bool HasRoom(int pending) => pending < (MinPause > TimeSpan.Zero ? 1 : ConcurrentMax);

    /// <summary>When the next is due.</summary>
    /// <param name="pending">How many are in the making.</param>
    /// <param name="lastBegan">When the last one, or the job, began.</param>
    /// <param name="lastEnded">When the last one completed or was given up; null before the first.</param>
    /// <returns>Null when none is due before one in the making has ended.</returns>
    public DateTimeOffset? Next(int pending, DateTimeOffset lastBegan, DateTimeOffset? lastEnded)
    {
        if (Interval is not { } interval || !HasRoom(pending))
        {
            return null;
        }

        var due = lastBegan + interval;
        return lastEnded + MinPause > due ? lastEnded + MinPause : due;
    }
}
