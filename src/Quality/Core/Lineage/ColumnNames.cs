using System.Collections.Concurrent;

namespace DataPlatform.Quality.Lineage;

/// <summary>Columns as numbers, given once and never taken back: a graph hashes a name when it is seen, not whenever it is searched.</summary>
/// <remarks>One writer; readers need no lock, since numbers only grow and a grown array holds what the old one held.</remarks>
internal sealed class ColumnNames
{
    private readonly ConcurrentDictionary<ColumnId, int> _ids = new(concurrencyLevel: 1, capacity: 64);
    private volatile ColumnId[] _columns = new ColumnId[64];

    /// <summary>How many columns have a number.</summary>
    public int Count { get; private set; }

    /// <summary>How many of them stand for all columns of a dataset.</summary>
    public int StarCount { get; private set; }

    /// <summary>The column of a number.</summary>
    public ColumnId this[int id] => _columns[id];

    /// <summary>The number of a column, or none.</summary>
    public bool TryFind(ColumnId column, out int id) => _ids.TryGetValue(column, out id);

    /// <summary>The number of a column, a new one where it has none.</summary>
    public int IdOf(ColumnId column)
    {
        if (_ids.TryGetValue(column, out var id))
        {
            return id;
        }

        id = Count;
        if (id == _columns.Length)
        {
            var grown = new ColumnId[id * 2];
            _columns.CopyTo(grown, 0);
            _columns = grown;
        }

        _columns[id] = column;
        Count = id + 1;
        StarCount += column.IsStar ? 1 : 0;
        _ids[column] = id;
        return id;
    }
}
