namespace DataPlatform.Quality.Lineage;

/// <summary>An immutable graph for searching: columns are numbers, and the neighbours of each lie side by side in one array.</summary>
/// <remarks>Thread-safe. Two directions of compressed sparse rows: 8 bytes per edge and direction beside the names.</remarks>
public sealed class LineageIndex
{
    private readonly ColumnId[] _columns;
    private readonly Dictionary<ColumnId, int> _ids;
    private readonly SparseRows _down;
    private readonly SparseRows _up;

    private LineageIndex(ColumnId[] columns, Dictionary<ColumnId, int> ids, SparseRows down, SparseRows up)
    {
        _columns = columns;
        _ids = ids;
        _down = down;
        _up = up;
    }

    /// <summary>How many columns there are.</summary>
    public int ColumnCount => _columns.Length;

    /// <summary>How many edges there are, several jobs' equal ones counted once.</summary>
    public int EdgeCount => _down.EdgeCount;

    /// <summary>Builds an index.</summary>
    /// <param name="edges">The edges.</param>
    public static LineageIndex Build(IEnumerable<LineageEdge> edges)
    {
        ArgumentNullException.ThrowIfNull(edges);
        Dictionary<ColumnId, int> ids = [];
        List<ColumnId> columns = [];
        List<SparseEdge> pairs = [];
        foreach (var edge in edges)
        {
            pairs.Add(new SparseEdge(IdOf(edge.Source), IdOf(edge.Target), edge.Kind == LineageEdgeKind.Direct));
        }

        return new LineageIndex([.. columns], ids, SparseRows.Build(columns.Count, pairs, reversed: false), SparseRows.Build(columns.Count, pairs, reversed: true));

        int IdOf(ColumnId column)
        {
            if (!ids.TryGetValue(column, out var id))
            {
                ids[column] = id = columns.Count;
                columns.Add(column);
            }

            return id;
        }
    }

    /// <summary>Everything that a column reaches: what breaks when it does.</summary>
    /// <param name="column">The column.</param>
    /// <param name="search">How far and over which edges.</param>
    /// <returns>Columns by distance, nearest first, without the column itself; empty for an unknown one.</returns>
    public IReadOnlyList<LineageReach> Downstream(ColumnId column, LineageSearch? search = null) => Reach(_down, column, search ?? LineageSearch.All);

    /// <summary>Everything a column comes from.</summary>
    /// <param name="column">The column.</param>
    /// <param name="search">How far and over which edges.</param>
    /// <returns>Columns by distance, nearest first, without the column itself; empty for an unknown one.</returns>
    public IReadOnlyList<LineageReach> Upstream(ColumnId column, LineageSearch? search = null) => Reach(_up, column, search ?? LineageSearch.All);

    private List<LineageReach> Reach(SparseRows rows, ColumnId column, LineageSearch search)
    {
        if (!_ids.TryGetValue(column, out var start))
        {
            return [];
        }

        List<LineageReach> reached = [];
        var walk = new BreadthFirst(rows, _columns.Length);
        foreach (var (id, distance, isDirect) in walk.From(start, search))
        {
            reached.Add(new LineageReach(_columns[id], distance, isDirect));
        }

        return reached;
    }
}
