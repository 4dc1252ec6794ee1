namespace DataPlatform.Quality.Lineage;

/// <summary>Breadth-first search that also tells which nodes a path of direct edges alone leads to.</summary>
internal sealed class BreadthFirst(SparseRows rows, int nodes)
{
    /// <summary>The nodes reached, nearest first.</summary>
    public IEnumerable<(int Id, int Distance, bool IsDirect)> From(int start, LineageSearch search)
    {
        var direct = Walk(start, search with { Indirect = false });
        if (!search.Indirect)
        {
            return direct.Order.Skip(1).Take(search.ColumnsMax).Select(id => (id, direct.Distances[id], true));
        }

        var all = Walk(start, search);
        return all.Order.Skip(1).Take(search.ColumnsMax).Select(id => (id, all.Distances[id], direct.Distances[id] >= 0));
    }

    private (List<int> Order, int[] Distances) Walk(int start, LineageSearch search)
    {
        var distances = new int[nodes];
        Array.Fill(distances, -1);
        distances[start] = 0;
        List<int> order = [start];
        for (var at = 0; at < order.Count && distances[order[at]] < search.DepthMax && order.Count <= search.ColumnsMax; at++)
        {
            foreach (var entry in rows.Of(order[at]))
            {
                var next = entry >> 1;
                if (distances[next] < 0 && (search.Indirect || (entry & 1) == 1))
                {
                    distances[next] = distances[order[at]] + 1;
                    order.Add(next);
                }
            }
        }

        return (order, distances);
    }
}
