using System.Runtime.CompilerServices;
using DataPlatform.Streaming.Runtime;

namespace DataPlatform.Streaming.Operators;

/// <summary>Collects results of an operator until there are enough for a batch; reused, so steady work allocates nothing.</summary>
internal sealed class EmitBuffer<T>(int capacity)
{
    private readonly T[] _records = new T[capacity];
    private readonly long[] _timesMs = new long[capacity];
    private long[] _splitWatermarksMs = [];

    public int Count { get; private set; }

    public bool IsFull => Count == _records.Length;

    public BatchView<T> View => new(_records.AsSpan(0, Count), _timesMs.AsSpan(0, Count), default, _splitWatermarksMs.Length == 0 ? default : _splitWatermarksMs.AsSpan(0, Count));

    public void Add(T record, long timeMs)
    {
        _records[Count] = record;
        _timesMs[Count++] = timeMs;
    }

    /// <summary>Adds a record of a stream whose records carry the watermark of their split; all records of such a stream do.</summary>
    public void Add(T record, long timeMs, long splitWatermarkMs)
    {
        if (_splitWatermarksMs.Length == 0)
        {
            _splitWatermarksMs = new long[_records.Length];
        }

        _splitWatermarksMs[Count] = splitWatermarkMs;
        Add(record, timeMs);
    }

    public bool HasRoom(int count) => Count + count <= _records.Length;

    /// <summary>Adds some records of a view; there must be room.</summary>
    public void Add(in BatchView<T> view, int start, int count)
    {
        view.Records.Slice(start, count).CopyTo(_records.AsSpan(Count));
        view.TimesMs.Slice(start, count).CopyTo(_timesMs.AsSpan(Count));
        if (!view.SplitWatermarksMs.IsEmpty)
        {
            _splitWatermarksMs = _splitWatermarksMs.Length == 0 ? new long[_records.Length] : _splitWatermarksMs;
            view.SplitWatermarksMs.Slice(start, count).CopyTo(_splitWatermarksMs.AsSpan(Count));
        }

        Count += count;
    }

    public void Clear()
    {
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
        {
            Array.Clear(_records, 0, Count);
        }

        Count = 0;
    }
}
