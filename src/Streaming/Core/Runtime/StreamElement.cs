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

    // The watermark of the record's split just before the record; empty unless the source stamps its records.
    private long[] _splitWatermarksMs = [];
    private bool _stamped;

    public bool IsFull => Count == Records.Length;

    public BatchView<T> View => new(
        new ReadOnlySpan<T>(Records, 0, Count),
        new ReadOnlySpan<long>(TimesMs, 0, Count),
        KeyHashes.Length == 0 ? default : new ReadOnlySpan<int>(KeyHashes, 0, Count),
        _stamped ? new ReadOnlySpan<long>(_splitWatermarksMs, 0, Count) : default);

    /// <summary>The stamps of the records from a place on; records before it count as never late.</summary>
    public Span<long> Stamps(int from)
    {
        if (!_stamped)
        {
            _stamped = true;
            _splitWatermarksMs = _splitWatermarksMs.Length == 0 ? new long[Records.Length] : _splitWatermarksMs;
            Array.Fill(_splitWatermarksMs, long.MinValue, 0, from);
        }

        return _splitWatermarksMs.AsSpan(from);
    }

    /// <summary>Records without stamps follow some with: they too count as never late.</summary>
    public void LeaveUnstamped(int from, int count)
    {
        if (_stamped)
        {
            Array.Fill(_splitWatermarksMs, long.MinValue, from, count);
        }
    }

    public void Clear()
    {
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
        {
            Array.Clear(Records, 0, Count);
        }

        Count = 0;
        _stamped = false;
    }
}

/// <summary>Records as operators see them: spans of equal length, valid during the call. Key hashes are empty where no shuffle by key precedes.</summary>
internal readonly ref struct BatchView<T>(
    ReadOnlySpan<T> records, ReadOnlySpan<long> timesMs, ReadOnlySpan<int> keyHashes = default, ReadOnlySpan<long> splitWatermarksMs = default)
{
    public readonly ReadOnlySpan<T> Records = records;
    public readonly ReadOnlySpan<long> TimesMs = timesMs;
    public readonly ReadOnlySpan<int> KeyHashes = keyHashes;

    /// <summary>For each record the watermark of its split just before it; empty unless the source's strategy asks for lateness by split.</summary>
    public readonly ReadOnlySpan<long> SplitWatermarksMs = splitWatermarksMs;

    public int Count => Records.Length;

    /// <summary>Some of the records, where they lie.</summary>
    public BatchView<T> Slice(int start, int count) => new(
        Records.Slice(start, count),
        TimesMs.Slice(start, count),
        KeyHashes.IsEmpty ? default : KeyHashes.Slice(start, count),
        StampsFrom(start, start + count));

    /// <summary>The stamps of some of the records; empty when there are none.</summary>
    public ReadOnlySpan<long> StampsFrom(int start, int end) => SplitWatermarksMs.IsEmpty ? default : SplitWatermarksMs[start..end];
}
