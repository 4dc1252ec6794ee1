namespace DataPlatform.Quality.Catalog;

/// <summary>Keeps what people did: nothing is changed or removed.</summary>
/// <remarks>Implementations are thread-safe.</remarks>
public interface IAuditLog
{
    /// <summary>Keeps an entry.</summary>
    /// <returns>The entry with its number.</returns>
    ValueTask<AuditEntry> AppendAsync(AuditEntry entry, CancellationToken cancellationToken = default);

    /// <summary>A page of entries, newest first.</summary>
    /// <param name="subject">Only about this; null for all.</param>
    /// <param name="before">The number of the last entry of the page before; null for the first page.</param>
    /// <param name="limit">Entries of the page, 1 to 1,000.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    ValueTask<IReadOnlyList<AuditEntry>> ReadAsync(string? subject, long? before, int limit, CancellationToken cancellationToken = default);
}
