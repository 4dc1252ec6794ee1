using DataPlatform.Quality.Catalog;
using Microsoft.Data.Sqlite;

namespace DataPlatform.Quality.Sqlite;

/// <summary>What people did, in a <see cref="QualityDatabase"/>.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="database">The file.</param>
public sealed class SqliteAuditLog(QualityDatabase database) : IAuditLog
{
    /// <inheritdoc/>
    public ValueTask<AuditEntry> AppendAsync(AuditEntry entry, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return ValueTask.FromResult(entry with { Number = database.Write(connection => Append(connection, entry)) });
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<AuditEntry>> ReadAsync(string? subject, long? before, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 1_000);
        var conditions = new Conditions(first: 0).Add("subject = ?", subject).Add("id < ?", before);
        using var connection = database.Connect();
        return ValueTask.FromResult<IReadOnlyList<AuditEntry>>(Sql.Rows(
            connection,
            $"SELECT id, at, actor, action, subject, reason FROM audit{conditions.Where} ORDER BY id DESC LIMIT {conditions.Parameter(limit)}",
            row => new AuditEntry(row.GetInt64(0), row.Time(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5)),
            conditions.Values));
    }

    /// <summary>Keeps an entry in the transaction of what it is about.</summary>
    internal static long Append(SqliteConnection connection, AuditEntry entry)
    {
        Sql.Execute(
            connection,
            "INSERT INTO audit (at, actor, action, subject, reason) VALUES ($0, $1, $2, $3, $4)",
            entry.At.UtcTicks, entry.Actor, entry.Action, entry.Subject, entry.Reason);
        return Sql.Scalar(connection, "SELECT last_insert_rowid()");
    }
}
