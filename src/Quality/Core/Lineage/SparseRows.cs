namespace DataPlatform.Quality.Lineage;

/// <summary>An edge between two numbers.</summary>
internal readonly record struct SparseEdge(int Source, int Target, bool IsDirect);

/// <summary>Neighbours in compressed sparse rows; the lowest bit of an entry says whether the edge is direct.</summary>
internal sealed class SparseRows
{
    private readonly int[] _starts;
    private readonly int[] _entries;

    private SparseRows(int[] starts, int[] entries)
    {
        _starts = starts;
        _entries = entries;
    }

    public int EdgeCount => _entries.Length;

    public static SparseRows Build(int nodes, List<SparseEdge> edges, bool reversed)
    {
        var starts = new int[nodes + 1];
        foreach (var edge in edges)
        {
            starts[(reversed ? edge.Target : edge.Source) + 1]++;
        }

        for (var i = 0; i < nodes; i++)
        {
            starts[i + 1] += starts[i];
        }

        var next = starts.ToArray();
        var entries = new int[edges.Count];
        foreach (var edge in edges)
        {
            var (from, to) = reversed ? (edge.Target, edge.Source) : (edge.Source, edge.Target);
            entries[next[from]++] = (to << 1) | (edge.IsDirect ? 1 : 0);
        }

        return WithoutRepeats(starts, entries);
    }

    public ReadOnlySpan<int> Of(int node) => _entries.AsSpan(_starts[node].._starts[node + 1]);

    /// <summary>Several jobs may show one edge. Of an edge shown both ways the direct one stays.</summary>
    private static SparseRows WithoutRepeats(int[] starts, int[] entries)
    {
        var kept = 0;
        var newStarts = new int[starts.Length];
        for (var node = 0; node + 1 < starts.Length; node++)
        {
            newStarts[node] = kept;
            var row = entries.AsSpan(starts[node]..starts[node + 1]);
            row.Sort();
            for (var i = 0; i < row.Length; i++)
            {
                if (i + 1 == row.Length || row[i + 1] >> 1 != row[i] >> 1)
                {
                    entries[kept++] = row[i];
                }
            }
        }

        newStarts[^1] = kept;
        return new SparseRows(newStarts, entries[..kept]);
    }
}
