namespace DataPlatform.Quality.Lineage;

/// <summary>Parts of the graph.</summary>
public sealed partial class LineageIndex
{
    private const int EdgesPerColumn = 8;

    /// <summary>Everything that lies on a way from some columns to others, both included.</summary>
    /// <param name="from">Where the ways begin.</param>
    /// <param name="to">Where they end.</param>
    /// <param name="columnsMax">Columns at most; those nearest to the beginnings stay, and the ends always do.</param>
    public LineageCut Between(IReadOnlyCollection<ColumnId> from, IReadOnlyCollection<ColumnId> to, int columnsMax = 500)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        ArgumentOutOfRangeException.ThrowIfLessThan(columnsMax, 1);
        HashSet<ColumnId> ends = [.. from, .. to];
        if (ends.Count == 1)
        {
            return Among(ends);
        }

        // The way back leaves nothing that the way down came to: most of what lies above an end is never looked at.
        var down = BreadthFirst.Walk(_down, _nodes, _starred, AllStarts(from), LineageSearch.All, directOnly: false);
        var up = BreadthFirst.Walk(_up, _nodes, _starred, AllStarts(to), LineageSearch.All, directOnly: false, within: down);
        List<ColumnId> kept = [];
        var (room, isTruncated) = (columnsMax - ends.Count, false);
        foreach (var node in down.Order)
        {
            if (!up.Reached(node))
            {
                continue;
            }

            var isEnd = ends.Remove(_names[node]);
            if (isEnd || room-- > 0)
            {
                kept.Add(_names[node]);
            }
            else
            {
                isTruncated = true;
            }
        }

        // The beginnings and ends are told even where nothing is known of them.
        var cut = Among([.. kept, .. ends.Order()]);
        return cut with { IsTruncated = cut.IsTruncated || isTruncated };
    }

    /// <summary>Some columns and the edges between them.</summary>
    /// <param name="columns">The columns; unknown ones have no edges.</param>
    public LineageCut Among(IReadOnlyCollection<ColumnId> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        var edgesMax = Math.Max(64, columns.Count * EdgesPerColumn);
        var chosen = new Dictionary<int, ColumnId>();
        foreach (var column in columns)
        {
            if (_names.TryFind(column, out var node) && node < _nodes)
            {
                chosen.TryAdd(node, column);
            }
        }

        var edges = chosen.Keys.SelectMany(node => EdgesFrom(node, chosen)).Distinct().Take(edgesMax + 1).ToList();
        return new LineageCut([.. columns], [.. edges.Take(edgesMax)], edges.Count > edgesMax);
    }

    private int[] AllStarts(IEnumerable<ColumnId> columns)
    {
        List<int> starts = [];
        foreach (var column in columns)
        {
            starts.AddRange(StartsOf(column));
        }

        return [.. starts];
    }

    private List<CutEdge> EdgesFrom(int node, Dictionary<int, ColumnId> chosen)
    {
        List<CutEdge> edges = [];
        Collect(_down.Of(node));
        if (_starred?.StarOf(node) is { } star && star >= 0 && star != node && !chosen.ContainsKey(star))
        {
            // What depends on all columns of the dataset depends on this one.
            Collect(_down.Of(star));
        }

        return edges;

        void Collect(ReadOnlySpan<int> entries)
        {
            foreach (var entry in entries)
            {
                AddTargets(entry >> 1, (entry & 1) == 1);
            }
        }

        void AddTargets(int target, bool isDirect)
        {
            if (chosen.TryGetValue(target, out var column))
            {
                edges.Add(new CutEdge(chosen[node], column, isDirect));
            }
            else if (_starred is not null && _starred.StarOf(target) == target)
            {
                foreach (var member in _starred.MembersOf(target))
                {
                    if (chosen.TryGetValue(member, out var one))
                    {
                        edges.Add(new CutEdge(chosen[node], one, isDirect));
                    }
                }
            }
        }
    }
}
