using System.Text.Json;
using DataPlatform.Quality.Alerts;
using DataPlatform.Quality.Catalog;
using DataPlatform.Quality.Lineage;
using Microsoft.Data.Sqlite;

namespace DataPlatform.Quality.Sqlite;

/// <summary>Alerts and their outbox in a <see cref="QualityDatabase"/>. Sent messages stay, so that none is made twice.</summary>
/// <remarks>Thread-safe, and safe against other processes on the same file.</remarks>
/// <param name="database">The file.</param>
public sealed partial class SqliteAlertStore(QualityDatabase database) : IAlertStore
{
    private const string AlertColumns =
        "key, title, severity, state, detail, opened, seen, notified, occurrences, muted, sequence, dataset, column_name, revision";

    // An incident speaks for the alerts in it; when all is right again, for those that were in it.
    private const string Outside = """
         AND substr(key, 1, 9) <> 'incident/' AND NOT EXISTS (SELECT 1 FROM incident_member m WHERE m.key = a.key)
          AND NOT (state = 3 AND EXISTS (SELECT 1 FROM incident_past m WHERE m.key = a.key))
        """;

    private const string Mattering = " AND (state <> 3 OR EXISTS (SELECT 1 FROM incident_member m WHERE m.key = a.key))";

    private const string MessageColumns = "id, channel, key, kind, title, severity, detail, at, due, attempts";

    /// <inheritdoc/>
    public ValueTask<Alert?> FindAsync(string key, CancellationToken cancellationToken = default)
    {
        using var connection = database.Connect();
        return ValueTask.FromResult(Sql.Rows(connection, $"SELECT {AlertColumns} FROM alert WHERE key = $0", ReadAlert, key).FirstOrDefault());
    }

    /// <inheritdoc/>
    public ValueTask<bool> TrySaveAsync(Alert alert, IReadOnlyList<AlertMessage> messages, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(alert);
        ArgumentNullException.ThrowIfNull(messages);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(database.Write(connection =>
        {
            if (!Put(connection, alert))
            {
                return false;
            }

            foreach (var message in messages)
            {
                Sql.Execute(
                    connection,
                    $"INSERT OR IGNORE INTO message ({MessageColumns}) VALUES ($0, $1, $2, $3, $4, $5, $6, $7, $8, $9)",
                    message.Id, message.Channel, message.Key, (int)message.Kind, message.Title, (int)message.Severity, message.Detail, message.At.UtcTicks,
                    message.DueAt.UtcTicks, message.Attempts);
            }

            return true;
        }));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Alert>> FindAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(keys.Count, AlertQuery.LimitMax);
        return ValueTask.FromResult<IReadOnlyList<Alert>>(Among(keys, "key IN (SELECT value FROM json_each($0))"));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Alert>> MatteringAsync(IReadOnlyCollection<string> datasets, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(datasets);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(datasets.Count, AlertQuery.LimitMax);
        return ValueTask.FromResult<IReadOnlyList<Alert>>(Among(datasets, $"dataset IN (SELECT value FROM json_each($0)){Mattering}"));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Alert>> PageAsync(AlertQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        using var connection = database.Connect();
        return ValueTask.FromResult<IReadOnlyList<Alert>>(Sql.Rows(
            connection,
            $"""
            SELECT {AlertColumns} FROM alert a WHERE {(query.IncludeResolved ? "true" : "state <> 3")}{(query.OutsideIncidents ? Outside : string.Empty)}
              AND opened <= $0 AND (opened < $0 OR key > $1) ORDER BY opened DESC, key LIMIT $2
            """,
            ReadAlert,
            query.After?.OpenedAt.UtcTicks ?? long.MaxValue, query.After?.Key ?? string.Empty, query.Limit));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Alert>> ListAsync(bool includeResolved = false, CancellationToken cancellationToken = default)
    {
        using var connection = database.Connect();
        return ValueTask.FromResult<IReadOnlyList<Alert>>(Sql.Rows(
            connection,
            $"SELECT {AlertColumns} FROM alert WHERE state <> $0 ORDER BY opened DESC, key",
            ReadAlert,
            includeResolved ? -1 : (int)AlertState.Resolved));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<AlertMessage>> ClaimAsync(
        string channel, DateTimeOffset now, DateTimeOffset until, int messagesMax, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IReadOnlyList<AlertMessage>>(database.Write(connection =>
        {
            var due = Sql.Rows(
                connection,
                $"""
                SELECT {MessageColumns} FROM message
                WHERE sent = 0 AND channel = $0 AND due <= $1 AND (claimed IS NULL OR claimed <= $1) ORDER BY at, id LIMIT $2
                """,
                ReadMessage, channel, now.UtcTicks, messagesMax);
            Sql.Execute(
                connection,
                "UPDATE message SET claimed = $1 WHERE channel = $0 AND id IN (SELECT value FROM json_each($2))",
                channel, until.UtcTicks, IdsOf(due));
            return due;
        }));
    }

    /// <inheritdoc/>
    public ValueTask RemoveAsync(IReadOnlyList<AlertMessage> messages, CancellationToken cancellationToken = default)
        => Change(messages, (connection, message) => Sql.Execute(
            connection, "UPDATE message SET sent = 1, claimed = NULL WHERE id = $0 AND channel = $1", message.Id, message.Channel));

    /// <inheritdoc/>
    public ValueTask PostponeAsync(IReadOnlyList<AlertMessage> messages, CancellationToken cancellationToken = default)
        => Change(messages, (connection, message) => Sql.Execute(
            connection,
            "UPDATE message SET due = $2, attempts = $3, claimed = NULL WHERE id = $0 AND channel = $1",
            message.Id, message.Channel, message.DueAt.UtcTicks, message.Attempts));

    /// <inheritdoc/>
    public ValueTask<int> RemoveBeforeAsync(DateTimeOffset before, int rowsMax, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(database.Write(connection =>
        {
            var alerts = Sql.Execute(
                connection,
                "DELETE FROM alert WHERE key IN (SELECT key FROM alert WHERE state = $0 AND seen < $1 LIMIT $2)",
                (int)AlertState.Resolved, before.UtcTicks, rowsMax);
            return alerts + Sql.Execute(
                connection,
                """
                DELETE FROM message WHERE sent = 1 AND (id, channel) IN (SELECT id, channel FROM message WHERE sent = 1 AND at < $0 LIMIT $1)
                """,
                before.UtcTicks, rowsMax - alerts);
        }));
    }

    private List<Alert> Among(IReadOnlyCollection<string> texts, string condition)
    {
        using var connection = database.Connect();
        return Sql.Rows(
            connection, $"SELECT {AlertColumns} FROM alert a WHERE {condition}", ReadAlert, JsonSerializer.Serialize(texts.ToArray(), TextsJson.Default.StringArray));
    }

    private static string IdsOf(List<AlertMessage> messages) => JsonSerializer.Serialize(messages.Select(m => m.Id).ToArray(), TextsJson.Default.StringArray);

    private static bool Put(SqliteConnection connection, Alert alert)
    {
        object?[] values =
        [
            alert.Key, alert.Title, (int)alert.Severity, (int)alert.State, alert.Detail, alert.OpenedAt.UtcTicks, alert.LastSeenAt.UtcTicks,
            alert.LastNotifiedAt.UtcTicks, alert.Occurrences, alert.MutedUntil?.UtcTicks, alert.Sequence, alert.Column?.Dataset, alert.Column?.Column,
            alert.Revision,
        ];
        return alert.Revision == 0
            ? Sql.Execute(
                connection,
                $"INSERT OR IGNORE INTO alert ({AlertColumns}) VALUES ($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13 + 1)",
                values) == 1
            : Sql.Execute(
                connection,
                """
                UPDATE alert SET title = $1, severity = $2, state = $3, detail = $4, opened = $5, seen = $6, notified = $7, occurrences = $8, muted = $9,
                  sequence = $10, dataset = $11, column_name = $12, revision = $13 + 1 WHERE key = $0 AND revision = $13
                """,
                values) == 1;
    }

    private ValueTask Change(IReadOnlyList<AlertMessage> messages, Func<SqliteConnection, AlertMessage, int> change)
    {
        ArgumentNullException.ThrowIfNull(messages);
        if (messages.Count > 0)
        {
            database.Write(connection => messages.Sum(m => change(connection, m)));
        }

        return ValueTask.CompletedTask;
    }

    private static Alert ReadAlert(SqliteDataReader row) => new(
        row.GetString(0), row.GetString(1), (Severity)row.GetInt32(2), (AlertState)row.GetInt32(3), row.GetString(4), row.Time(5), row.Time(6), row.Time(7),
        row.GetInt32(8), row.TimeOrNull(9), row.GetInt32(10), row.TextOrNull(11) is { } dataset ? new ColumnId(dataset, row.GetString(12)) : null,
        row.GetInt32(13));

    private static AlertMessage ReadMessage(SqliteDataReader row) => new(
        row.GetString(0), row.GetString(2), (AlertMessageKind)row.GetInt32(3), row.GetString(4), (Severity)row.GetInt32(5), row.GetString(6), row.Time(7),
        row.Time(8), row.GetInt32(9), row.GetString(1));
}
