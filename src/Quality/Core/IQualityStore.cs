namespace DataPlatform.Quality;

/// <summary>Keeps results of runs.</summary>
/// <remarks>Implementations are thread-safe. Appending a run id twice keeps the first.</remarks>
public interface IQualityStore
{
    /// <summary>Keeps a run.</summary>
    /// <param name="result">The run.</param>
    /// <param name="cancellationToken">Before the write; a cancelled write may have happened whole, never in part.</param>
    /// <returns>False when a run of that id was there already.</returns>
    ValueTask<bool> AppendAsync(SuiteResult result, CancellationToken cancellationToken = default);

    /// <summary>Reads a suite's runs.</summary>
    /// <param name="suite">The suite's name.</param>
    /// <param name="from">Only runs that began at or after this instant; null for all.</param>
    /// <param name="cancellationToken">Stops between two runs.</param>
    /// <returns>Runs in the order they began.</returns>
    IAsyncEnumerable<SuiteResult> ReadAsync(string suite, DateTimeOffset? from = null, CancellationToken cancellationToken = default);
}
