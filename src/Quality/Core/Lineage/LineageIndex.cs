namespace DataPlatform.Quality.Lineage;

/// <summary>An immutable graph for searching: columns are numbers, and the neighbours of each lie side by side in one array.</summary>
/// <remarks>Thread-safe. Two directions of compressed sparse rows: 8 bytes per edge and direction beside the names.</remarks>
public sealed class LineageIndex
{
    private readonly ColumnNames _names;
    private readonly int _nodes;
    private readonly SparseRows _down;
    private readonly SparseRows _up;

    private LineageIndex(ColumnNames names, int nodes, SparseRows down, SparseRows up)
    {
        _names = names;
        _nodes = nodes;
        _down = down;
        _up = up;
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
    /// <param name="column">The column.</param>
    /// <param name="search">How far and over which edges.</param>
    /// <returns>Columns by distance, nearest first, without the column itself; empty for an unknown one.</returns>
    public IReadOnlyList<LineageReach> Downstream(ColumnId column, LineageSearch? search = null)
        => (IReadOnlyList<LineageReach>?)Reach(_down, column, search ?? LineageSearch.All) ?? [];

    /// <summary>Everything a column comes from.</summary>
    /// <param name="column">The column.</param>
    /// <param name="search">How far and over which edges.</param>
    /// <returns>Columns by distance, nearest first, without the column itself; empty for an unknown one.</returns>
    public IReadOnlyList<LineageReach> Upstream(ColumnId column, LineageSearch? search = null)
        => (IReadOnlyList<LineageReach>?)Reach(_up, column, search ?? LineageSearch.All) ?? [];

    private ReachedColumns? Reach(SparseRows rows, ColumnId column, LineageSearch search)
    {
        // A number given after this index was built is of a column that it has no edges of.
        if (!_names.TryFind(column, out var start) || start >= _nodes)
        {
            return null;
        }

        var direct = BreadthFirst.Walk(rows, _nodes, start, search, directOnly: true);
        var all = search.Indirect ? BreadthFirst.Walk(rows, _nodes, start, search, directOnly: false) : direct;
        return new ReachedColumns(_names, all, direct, search.ColumnsMax);
    }
}
