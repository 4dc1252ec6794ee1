namespace DataPlatform.Quality.Lineage;

/// <summary>Columns to look out for while the graph is walked, prepared once for many walks.</summary>
/// <remarks>
/// A whole dataset (<c>*</c>) is met where any of its columns is. Inside one dataset, trouble of the whole explains trouble of a column and
/// not the other way round.
/// </remarks>
internal sealed class SearchTargets(LineageIndex index, IReadOnlyList<ColumnId> columns)
{
    private readonly Dictionary<int, List<int>> _byNode = MapOf(index, columns);
    private readonly ILookup<string, int> _byDataset = Enumerable.Range(0, columns.Count).ToLookup(i => columns[i].Dataset, StringComparer.Ordinal);

    /// <summary>The targets that a column reaches.</summary>
    /// <param name="start">The column.</param>
    /// <param name="upstream">Whether to walk against the flow.</param>
    /// <returns>Targets by their place, nearest first, without the start itself.</returns>
    public IReadOnlyList<ReachedTarget> From(ColumnId start, bool upstream)
    {
        Dictionary<int, ReachedTarget> found = [];
        foreach (var target in _byDataset[start.Dataset])
        {
            var (whole, part) = upstream ? (columns[target], start) : (start, columns[target]);
            if (whole.IsStar && !part.IsStar)
            {
                found[target] = new ReachedTarget(target, 0, true);
            }
        }

        if (index.TryWalk(start, upstream, out var all, out var direct))
        {
            Meet(all, direct, found, start);
        }

        return [.. found.Values.OrderBy(t => t.Distance).ThenBy(t => t.Target)];
    }

    private void Meet(BreadthFirst all, BreadthFirst direct, Dictionary<int, ReachedTarget> found, ColumnId start)
    {
        var distance = 0;
        for (var place = all.StartCount; place < all.Order.Length; place++)
        {
            var node = all.Order[place];
            while (distance + 1 < all.Levels.Count && all.Levels[distance + 1] <= place)
            {
                distance++;
            }

            foreach (var target in _byNode.GetValueOrDefault(node) ?? [])
            {
                var isKnown = found.TryGetValue(target, out var known);
                if (columns[target] != start && (!isKnown || (!known.IsDirect && direct.Reached(node))))
                {
                    found[target] = new ReachedTarget(target, isKnown ? known.Distance : distance, direct.Reached(node));
                }
            }
        }
    }

    private static Dictionary<int, List<int>> MapOf(LineageIndex index, IReadOnlyList<ColumnId> columns)
    {
        Dictionary<int, List<int>> map = [];
        for (var target = 0; target < columns.Count; target++)
        {
            foreach (var node in index.StartsOf(columns[target]))
            {
                if (!map.TryGetValue(node, out var targets))
                {
                    map[node] = targets = [];
                }

                targets.Add(target);
            }
        }

        return map;
    }
}

/// <summary>A target that a walk met.</summary>
/// <param name="Target">Its place among the targets.</param>
/// <param name="Distance">Edges on the shortest path; 0 inside one dataset.</param>
/// <param name="IsDirect">Whether a path of direct edges alone leads there.</param>
internal readonly record struct ReachedTarget(int Target, int Distance, bool IsDirect);
