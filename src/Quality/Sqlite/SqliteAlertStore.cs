using DataPlatform.Quality.Alerts;
using Microsoft.Data.Sqlite;

namespace DataPlatform.Quality.Sqlite;

/// <summary>Alerts and their outbox in a <see cref="QualityDatabase"/>. Sent messages stay, so that none is made twice.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="database">The file.</param>
public sealed class SqliteAlertStore(QualityDatabase database) : IAlertStore
{
    private const string AlertColumns = "key, title, severity, state, detail, opened, seen, notified, occurrences, muted, sequence";

    /// <inheritdoc/>
    public ValueTask<Alert?> FindAsync(string key, CancellationToken cancellationToken = default)
    {
        using var connection = database.Connect();
        return ValueTask.FromResult(Sql.Rows(connection, $"SELECT {AlertColumns} FROM alert WHERE key = $0", ReadAlert, key).FirstOrDefault());
    }

    /// <inheritdoc/>
    public ValueTask SaveAsync(Alert alert, AlertMessage? message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(alert);
        database.Write(connection =>
        {
            Sql.Execute(
                connection,
                $"INSERT OR REPLACE INTO alert ({AlertColumns}) VALUES ($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                alert.Key, alert.Title, (int)alert.Severity, (int)alert.State, alert.Detail, alert.OpenedAt.UtcTicks, alert.LastSeenAt.UtcTicks,
                alert.LastNotifiedAt.UtcTicks, alert.Occurrences, alert.MutedUntil?.UtcTicks, alert.Sequence);
            return message is null ? 0 : Sql.Execute(
                connection,
                "INSERT OR IGNORE INTO message (id, key, kind, title, severity, detail, at, due, attempts) VALUES ($0, $1, $2, $3, $4, $5, $6, $7, $8)",
                message.Id, message.Key, (int)message.Kind, message.Title, (int)message.Severity, message.Detail, message.At.UtcTicks, message.DueAt.UtcTicks, message.Attempts);
        });
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Alert>> ListAsync(bool includeResolved = false, CancellationToken cancellationToken = default)
    {
        using var connection = database.Connect();
        return ValueTask.FromResult<IReadOnlyList<Alert>>(Sql.Rows(
            connection, $"SELECT {AlertColumns} FROM alert WHERE state <> $0 ORDER BY opened DESC, key", ReadAlert, includeResolved ? -1 : (int)AlertState.Resolved));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<AlertMessage>> DueAsync(DateTimeOffset now, int messagesMax, CancellationToken cancellationToken = default)
    {
        using var connection = database.Connect();
        return ValueTask.FromResult<IReadOnlyList<AlertMessage>>(Sql.Rows(
            connection,
            "SELECT id, key, kind, title, severity, detail, at, due, attempts FROM message WHERE sent = 0 AND due <= $0 ORDER BY at, id LIMIT $1",
            row => new AlertMessage(
                row.GetString(0), row.GetString(1), (AlertMessageKind)row.GetInt32(2), row.GetString(3), (Severity)row.GetInt32(4), row.GetString(5),
                row.Time(6), row.Time(7), row.GetInt32(8)),
            now.UtcTicks,
            messagesMax));
    }

    /// <inheritdoc/>
    public ValueTask RemoveMessageAsync(string id, CancellationToken cancellationToken = default)
    {
        database.Write(connection => Sql.Execute(connection, "UPDATE message SET sent = 1 WHERE id = $0", id));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask PostponeAsync(string id, DateTimeOffset dueAt, int attempts, CancellationToken cancellationToken = default)
    {
        database.Write(connection => Sql.Execute(connection, "UPDATE message SET due = $1, attempts = $2 WHERE id = $0", id, dueAt.UtcTicks, attempts));
        return ValueTask.CompletedTask;
    }

    private static Alert ReadAlert(SqliteDataReader row) => new(
        row.GetString(0), row.GetString(1), (Severity)row.GetInt32(2), (AlertState)row.GetInt32(3), row.GetString(4), row.Time(5), row.Time(6), row.Time(7),
        row.GetInt32(8), row.TimeOrNull(9), row.GetInt32(10));
}
