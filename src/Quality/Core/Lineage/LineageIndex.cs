namespace DataPlatform.Quality.Lineage;

/// <summary>An immutable graph for searching: columns are numbers, and the neighbours of each lie side by side in one array.</summary>
/// <remarks>
/// Thread-safe. Two directions of compressed sparse rows: 8 bytes per edge and direction beside the names. The column <c>*</c> is its whole
/// dataset: what depends on it depends on each column, and what it depends on each column may come from. A search for <c>t.*</c> starts at
/// every column of <c>t</c>.
/// </remarks>
public sealed partial class LineageIndex
{
    private readonly ColumnNames _names;
    private readonly int _nodes;
    private readonly SparseRows _down;
    private readonly SparseRows _up;
    private readonly DatasetColumns? _starred;
    private readonly Lazy<DatasetColumns> _datasets;

    private LineageIndex(ColumnNames names, int nodes, SparseRows down, SparseRows up)
    {
        _names = names;
        _nodes = nodes;
        _down = down;
        _up = up;
        _datasets = new Lazy<DatasetColumns>(() => DatasetColumns.Build(names, nodes));
        _starred = names.StarCount == 0 ? null : _datasets.Value;
    }

    /// <summary>How many columns there are, those of retired edges included.</summary>
    public int ColumnCount => _nodes;

    /// <summary>How many edges there are, several jobs' equal ones counted once.</summary>
    public int EdgeCount => _down.EdgeCount;

    /// <summary>Builds an index.</summary>
    /// <param name="edges">The edges.</param>
    public static LineageIndex Build(IEnumerable<LineageEdge> edges)
    {
        ArgumentNullException.ThrowIfNull(edges);
        var names = new ColumnNames();
        return Build(names, [.. edges.Select(e => new SparseEdge(names.IdOf(e.Source), names.IdOf(e.Target), e.Kind == LineageEdgeKind.Direct))]);
    }

    /// <summary>Builds an index over columns that have their numbers already.</summary>
    internal static LineageIndex Build(ColumnNames names, List<SparseEdge> edges)
    {
        var nodes = names.Count;
        return new LineageIndex(
            names, nodes, SparseRows.Build(nodes, edges, reversed: false), SparseRows.Build(nodes, edges, reversed: true));
    }

    /// <summary>Everything that a column reaches: what breaks when it does.</summary>
    /// <param name="column">The column; <c>*</c> for all of its dataset.</param>
    /// <param name="search">How far and over which edges.</param>
    /// <returns>Columns by distance, nearest first, without the column itself; empty for an unknown one.</returns>
    public IReadOnlyList<LineageReach> Downstream(ColumnId column, LineageSearch? search = null)
        => (IReadOnlyList<LineageReach>?)Reach(_down, column, search ?? LineageSearch.All) ?? [];

    /// <summary>Everything a column comes from.</summary>
    /// <param name="column">The column; <c>*</c> for all of its dataset.</param>
    /// <param name="search">How far and over which edges.</param>
    /// <returns>Columns by distance, nearest first, without the column itself; empty for an unknown one.</returns>
    public IReadOnlyList<LineageReach> Upstream(ColumnId column, LineageSearch? search = null)
        => (IReadOnlyList<LineageReach>?)Reach(_up, column, search ?? LineageSearch.All) ?? [];

    /// <summary>Walks over all edges and over direct ones alone; false for a column that nothing is known of.</summary>
    internal bool TryWalk(ColumnId column, bool upstream, out BreadthFirst all, out BreadthFirst direct)
    {
        var rows = upstream ? _up : _down;
        var starts = StartsOf(column);
        all = BreadthFirst.Walk(rows, _nodes, _starred, starts, LineageSearch.All, directOnly: false);
        direct = BreadthFirst.Walk(rows, _nodes, _starred, starts, LineageSearch.All, directOnly: true);
        return !starts.IsEmpty;
    }

    /// <summary>The nodes to search from; empty for a column that nothing is known of.</summary>
    internal ReadOnlySpan<int> StartsOf(ColumnId column)
    {
        // A number given after this index was built is of a column that it has no edges of.
        if (column.IsStar)
        {
            return _datasets.Value.MembersOf(column.Dataset);
        }

        if (_names.TryFind(column, out var start) && start < _nodes)
        {
            return new[] { start };
        }

        // Known only as one of all columns of its dataset.
        return _names.TryFind(column with { Column = ColumnId.Star }, out var star) && star < _nodes ? new[] { star } : [];
    }

    /// <summary>The columns that a search for a column starts at: itself, or all of its dataset.</summary>
    /// <param name="column">The column.</param>
    /// <returns>Columns by name; empty for an unknown one.</returns>
    public IReadOnlyList<ColumnId> ColumnsOf(ColumnId column)
    {
        List<ColumnId> columns = [];
        foreach (var node in StartsOf(column))
        {
            columns.Add(_names[node]);
        }

        columns.Sort();
        return columns;
    }

    private ReachedColumns? Reach(SparseRows rows, ColumnId column, LineageSearch search)
    {
        var starts = StartsOf(column);
        if (starts.IsEmpty)
        {
            return null;
        }

        var direct = BreadthFirst.Walk(rows, _nodes, _starred, starts, search, directOnly: true);
        var all = search.Indirect ? BreadthFirst.Walk(rows, _nodes, _starred, starts, search, directOnly: false) : direct;
        return new ReachedColumns(_names, all, direct, search.ColumnsMax);
    }
}
