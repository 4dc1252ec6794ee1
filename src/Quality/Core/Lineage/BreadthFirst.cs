namespace DataPlatform.Quality.Lineage;

/// <summary>Breadth-first search over compressed sparse rows.</summary>
/// <remarks>
/// What was visited is a bit per node, which stays in the cache where an array of distances would not; a distance is the level a node
/// was found on. One search keeps its own arrays, so searches run side by side.
/// </remarks>
internal sealed class BreadthFirst
{
    private readonly ulong[] _visited;
    private readonly List<int> _levels = [0];
    private int[] _order = new int[256];
    private int _count;

    private BreadthFirst(int nodes) => _visited = new ulong[(nodes + 63) / 64];

    /// <summary>Nodes in the order they were found, the start first.</summary>
    public ReadOnlySpan<int> Order => _order.AsSpan(0, _count);

    /// <summary>Where each distance begins in <see cref="Order"/>.</summary>
    public IReadOnlyList<int> Levels => _levels;

    /// <summary>Walks from a node.</summary>
    /// <param name="rows">The neighbours.</param>
    /// <param name="nodes">How many nodes there are.</param>
    /// <param name="start">The node to start at.</param>
    /// <param name="search">How far.</param>
    /// <param name="directOnly">Follows direct edges alone.</param>
    public static BreadthFirst Walk(SparseRows rows, int nodes, int start, LineageSearch search, bool directOnly)
    {
        var walk = new BreadthFirst(nodes);
        walk.Visit(start);
        for (var (from, depth) = (0, 0); from < walk._count && depth < search.DepthMax && walk._count <= search.ColumnsMax; depth++)
        {
            var until = walk._count;
            walk._levels.Add(until);
            for (; from < until; from++)
            {
                walk.Expand(rows.Of(walk._order[from]), directOnly);
            }
        }

        return walk;
    }

    /// <summary>Whether the walk came to a node.</summary>
    public bool Reached(int node) => (_visited[node >> 6] & (1UL << (node & 63))) != 0;

    private void Expand(ReadOnlySpan<int> entries, bool directOnly)
    {
        foreach (var entry in entries)
        {
            if (!directOnly || (entry & 1) == 1)
            {
                Visit(entry >> 1);
            }
        }
    }

    private void Visit(int node)
    {
        ref var word = ref _visited[node >> 6];
        var bit = 1UL << (node & 63);
        if ((word & bit) != 0)
        {
            return;
        }

        word |= bit;
        if (_count == _order.Length)
        {
            Array.Resize(ref _order, _count * 2);
        }

        _order[_count++] = node;
    }
}
