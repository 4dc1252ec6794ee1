namespace DataPlatform.Streaming.Runtime;

/// <summary>
/// How many batches may wait for a subtask: as many as it works off in a given time, so that a slow one does not keep seconds of records in front
/// of it, which barriers and watermarks would have to wait for. Pure.
/// </summary>
internal static class BufferDebloat
{
    /// <summary>Batches a channel may hold.</summary>
    /// <param name="target">How much may wait, as the time it takes to work it off.</param>
    /// <param name="busy">How long the subtask has worked.</param>
    /// <param name="batches">On how many batches.</param>
    /// <param name="channels">How many channels share what may wait.</param>
    /// <param name="capacity">The most a channel may hold.</param>
    public static int Credit(TimeSpan target, TimeSpan busy, long batches, int channels, int capacity)
    {
        if (batches == 0 || busy <= TimeSpan.Zero)
        {
            return capacity;
        }

        var credit = target.Ticks / Math.Max(1, busy.Ticks / batches) / channels;
        return (int)Math.Clamp(credit, 1, capacity);
    }
}
