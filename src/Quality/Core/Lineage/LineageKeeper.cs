namespace DataPlatform.Quality.Lineage;

/// <summary>Keeps a graph and a store in step: what changed here goes there, and what others kept comes here.</summary>
/// <remarks>Thread-safe. What could not be kept stays a change and is kept the next time.</remarks>
/// <param name="graph">The graph.</param>
/// <param name="store">The store.</param>
public sealed class LineageKeeper(LineageGraph graph, ILineageStore store)
{
    /// <summary>Takes in what the store has.</summary>
    /// <param name="cancellationToken">Stops the reading; the graph is unchanged then.</param>
    public async ValueTask LoadAsync(CancellationToken cancellationToken = default)
        => graph.Restore(await store.LoadAsync(cancellationToken).ConfigureAwait(false));

    /// <summary>Keeps what changed since the last time.</summary>
    /// <param name="cancellationToken">Before the write; the changes stay.</param>
    /// <returns>How many edges and annotations were kept.</returns>
    public async ValueTask<int> SaveAsync(CancellationToken cancellationToken = default)
    {
        var changes = graph.TakeChanges();
        if (changes.IsEmpty)
        {
            return 0;
        }

        try
        {
            await store.SaveAsync(changes, cancellationToken).ConfigureAwait(false);
            return changes.Edges.Count + changes.Annotations.Count;
        }
        catch
        {
            graph.GiveBack(changes);
            throw;
        }
    }
}
