namespace DataPlatform.Web.Graphs;

/// <summary>The layer of each vertex: the longest path from a root, over the edges that close no cycle.</summary>
internal static class Layering
{
    public static int[] Of(int count, IEnumerable<(int From, int To)> edges)
    {
        var next = new List<int>[count];
        foreach (var (from, to) in edges)
        {
            (next[from] ??= []).Add(to);
        }

        var order = Order(next);
        var rank = new int[count];
        for (var i = 0; i < order.Length; i++)
        {
            rank[order[i]] = i;
        }

        var layers = new int[count];
        foreach (var vertex in order)
        {
            foreach (var to in next[vertex] ?? [])
            {
                if (rank[to] > rank[vertex])
                {
                    layers[to] = Math.Max(layers[to], layers[vertex] + 1);
                }
            }
        }

        return layers;
    }

    /// <summary>Reversed order of completion of a depth-first walk: edges against it close cycles. On a stack of its own, so depth has no limit.</summary>
    private static int[] Order(List<int>[] next)
    {
        var order = new int[next.Length];
        var left = next.Length;
        var seen = new bool[next.Length];
        var open = new Stack<(int Vertex, int At)>();
        for (var root = next.Length - 1; root >= 0; root--)
        {
            if (seen[root])
            {
                continue;
            }

            seen[root] = true;
            open.Push((root, 0));
            while (open.TryPop(out var top))
            {
                if (top.At < (next[top.Vertex]?.Count ?? 0))
                {
                    open.Push((top.Vertex, top.At + 1));
                    var to = next[top.Vertex][top.At];
                    if (!seen[to])
                    {
                        seen[to] = true;
                        open.Push((to, 0));
                    }
                }
                else
                {
                    order[--left] = top.Vertex;
                }
            }
        }

        return order;
    }
}
