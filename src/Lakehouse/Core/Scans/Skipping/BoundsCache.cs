namespace DataPlatform.Lakehouse.Scans.Skipping;

/// <summary>
/// The bounds of a block's columns, read when a condition first asks for them and kept with the block, which versions share: later plans are
/// passes over arrays. Thread-safe.
/// </summary>
internal sealed class BoundsCache(int chunks, Func<int, IReadOnlyList<StatisticsColumn>, ColumnBounds[]> read)
{
    private const long KeptBytesMax = 256L << 20;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ColumnBounds[]> _columns = new(StringComparer.Ordinal);
    private readonly Queue<string> _oldest = new();
    private long _bytes;

    /// <summary>The bounds of columns, each by chunk.</summary>
    public ColumnBounds[][] Of(IReadOnlyList<StatisticsColumn> wanted)
    {
        lock (_lock)
        {
            StatisticsColumn[] missing = [.. wanted.Where(c => !_columns.ContainsKey(c.Key)).DistinctBy(c => c.Key)];
            if (missing.Length > 0)
            {
                Read(missing);
            }

            var found = wanted.Select(c => _columns[c.Key]).ToArray();
            Trim(wanted);
            return found;
        }
    }

    private void Read(StatisticsColumn[] missing)
    {
        var byChunk = new ColumnBounds[chunks][];
        if (chunks == 1)
        {
            byChunk[0] = read(0, missing);
        }
        else
        {
            Parallel.For(0, chunks, chunk => byChunk[chunk] = read(chunk, missing));
        }

        for (var i = 0; i < missing.Length; i++)
        {
            var column = i;
            _columns[missing[i].Key] = [.. byChunk.Select(c => c[column])];
            _oldest.Enqueue(missing[i].Key);
            _bytes += byChunk.Sum(c => c[column].SizeBytes);
        }
    }

    /// <summary>A table of many columns must not fill the memory: the columns read first are dropped, those just asked for never.</summary>
    private void Trim(IReadOnlyList<StatisticsColumn> wanted)
    {
        for (var left = _oldest.Count; _bytes > KeptBytesMax && left > 0; left--)
        {
            var key = _oldest.Dequeue();
            if (wanted.Any(w => w.Key == key))
            {
                _oldest.Enqueue(key);
                continue;
            }

            _bytes -= _columns[key].Sum(c => c.SizeBytes);
            _columns.Remove(key);
        }
    }
}
