using DataPlatform.Lakehouse.Records;

namespace DataPlatform.Lakehouse.DeltaStreams;

/// <summary>One epoch's records of a subtask, by partition.</summary>
internal sealed class PartitionedRecords<T>
{
    private readonly PartitionLevel<T>[] _levels;
    private readonly List<RecordBuffer<T>> _buffers = [];

    public PartitionedRecords(RowMapping<T> mapping, IReadOnlyList<string> partitionColumns)
    {
        _levels = [.. partitionColumns.Select(name =>
            (mapping.Columns.FirstOrDefault(c => string.Equals(c.Field.Name, name, StringComparison.OrdinalIgnoreCase))
                ?? throw DeltaException.Invalid($"The records do not have the partition column '{name}'.")).NewLevel())];
    }

    /// <summary>The buffer of a record's partition.</summary>
    public RecordBuffer<T> Find(T record)
    {
        var partition = 0;
        foreach (var level in _levels)
        {
            partition = level.Find(partition, record);
        }

        while (_buffers.Count <= partition)
        {
            _buffers.Add(new RecordBuffer<T>(_buffers.Count));
        }

        return _buffers[partition];
    }

    /// <summary>The partitions that hold records, with their values as text, outermost column first.</summary>
    public IEnumerable<(string?[] Values, RecordBuffer<T> Records)> Filled()
        => _buffers.Where(b => b.Count > 0).Select(b => (Values(b.Partition), b));

    public string?[] Values(int partition)
    {
        var values = new string?[_levels.Length];
        for (var level = _levels.Length - 1; level >= 0; level--)
        {
            (partition, values[level]) = _levels[level][partition];
        }

        return values;
    }
}

/// <summary>A growing array of records.</summary>
internal sealed class RecordBuffer<T>(int partition)
{
    private const int FirstCapacity = 256;
    private T[] _records = [];

    public int Partition { get; } = partition;

    public int Count { get; private set; }

    public ReadOnlySpan<T> Records => _records.AsSpan(0, Count);

    public void Add(T record)
    {
        if (Count == _records.Length)
        {
            Array.Resize(ref _records, Math.Max(FirstCapacity, Count * 2));
        }

        _records[Count++] = record;
    }

    /// <summary>Gives the records away and begins anew.</summary>
    public RecordBuffer<T> Detach()
    {
        var taken = new RecordBuffer<T>(Partition) { _records = _records, Count = Count };
        (_records, Count) = ([], 0);
        return taken;
    }
}
