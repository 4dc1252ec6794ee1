namespace DataPlatform.Quality.Catalog;

/// <summary>Keeps the texts of suites with all their versions.</summary>
/// <remarks>Implementations are thread-safe.</remarks>
public interface ISuiteStore
{
    /// <summary>A page of suites by name, each in its newest version.</summary>
    /// <param name="after">The last name of the page before; null for the first page.</param>
    /// <param name="limit">Suites of the page, 1 to 1,000.</param>
    /// <param name="table">Only those about this table; null for all.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    ValueTask<IReadOnlyList<SuiteVersion>> ListAsync(string? after, int limit, string? table = null, CancellationToken cancellationToken = default);

    /// <summary>A version of a suite; null for none.</summary>
    /// <param name="suite">The suite.</param>
    /// <param name="version">The version; null for the newest.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    ValueTask<SuiteVersion?> FindAsync(string suite, int? version = null, CancellationToken cancellationToken = default);

    /// <summary>The versions of a suite, newest first.</summary>
    /// <param name="suite">The suite.</param>
    /// <param name="before">The last version of the page before; null for the first page.</param>
    /// <param name="limit">Versions of the page, 1 to 1,000.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    ValueTask<IReadOnlyList<SuiteVersion>> VersionsAsync(string suite, int? before, int limit, CancellationToken cancellationToken = default);

    /// <summary>Adds a version, and an entry <c>save</c> about it to the audit log of the same store.</summary>
    /// <param name="version">The version; its number must follow the newest.</param>
    /// <param name="cancellationToken">Before the write.</param>
    /// <exception cref="QualityException">Somebody saved that number before: a conflict.</exception>
    ValueTask SaveAsync(SuiteVersion version, CancellationToken cancellationToken = default);
}
