using System.Runtime.CompilerServices;

namespace DataPlatform.Streaming.Cdc;

/// <summary>Decoded rows between two sequence numbers, by split. Reused, so that steady reading allocates only the records.</summary>
internal sealed class OutboxRange<T>
{
    private readonly SortedDictionary<int, Rows> _splits = [];

    /// <summary>The highest sequence number that the range covers.</summary>
    public long EndSequence { get; set; }

    /// <summary>Whether the end marker lies in it.</summary>
    public bool IsLast { get; set; }

    public void Add(int split, long sequence, long eventTimeMs, T record)
    {
        if (!_splits.TryGetValue(split, out var rows))
        {
            _splits.Add(split, rows = new Rows());
        }

        rows.Add(sequence, eventTimeMs, record);
    }

    /// <summary>The next rows of one split that were not taken yet.</summary>
    public bool TryTake(int countMax, out int split, out OutboxChunk<T> chunk)
    {
        foreach (var (number, rows) in _splits)
        {
            if (rows.Taken < rows.Count)
            {
                split = number;
                chunk = rows.Take(countMax);
                return true;
            }
        }

        split = default;
        chunk = default;
        return false;
    }

    public void Clear()
    {
        foreach (var rows in _splits.Values)
        {
            rows.Clear();
        }

        IsLast = false;
    }

    private sealed class Rows
    {
        private T[] _records = new T[64];
        private long[] _timesMs = new long[64];
        private long[] _sequences = new long[64];

        public int Count { get; private set; }

        public int Taken { get; private set; }

        public void Add(long sequence, long eventTimeMs, T record)
        {
            if (Count == _records.Length)
            {
                Array.Resize(ref _records, Count * 2);
                Array.Resize(ref _timesMs, Count * 2);
                Array.Resize(ref _sequences, Count * 2);
            }

            _records[Count] = record;
            _timesMs[Count] = eventTimeMs;
            _sequences[Count++] = sequence;
        }

        public OutboxChunk<T> Take(int countMax)
        {
            var count = Math.Min(countMax, Count - Taken);
            var chunk = new OutboxChunk<T>(_records.AsSpan(Taken, count), _timesMs.AsSpan(Taken, count), _sequences[Taken + count - 1]);
            Taken += count;
            return chunk;
        }

        public void Clear()
        {
            if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
            {
                Array.Clear(_records, 0, Count);
            }

            Count = 0;
            Taken = 0;
        }
    }
}

/// <summary>Rows of one split.</summary>
internal readonly ref struct OutboxChunk<T>(ReadOnlySpan<T> records, ReadOnlySpan<long> timesMs, long lastSequence)
{
    public readonly ReadOnlySpan<T> Records = records;
    public readonly ReadOnlySpan<long> TimesMs = timesMs;
    public readonly long LastSequence = lastSequence;
}
