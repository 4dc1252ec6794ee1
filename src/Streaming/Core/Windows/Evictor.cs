namespace DataPlatform.Streaming.Windows;

/// <summary>A record that a window keeps.</summary>
/// <typeparam name="T">The record.</typeparam>
/// <param name="Value">The record.</param>
/// <param name="TimeMs">Its time in the domain of the windows.</param>
public readonly record struct TimedRecord<T>(T Value, long TimeMs);

/// <summary>Takes records out of a window before its function sees them; they are gone for later firings too.</summary>
/// <typeparam name="T">The records.</typeparam>
public abstract class Evictor<T>
{
    /// <summary>Takes records out.</summary>
    /// <param name="records">The window's records in the order in which they came.</param>
    /// <param name="window">The window.</param>
    public abstract void Evict(IList<TimedRecord<T>> records, TimeWindow window);
}

/// <summary>The usual evictors.</summary>
public static class Evictors
{
    /// <summary>Keeps the last so many records.</summary>
    /// <typeparam name="T">The records.</typeparam>
    /// <param name="count">How many, at least 1.</param>
    public static Evictor<T> Count<T>(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return new CountEvictor<T>(count);
    }

    /// <summary>Keeps the records that are no older than so much before the newest.</summary>
    /// <typeparam name="T">The records.</typeparam>
    /// <param name="age">How much.</param>
    public static Evictor<T> Time<T>(TimeSpan age)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(age, TimeSpan.Zero);
        return new TimeEvictor<T>((long)age.TotalMilliseconds);
    }

    private sealed class CountEvictor<T>(int count) : Evictor<T>
    {
        public override void Evict(IList<TimedRecord<T>> records, TimeWindow window) => Keep(records, [.. records.Skip(Math.Max(0, records.Count - count))]);
    }

    private sealed class TimeEvictor<T>(long ageMs) : Evictor<T>
    {
        public override void Evict(IList<TimedRecord<T>> records, TimeWindow window)
        {
            var newestMs = records.Count == 0 ? 0 : records.Max(static r => r.TimeMs);
            Keep(records, [.. records.Where(r => r.TimeMs >= newestMs - ageMs)]);
        }
    }

    private static void Keep<T>(IList<TimedRecord<T>> records, IReadOnlyList<TimedRecord<T>> kept)
    {
        records.Clear();
        foreach (var record in kept)
        {
            records.Add(record);
        }
    }
}
