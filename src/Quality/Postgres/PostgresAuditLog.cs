using DataPlatform.Quality.Catalog;
using Npgsql;

namespace DataPlatform.Quality.Postgres;

/// <summary>What people did, in a <see cref="PostgresQualityDatabase"/>.</summary>
/// <remarks>Thread-safe, and safe against other processes.</remarks>
/// <param name="database">The database.</param>
public sealed class PostgresAuditLog(PostgresQualityDatabase database) : IAuditLog
{
    /// <inheritdoc/>
    public async ValueTask<AuditEntry> AppendAsync(AuditEntry entry, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return entry with { Number = await database.WriteAsync((connection, token) => AppendAsync(connection, entry, token), cancellationToken).ConfigureAwait(false) };
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<AuditEntry>> ReadAsync(string? subject, long? before, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 1_000);
        var conditions = new Conditions(first: 1).Add("subject = ?", subject).Add("id < ?", before);
        return database.RowsAsync(
            $"SELECT id, at, actor, action, subject, reason FROM audit{conditions.Where} ORDER BY id DESC LIMIT {conditions.Parameter(limit)}",
            row => new AuditEntry(row.GetInt64(0), row.Time(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5)),
            cancellationToken,
            conditions.Values);
    }

    /// <summary>Keeps an entry in the transaction of what it is about.</summary>
    internal static async Task<long> AppendAsync(NpgsqlConnection connection, AuditEntry entry, CancellationToken cancellationToken)
        => (long)(await connection.ScalarAsync(
            "INSERT INTO audit (at, actor, action, subject, reason) VALUES ($1, $2, $3, $4, $5) RETURNING id",
            cancellationToken,
            entry.At.UtcTicks, entry.Actor, entry.Action, entry.Subject, entry.Reason).ConfigureAwait(false))!;
}
