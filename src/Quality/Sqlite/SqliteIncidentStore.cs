using System.Text.Json;
using DataPlatform.Quality.Alerts;
using DataPlatform.Quality.Alerts.Incidents;
using DataPlatform.Quality.Catalog;
using Microsoft.Data.Sqlite;

namespace DataPlatform.Quality.Sqlite;

/// <summary>Incidents with their history in a <see cref="QualityDatabase"/>.</summary>
/// <remarks>Thread-safe, and safe against other processes on the same file.</remarks>
/// <param name="database">The file.</param>
public sealed class SqliteIncidentStore(QualityDatabase database) : IIncidentStore
{
    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Incident>> ListAsync(
        bool includeClosed = false, int incidentsMax = 10_000, IncidentCursor? after = null, CancellationToken cancellationToken = default)
    {
        using var connection = database.Connect();
        return ValueTask.FromResult<IReadOnlyList<Incident>>(Sql.Rows(
            connection,
            $"""
            SELECT body FROM incident WHERE {(includeClosed ? "true" : "state <> 1")} AND opened <= $1 AND (opened < $1 OR id > $2)
            ORDER BY opened DESC, id LIMIT $0
            """,
            row => IncidentDocument.Read(row.GetString(0)),
            incidentsMax, after?.OpenedAt.UtcTicks ?? long.MaxValue, after?.Id ?? string.Empty));
    }

    /// <inheritdoc/>
    public ValueTask<Incident?> FindAsync(string id, CancellationToken cancellationToken = default)
    {
        using var connection = database.Connect();
        return ValueTask.FromResult(
            Sql.Rows(connection, "SELECT body FROM incident WHERE id = $0", row => IncidentDocument.Read(row.GetString(0)), id).FirstOrDefault());
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Incident>> WithMembersAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(keys.Count, AlertQuery.LimitMax);
        using var connection = database.Connect();
        return ValueTask.FromResult<IReadOnlyList<Incident>>(Sql.Rows(
            connection,
            "SELECT body FROM incident WHERE id IN (SELECT incident FROM incident_member WHERE key IN (SELECT value FROM json_each($0)))",
            row => IncidentDocument.Read(row.GetString(0)),
            JsonSerializer.Serialize(keys.ToArray(), TextsJson.Default.StringArray)));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<IncidentChange>> HistoryAsync(string id, int changesMax = 1_000, CancellationToken cancellationToken = default)
    {
        using var connection = database.Connect();
        var changes = Sql.Rows(
            connection,
            "SELECT sequence, at, kind, detail FROM incident_change WHERE incident = $0 ORDER BY sequence DESC, place DESC LIMIT $1",
            row => new IncidentChange(id, row.GetInt32(0), row.Time(1), (IncidentChangeKind)row.GetInt32(2), row.GetString(3)),
            id, changesMax);
        changes.Reverse();
        return ValueTask.FromResult<IReadOnlyList<IncidentChange>>(changes);
    }

    /// <inheritdoc/>
    public ValueTask<bool> TrySaveAsync(IReadOnlyList<IncidentRevision> revisions, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(revisions);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(database.TryWrite(connection => revisions.All(r => Put(connection, r.Incident)) && revisions.All(r => Own(connection, r))));
    }

    /// <summary>Removes incidents that were closed before an instant.</summary>
    /// <param name="before">The oldest instant to keep.</param>
    /// <param name="incidentsMax">Incidents removed at most.</param>
    /// <returns>How many were removed.</returns>
    public int RemoveBefore(DateTimeOffset before, int incidentsMax = 1_000) => database.Write(connection => Sql.Execute(
        connection,
        "DELETE FROM incident WHERE id IN (SELECT id FROM incident WHERE closed < $0 LIMIT $1)", before.UtcTicks, incidentsMax));

    private static bool Put(SqliteConnection connection, Incident incident)
    {
        object?[] values =
        [
            incident.Id, incident.Sequence, (int)incident.State, incident.OpenedAt.UtcTicks, incident.ClosedAt?.UtcTicks, IncidentDocument.Write(incident),
        ];
        var written = incident.Sequence == 1
            ? Sql.Execute(connection, "INSERT OR IGNORE INTO incident (id, sequence, state, opened, closed, body) VALUES ($0, $1, $2, $3, $4, $5)", values)
            : Sql.Execute(connection, "UPDATE incident SET sequence = $1, state = $2, opened = $3, closed = $4, body = $5 WHERE id = $0 AND sequence = $1 - 1", values);
        if (written == 1)
        {
            // What leaves one incident may enter another: all leave before any enters.
            Sql.Execute(connection, "DELETE FROM incident_member WHERE incident = $0", incident.Id);
        }

        return written == 1;
    }

    private static bool Own(SqliteConnection connection, IncidentRevision revision)
    {
        var incident = revision.Incident;
        for (var place = 0; place < revision.Changes.Count; place++)
        {
            var change = revision.Changes[place];
            Sql.Execute(
                connection,
                "INSERT INTO incident_change VALUES ($0, $1, $2, $3, $4, $5)",
                incident.Id, incident.Sequence, place, change.At.UtcTicks, (int)change.Kind, change.Detail);
        }

        if (incident.State == IncidentState.Closed)
        {
            Sql.ExecuteEach(connection, "INSERT OR IGNORE INTO incident_past VALUES ($0, $1)", incident.Members, m => [m.Key, incident.Id]);
            return true;
        }

        return incident.Members.All(
            m => Sql.Execute(connection, "INSERT OR IGNORE INTO incident_member VALUES ($0, $1)", m.Key, incident.Id) == 1);
    }
}
