namespace DataPlatform.Quality;

/// <summary>A store of results that takes many at once and forgets.</summary>
/// <remarks>Implementations are thread-safe; those over a server also against other processes.</remarks>
public interface IQualityHistory : IQualityStore
{
    /// <summary>Keeps many runs in one transaction; those whose id is known are passed over.</summary>
    /// <param name="results">The runs.</param>
    /// <param name="cancellationToken">Before the write; it happens whole or not at all.</param>
    /// <returns>How many were new.</returns>
    ValueTask<int> AppendAsync(IReadOnlyList<SuiteResult> results, CancellationToken cancellationToken = default);

    /// <summary>The newest runs of a suite.</summary>
    /// <param name="suite">The suite's name.</param>
    /// <param name="runsMax">Runs at most, 1 to 1,000.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <returns>Runs in the order they began.</returns>
    ValueTask<IReadOnlyList<SuiteResult>> NewestAsync(string suite, int runsMax, CancellationToken cancellationToken = default);

    /// <summary>Removes runs that began before an instant, of all suites, oldest first.</summary>
    /// <param name="before">The oldest instant to keep.</param>
    /// <param name="runsMax">Runs removed at most: small batches keep others waiting for a short time only.</param>
    /// <param name="cancellationToken">Before the removal.</param>
    /// <returns>How many runs were removed; fewer than <paramref name="runsMax"/> when none is left.</returns>
    ValueTask<int> RemoveBeforeAsync(DateTimeOffset before, int runsMax = 1_000, CancellationToken cancellationToken = default);
}
