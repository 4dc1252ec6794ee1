using DataPlatform.Quality.Alerts;
using DataPlatform.Quality.Catalog;
using DataPlatform.Quality.Lineage;
using Npgsql;

namespace DataPlatform.Quality.Postgres;

/// <summary>Alerts and their outbox in a <see cref="PostgresQualityDatabase"/>. Sent messages stay, so that none is made twice.</summary>
/// <remarks>Thread-safe, and safe against other processes: a claim passes over what another one is claiming and waits for nobody.</remarks>
/// <param name="database">The database.</param>
public sealed partial class PostgresAlertStore(PostgresQualityDatabase database) : IAlertStore
{
    private const string AlertColumns =
        "key, title, severity, state, detail, opened, seen, notified, occurrences, muted, sequence, dataset, column_name, revision";

    private const string AddAlert =
        $"INSERT INTO alert ({AlertColumns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14 + 1) ON CONFLICT DO NOTHING";

    private const string ChangeAlert = """
        UPDATE alert SET title = $2, severity = $3, state = $4, detail = $5, opened = $6, seen = $7, notified = $8, occurrences = $9, muted = $10,
          sequence = $11, dataset = $12, column_name = $13, revision = $14 + 1 WHERE key = $1 AND revision = $14
        """;

    // An incident speaks for the alerts in it; when all is right again, for those that were in it.
    private const string Outside = """
         AND NOT starts_with(key, 'incident/') AND NOT EXISTS (SELECT 1 FROM incident_member m WHERE m.key = a.key)
          AND NOT (state = 3 AND EXISTS (SELECT 1 FROM incident_past m WHERE m.key = a.key))
        """;

    private const string Mattering = " AND (state <> 3 OR EXISTS (SELECT 1 FROM incident_member m WHERE m.key = a.key))";

    private const string MessageColumns = "id, channel, key, kind, title, severity, detail, at, due, attempts";

    private const string AddMessage =
        $"INSERT INTO message ({MessageColumns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING";

    private const string Claim = $"""
        UPDATE message SET claimed = $3
        WHERE (id, channel) IN (
          SELECT id, channel FROM message WHERE channel = $1 AND NOT is_sent AND due <= $2 AND (claimed IS NULL OR claimed <= $2)
          ORDER BY at, id LIMIT $4 FOR UPDATE SKIP LOCKED)
        RETURNING {MessageColumns}
        """;

    /// <inheritdoc/>
    public ValueTask<Alert?> FindAsync(string key, CancellationToken cancellationToken = default)
        => database.FindAsync($"SELECT {AlertColumns} FROM alert WHERE key = $1", ReadAlert, cancellationToken, key);

    /// <inheritdoc/>
    public async ValueTask<bool> TrySaveAsync(Alert alert, IReadOnlyList<AlertMessage> messages, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(alert);
        ArgumentNullException.ThrowIfNull(messages);
        return await database.TryWriteAsync(
            async (connection, token) =>
            {
                if (await connection.ExecuteAsync(alert.Revision == 0 ? AddAlert : ChangeAlert, token, ValuesOf(alert)).ConfigureAwait(false) != 1)
                {
                    return false;
                }

                foreach (var message in messages)
                {
                    await connection.ExecuteAsync(AddMessage, token, ValuesOf(message)).ConfigureAwait(false);
                }

                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Alert>> FindAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(keys.Count, AlertQuery.LimitMax);
        return database.RowsAsync($"SELECT {AlertColumns} FROM alert WHERE key = ANY ($1)", ReadAlert, cancellationToken, (object)keys.ToArray());
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Alert>> MatteringAsync(IReadOnlyCollection<string> datasets, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(datasets);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(datasets.Count, AlertQuery.LimitMax);
        return database.RowsAsync(
            $"SELECT {AlertColumns} FROM alert a WHERE dataset = ANY ($1){Mattering}", ReadAlert, cancellationToken, (object)datasets.ToArray());
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Alert>> PageAsync(AlertQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return database.RowsAsync(
            $"""
            SELECT {AlertColumns} FROM alert a WHERE {(query.IncludeResolved ? "true" : "state <> 3")}{(query.OutsideIncidents ? Outside : string.Empty)}
              AND opened <= $1 AND (opened < $1 OR key > $2) ORDER BY opened DESC, key LIMIT $3
            """,
            ReadAlert,
            cancellationToken,
            query.After?.OpenedAt.UtcTicks ?? long.MaxValue, query.After?.Key ?? string.Empty, query.Limit);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Alert>> ListAsync(bool includeResolved = false, CancellationToken cancellationToken = default) => database.RowsAsync(
        $"SELECT {AlertColumns} FROM alert {(includeResolved ? string.Empty : "WHERE state <> 3")} ORDER BY opened DESC, key", ReadAlert, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<AlertMessage>> ClaimAsync(
        string channel, DateTimeOffset now, DateTimeOffset until, int messagesMax, CancellationToken cancellationToken = default)
    {
        var claimed = await database.WriteAsync(
            (connection, token) => connection.RowsAsync(Claim, ReadMessage, token, channel, now.UtcTicks, until.UtcTicks, messagesMax),
            cancellationToken).ConfigureAwait(false);
        return [.. claimed.OrderBy(m => m.At).ThenBy(m => m.Id, StringComparer.Ordinal)];
    }

    /// <inheritdoc/>
    public async ValueTask RemoveAsync(IReadOnlyList<AlertMessage> messages, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        await database.ExecuteAsync(
            "UPDATE message SET is_sent = true, claimed = NULL WHERE (id, channel) IN (SELECT * FROM unnest($1::text[], $2::text[]))",
            cancellationToken,
            messages.Select(m => m.Id).ToArray(),
            messages.Select(m => m.Channel).ToArray()).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask PostponeAsync(IReadOnlyList<AlertMessage> messages, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        await database.ExecuteAsync(
            """
            UPDATE message m SET due = n.due, attempts = n.attempts, claimed = NULL
            FROM unnest($1::text[], $2::text[], $3::bigint[], $4::integer[]) AS n (id, channel, due, attempts)
            WHERE m.id = n.id AND m.channel = n.channel AND NOT m.is_sent
            """,
            cancellationToken,
            messages.Select(m => m.Id).ToArray(),
            messages.Select(m => m.Channel).ToArray(),
            messages.Select(m => m.DueAt.UtcTicks).ToArray(),
            messages.Select(m => m.Attempts).ToArray()).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<int> RemoveBeforeAsync(DateTimeOffset before, int rowsMax, CancellationToken cancellationToken = default)
    {
        var alerts = await database.ExecuteAsync(
            "DELETE FROM alert WHERE key IN (SELECT key FROM alert WHERE state = 3 AND seen < $1 LIMIT $2)",
            cancellationToken, before.UtcTicks, rowsMax).ConfigureAwait(false);
        return alerts + await database.ExecuteAsync(
            "DELETE FROM message WHERE (id, channel) IN (SELECT id, channel FROM message WHERE is_sent AND at < $1 LIMIT $2)",
            cancellationToken, before.UtcTicks, rowsMax - alerts).ConfigureAwait(false);
    }

    private static object?[] ValuesOf(Alert alert) =>
    [
        alert.Key, alert.Title, (short)alert.Severity, (short)alert.State, alert.Detail, alert.OpenedAt.UtcTicks, alert.LastSeenAt.UtcTicks,
        alert.LastNotifiedAt.UtcTicks, alert.Occurrences, alert.MutedUntil?.UtcTicks, alert.Sequence, alert.Column?.Dataset, alert.Column?.Column,
        alert.Revision,
    ];

    private static object?[] ValuesOf(AlertMessage message) =>
    [
        message.Id, message.Channel, message.Key, (short)message.Kind, message.Title, (short)message.Severity, message.Detail, message.At.UtcTicks,
        message.DueAt.UtcTicks, message.Attempts,
    ];

    private static Alert ReadAlert(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), (Severity)row.GetInt16(2), (AlertState)row.GetInt16(3), row.GetString(4), row.Time(5), row.Time(6), row.Time(7),
        row.GetInt32(8), row.TimeOrNull(9), row.GetInt32(10), row.TextOrNull(11) is { } dataset ? new ColumnId(dataset, row.GetString(12)) : null,
        row.GetInt32(13));

    private static AlertMessage ReadMessage(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(2), (AlertMessageKind)row.GetInt16(3), row.GetString(4), (Severity)row.GetInt16(5), row.GetString(6), row.Time(7),
        row.Time(8), row.GetInt32(9), row.GetString(1));
}
