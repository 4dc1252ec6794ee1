namespace DataPlatform.Quality.Lineage;

/// <summary>Some columns with everything that they reach and that reaches them.</summary>
internal sealed class LineageSurroundings
{
    private readonly LineageIndex _index;
    private readonly Func<int, bool> _isReached;
    private readonly HashSet<string> _own;

    public LineageSurroundings(LineageIndex index, IReadOnlyCollection<ColumnId> columns, IEnumerable<string> reached, Func<int, bool> isReached)
    {
        (_index, _isReached) = (index, isReached);
        _own = columns.Select(c => c.Dataset).ToHashSet(StringComparer.Ordinal);
        Datasets = reached.Concat(_own).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>The datasets that columns of it lie in.</summary>
    public IReadOnlySet<string> Datasets { get; }

    /// <summary>Whether a column lies in it. Inside one dataset trouble of the whole explains trouble of a column, so that all of its columns do.</summary>
    public bool Holds(ColumnId column)
    {
        if (_own.Contains(column.Dataset))
        {
            return true;
        }

        foreach (var node in _index.StartsOf(column))
        {
            if (_isReached(node))
            {
                return true;
            }
        }

        return false;
    }
}
