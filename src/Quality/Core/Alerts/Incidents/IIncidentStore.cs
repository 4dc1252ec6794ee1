namespace DataPlatform.Quality.Alerts.Incidents;

/// <summary>Keeps incidents with their history.</summary>
/// <remarks>Implementations are thread-safe, and safe against other processes where the store is shared.</remarks>
public interface IIncidentStore
{
    /// <summary>Incidents, those opened last first.</summary>
    /// <param name="includeClosed">Whether closed ones are among them.</param>
    /// <param name="incidentsMax">At most so many.</param>
    /// <param name="after">The last incident of the page before; null for the first page.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    ValueTask<IReadOnlyList<Incident>> ListAsync(
        bool includeClosed = false, int incidentsMax = 10_000, IncidentCursor? after = null, CancellationToken cancellationToken = default);

    /// <summary>An incident by its id; null when there is none.</summary>
    ValueTask<Incident?> FindAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Open incidents that any of some alerts is in.</summary>
    /// <param name="keys">The alerts' keys, at most <see cref="AlertQuery.LimitMax"/>.</param>
    /// <param name="cancellationToken">Stops the look-up.</param>
    ValueTask<IReadOnlyList<Incident>> WithMembersAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default);

    /// <summary>What happened to an incident last, oldest first.</summary>
    /// <param name="id">The incident.</param>
    /// <param name="changesMax">Changes at most, the newest.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    ValueTask<IReadOnlyList<IncidentChange>> HistoryAsync(string id, int changesMax = 1_000, CancellationToken cancellationToken = default);

    /// <summary>Keeps revisions, all or none.</summary>
    /// <param name="revisions">The revisions.</param>
    /// <param name="cancellationToken">Before the write.</param>
    /// <returns>
    /// False when somebody else changed one of the incidents since it was read, or opened one about the same alert: read again and decide
    /// again.
    /// </returns>
    ValueTask<bool> TrySaveAsync(IReadOnlyList<IncidentRevision> revisions, CancellationToken cancellationToken = default);
}
