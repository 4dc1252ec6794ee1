namespace DataPlatform.Quality.Lineage;

/// <summary>Breadth-first search over compressed sparse rows.</summary>
/// <remarks>
/// What was visited is a bit per node, which stays in the cache where an array of distances would not; a distance is the level a node
/// was found on. A column also has the edges of its dataset's star, and whoever comes to a star comes to all columns of the dataset. One
/// search keeps its own arrays, so searches run side by side.
/// </remarks>
internal sealed class BreadthFirst
{
    private readonly ulong[] _visited;
    private readonly ulong[] _expandedStars;
    private readonly DatasetColumns? _datasets;
    private readonly List<int> _levels = [0];
    private readonly BreadthFirst? _within;
    private int[] _order = new int[256];
    private int _count;

    private BreadthFirst(int nodes, DatasetColumns? datasets, BreadthFirst? within)
    {
        _within = within;
        _visited = new ulong[(nodes + 63) / 64];
        _datasets = datasets;
        _expandedStars = datasets is null ? [] : new ulong[_visited.Length];
    }

    /// <summary>Nodes in the order they were found, the starts first.</summary>
    public ReadOnlySpan<int> Order => _order.AsSpan(0, _count);

    /// <summary>Where each distance begins in <see cref="Order"/>.</summary>
    public IReadOnlyList<int> Levels => _levels;

    /// <summary>How many nodes it started at.</summary>
    public int StartCount { get; private set; }

    /// <summary>Walks from some nodes.</summary>
    /// <param name="rows">The neighbours.</param>
    /// <param name="nodes">How many nodes there are.</param>
    /// <param name="datasets">Which columns stand together; null where no column stands for others.</param>
    /// <param name="starts">The nodes to start at.</param>
    /// <param name="search">How far.</param>
    /// <param name="directOnly">Follows direct edges alone.</param>
    /// <param name="within">Another walk: only nodes that it came to are visited; null for all.</param>
    public static BreadthFirst Walk(
        SparseRows rows,
        int nodes,
        DatasetColumns? datasets,
        ReadOnlySpan<int> starts,
        LineageSearch search,
        bool directOnly,
        BreadthFirst? within = null)
    {
        var walk = new BreadthFirst(nodes, datasets, within);
        foreach (var start in starts)
        {
            walk.Visit(start);
        }

        walk.StartCount = walk._count;
        for (var (from, depth) = (0, 0); from < walk._count && depth < search.DepthMax && walk._count <= search.ColumnsMax; depth++)
        {
            var until = walk._count;
            walk._levels.Add(until);
            for (; from < until; from++)
            {
                walk.Expand(rows, walk._order[from], directOnly);
            }
        }

        return walk;
    }

    /// <summary>Whether the walk came to a node.</summary>
    public bool Reached(int node) => IsSet(_visited, node);

    /// <summary>The level that a place in <see cref="Order"/> lies on.</summary>
    public int DistanceAt(int place)
    {
        var level = _levels.Count - 1;
        while (level > 0 && _levels[level] > place)
        {
            level--;
        }

        return level;
    }

    private void Expand(SparseRows rows, int node, bool directOnly)
    {
        Follow(rows.Of(node), directOnly);
        if (_datasets?.StarOf(node) is { } star && star >= 0 && star != node && Set(_expandedStars, star))
        {
            Follow(rows.Of(star), directOnly);
        }
    }

    private void Follow(ReadOnlySpan<int> entries, bool directOnly)
    {
        foreach (var entry in entries)
        {
            if (!directOnly || (entry & 1) == 1)
            {
                Arrive(entry >> 1);
            }
        }
    }

    private void Arrive(int node)
    {
        Visit(node);
        if (_datasets is not null && _datasets.StarOf(node) == node && Set(_expandedStars, node))
        {
            foreach (var member in _datasets.MembersOf(node))
            {
                Visit(member);
            }
        }
    }

    private void Visit(int node)
    {
        if (_within?.Reached(node) == false || !Set(_visited, node))
        {
            return;
        }

        if (_count == _order.Length)
        {
            Array.Resize(ref _order, _count * 2);
        }

        _order[_count++] = node;
    }

    private static bool IsSet(ulong[] bits, int node) => (bits[node >> 6] & (1UL << (node & 63))) != 0;

    /// <returns>Whether the bit was not set before.</returns>
    private static bool Set(ulong[] bits, int node)
    {
        ref var word = ref bits[node >> 6];
        var bit = 1UL << (node & 63);
        var isNew = (word & bit) == 0;
        word |= bit;
        return isNew;
    }
}
