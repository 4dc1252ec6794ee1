using DataPlatform.Quality.Profiles;

namespace DataPlatform.Quality.Trials;

/// <summary>Tries suites on samples of tables before they are kept. Reads only; nothing it finds is kept as a result.</summary>
/// <remarks>Implementations are thread-safe.</remarks>
public interface ISuiteWorkbench
{
    /// <summary>The tables that can be tried, by name.</summary>
    ValueTask<IReadOnlyList<string>> TablesAsync(CancellationToken cancellationToken = default);

    /// <summary>Runs a suite over a sample of its table.</summary>
    /// <param name="suite">The suite.</param>
    /// <param name="options">How much and how long; the defaults when null.</param>
    /// <param name="cancellationToken">Stops the running query.</param>
    /// <exception cref="QualityException">There is no such table, it cannot be read, or the time is over.</exception>
    ValueTask<SuiteTrial> TryAsync(QualitySuite suite, TrialOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>What the columns of a table look like in a sample of it.</summary>
    /// <param name="table">The table.</param>
    /// <param name="options">How much and how long; the defaults when null.</param>
    /// <param name="cancellationToken">Stops the running query.</param>
    /// <exception cref="QualityException">There is no such table, it cannot be read, or the time is over.</exception>
    ValueTask<PartitionState> ProfileAsync(string table, TrialOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Rules that a sample of a table keeps.</summary>
    /// <param name="table">The table.</param>
    /// <param name="options">How much and how long; the defaults when null.</param>
    /// <param name="cancellationToken">Stops the running query.</param>
    /// <exception cref="QualityException">There is no such table, it cannot be read, or the time is over.</exception>
    ValueTask<IReadOnlyList<RuleSuggestion>> SuggestAsync(string table, TrialOptions? options = null, CancellationToken cancellationToken = default);
}
