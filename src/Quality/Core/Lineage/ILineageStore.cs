namespace DataPlatform.Quality.Lineage;

/// <summary>Keeps a lineage graph with its history.</summary>
/// <remarks>Implementations are thread-safe; several processes may save: of two images of an edge or an annotation the newer one stays.</remarks>
public interface ILineageStore
{
    /// <summary>Keeps changes, all or none.</summary>
    /// <param name="changes">The changes.</param>
    /// <param name="cancellationToken">Before the write.</param>
    ValueTask SaveAsync(LineageChanges changes, CancellationToken cancellationToken = default);

    /// <summary>Everything that is kept.</summary>
    ValueTask<LineageChanges> LoadAsync(CancellationToken cancellationToken = default);

    /// <summary>Another text whenever others may have saved since; null where that cannot be told without reading everything.</summary>
    /// <param name="cancellationToken">Stops the look.</param>
    ValueTask<string?> StampAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult<string?>(null);

    /// <summary>Removes edges that were retired before an instant.</summary>
    /// <param name="before">The oldest instant to keep.</param>
    /// <param name="edgesMax">Edges removed at most.</param>
    /// <param name="cancellationToken">Before the removal.</param>
    /// <returns>How many were removed; fewer than <paramref name="edgesMax"/> when none is left.</returns>
    ValueTask<int> RemoveRetiredAsync(DateTimeOffset before, int edgesMax = 1_000, CancellationToken cancellationToken = default);
}
