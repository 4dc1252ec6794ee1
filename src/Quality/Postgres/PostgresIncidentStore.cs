using DataPlatform.Quality.Alerts;
using DataPlatform.Quality.Alerts.Incidents;
using DataPlatform.Quality.Catalog;
using Npgsql;

namespace DataPlatform.Quality.Postgres;

/// <summary>Incidents with their history in a <see cref="PostgresQualityDatabase"/>.</summary>
/// <remarks>Thread-safe, and safe against other processes.</remarks>
/// <param name="database">The database.</param>
public sealed class PostgresIncidentStore(PostgresQualityDatabase database) : IIncidentStore
{
    private const string Add = "INSERT INTO incident (id, sequence, state, opened, closed, body) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
    private const string Change = "UPDATE incident SET sequence = $2, state = $3, opened = $4, closed = $5, body = $6 WHERE id = $1 AND sequence = $2 - 1";

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Incident>> ListAsync(
        bool includeClosed = false, int incidentsMax = 10_000, IncidentCursor? after = null, CancellationToken cancellationToken = default)
        => database.RowsAsync(
            $"""
            SELECT body FROM incident WHERE {(includeClosed ? "true" : "state <> 1")} AND opened <= $2 AND (opened < $2 OR id > $3)
            ORDER BY opened DESC, id LIMIT $1
            """,
            row => IncidentDocument.Read(row.GetString(0)),
            cancellationToken,
            incidentsMax, after?.OpenedAt.UtcTicks ?? long.MaxValue, after?.Id ?? string.Empty);

    /// <inheritdoc/>
    public ValueTask<Incident?> FindAsync(string id, CancellationToken cancellationToken = default)
        => database.FindAsync("SELECT body FROM incident WHERE id = $1", row => IncidentDocument.Read(row.GetString(0)), cancellationToken, id);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Incident>> WithMembersAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(keys.Count, AlertQuery.LimitMax);
        return database.RowsAsync(
            "SELECT body FROM incident WHERE id IN (SELECT incident FROM incident_member WHERE key = ANY ($1))",
            row => IncidentDocument.Read(row.GetString(0)),
            cancellationToken,
            (object)keys.ToArray());
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<IncidentChange>> HistoryAsync(string id, int changesMax = 1_000, CancellationToken cancellationToken = default)
    {
        var changes = await database.RowsAsync(
            "SELECT sequence, at, kind, detail FROM incident_change WHERE incident = $1 ORDER BY sequence DESC, place DESC LIMIT $2",
            row => new IncidentChange(id, row.GetInt32(0), row.Time(1), (IncidentChangeKind)row.GetInt16(2), row.GetString(3)),
            cancellationToken,
            id, changesMax).ConfigureAwait(false);
        return [.. changes.Reverse()];
    }

    /// <inheritdoc/>
    public async ValueTask<bool> TrySaveAsync(IReadOnlyList<IncidentRevision> revisions, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(revisions);
        var ordered = revisions.OrderBy(r => r.Incident.Id, StringComparer.Ordinal).ToList();
        return await database.TryWriteAsync(
            async (connection, token) =>
            {
                foreach (var revision in ordered)
                {
                    if (!await PutAsync(connection, revision.Incident, token).ConfigureAwait(false))
                    {
                        return false;
                    }
                }

                foreach (var revision in ordered)
                {
                    if (!await OwnAsync(connection, revision, token).ConfigureAwait(false))
                    {
                        return false;
                    }
                }

                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes incidents that were closed before an instant.</summary>
    /// <param name="before">The oldest instant to keep.</param>
    /// <param name="incidentsMax">Incidents removed at most.</param>
    /// <param name="cancellationToken">Before the removal.</param>
    /// <returns>How many were removed.</returns>
    public ValueTask<int> RemoveBeforeAsync(DateTimeOffset before, int incidentsMax = 1_000, CancellationToken cancellationToken = default)
        => database.ExecuteAsync(
            "DELETE FROM incident WHERE id IN (SELECT id FROM incident WHERE closed < $1 LIMIT $2)", cancellationToken, before.UtcTicks, incidentsMax);

    private static async Task<bool> PutAsync(NpgsqlConnection connection, Incident incident, CancellationToken cancellationToken)
    {
        var written = await connection.ExecuteAsync(
            incident.Sequence == 1 ? Add : Change,
            cancellationToken,
            incident.Id, incident.Sequence, (short)incident.State, incident.OpenedAt.UtcTicks, incident.ClosedAt?.UtcTicks, IncidentDocument.Write(incident))
            .ConfigureAwait(false);
        if (written == 1)
        {
            // What leaves one incident may enter another: all leave before any enters.
            await connection.ExecuteAsync("DELETE FROM incident_member WHERE incident = $1", cancellationToken, incident.Id).ConfigureAwait(false);
        }

        return written == 1;
    }

    private static async Task<bool> OwnAsync(NpgsqlConnection connection, IncidentRevision revision, CancellationToken cancellationToken)
    {
        var incident = revision.Incident;
        for (var place = 0; place < revision.Changes.Count; place++)
        {
            var change = revision.Changes[place];
            await connection.ExecuteAsync(
                "INSERT INTO incident_change VALUES ($1, $2, $3, $4, $5, $6)",
                cancellationToken,
                incident.Id, incident.Sequence, place, change.At.UtcTicks, (short)change.Kind, change.Detail).ConfigureAwait(false);
        }

        if (incident.State == IncidentState.Closed)
        {
            await connection.ExecuteAsync(
                "INSERT INTO incident_past SELECT k, $2 FROM unnest($1::text[]) AS k ORDER BY k ON CONFLICT DO NOTHING",
                cancellationToken,
                incident.Members.Select(m => m.Key).ToArray(),
                incident.Id).ConfigureAwait(false);
            return true;
        }

        return await connection.ExecuteAsync(
            "INSERT INTO incident_member SELECT k, $2 FROM unnest($1::text[]) AS k ORDER BY k ON CONFLICT DO NOTHING",
            cancellationToken,
            incident.Members.Select(m => m.Key).ToArray(),
            incident.Id).ConfigureAwait(false) == incident.Members.Count;
    }
}
