namespace DataPlatform.Quality.Lineage;

/// <summary>What single runs have shown.</summary>
public sealed partial class LineageGraph
{
    /// <summary>Whether a run has shown by some statement which columns of a dataset go into another: that it read the one and wrote the other then says
    /// nothing more.</summary>
    /// <param name="job">The job.</param>
    /// <param name="run">Its run.</param>
    /// <param name="source">The dataset read.</param>
    /// <param name="target">The dataset written.</param>
    internal bool HasColumns(string job, string run, string source, string target)
    {
        lock (_gate)
        {
            return _jobs.TryGetValue(job, out var statements)
                && statements.Values.Where(statement => statement.Run == run).SelectMany(statement => statement.Edges)
                    .Any(edge => Joins(_names[edge.Source], _names[edge.Target], source, target) && _edges[edge] is { RetiredAt: null } known && known.LastRun == run);
        }
    }

    private static bool Joins(ColumnId from, ColumnId to, string source, string target) =>
        from.Dataset == source && to.Dataset == target && !(from.IsStar && to.IsStar);
}
