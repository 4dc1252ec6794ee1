using System.Runtime.CompilerServices;

namespace DataPlatform.Streaming.Runtime;

/// <summary>What travels on a channel, in order. It carries the attempt of its sender, so that a message of a dead attempt is refused.</summary>
internal abstract class StreamElement
{
    /// <summary>The attempt of the job that sent it.</summary>
    public int Attempt { get; init; }
}

/// <summary>No record with an event time at or below this one is expected any more.</summary>
internal sealed class WatermarkElement(long timeMs) : StreamElement
{
    public long TimeMs { get; } = timeMs;
}

/// <summary>The sender has become idle, and does not hold back time, or active again.</summary>
internal sealed class StatusElement(bool idle) : StreamElement
{
    public bool IsIdle { get; } = idle;
}

/// <summary>Everything before it belongs to the checkpoint, nothing after it does.</summary>
internal sealed class BarrierElement(Checkpoints.CheckpointBarrier barrier) : StreamElement
{
    public Checkpoints.CheckpointBarrier Barrier { get; } = barrier;
}

/// <summary>No records follow; barriers still may.</summary>
internal sealed class EndElement : StreamElement;

/// <summary>Records with their event times and, after a shuffle by key, key hashes. Owned by whoever received it, then given back to the channel.</summary>
internal sealed class Batch<T>(int capacity, bool keyed) : StreamElement
{
    public readonly T[] Records = new T[capacity];
    public readonly long[] TimesMs = new long[capacity];
    public readonly int[] KeyHashes = keyed ? new int[capacity] : [];
    public int Count;

    public bool IsFull => Count == Records.Length;

    public BatchView<T> View => new(
        new ReadOnlySpan<T>(Records, 0, Count), new ReadOnlySpan<long>(TimesMs, 0, Count), KeyHashes.Length == 0 ? default : new ReadOnlySpan<int>(KeyHashes, 0, Count));

    public void Clear()
    {
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
        {
            Array.Clear(Records, 0, Count);
        }

        Count = 0;
    }
}

/// <summary>Records as operators see them: spans of equal length, valid during the call. Key hashes are empty where no shuffle by key precedes.</summary>
internal readonly ref struct BatchView<T>(ReadOnlySpan<T> records, ReadOnlySpan<long> timesMs, ReadOnlySpan<int> keyHashes)
{
    public readonly ReadOnlySpan<T> Records = records;
    public readonly ReadOnlySpan<long> TimesMs = timesMs;
    public readonly ReadOnlySpan<int> KeyHashes = keyHashes;

    public int Count => Records.Length;

    public BatchView<T> Slice(int start, int length) => new(
        Records.Slice(start, length), TimesMs.Slice(start, length), KeyHashes.IsEmpty ? default : KeyHashes.Slice(start, length));
}
