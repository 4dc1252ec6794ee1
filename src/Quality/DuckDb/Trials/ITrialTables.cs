namespace DataPlatform.Quality.DuckDb.Trials;

/// <summary>Opens tables for trials.</summary>
/// <remarks>Implementations are thread-safe.</remarks>
public interface ITrialTables
{
    /// <summary>The tables there are, by name.</summary>
    ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default);

    /// <summary>Opens a table in a database of its own, with the tables that rules may refer to.</summary>
    /// <param name="table">The table, as suites name it.</param>
    /// <param name="cancellationToken">Stops the opening.</param>
    /// <exception cref="QualityException">There is no such table, or it cannot be read.</exception>
    ValueTask<TrialTable> OpenAsync(string table, CancellationToken cancellationToken = default);
}
