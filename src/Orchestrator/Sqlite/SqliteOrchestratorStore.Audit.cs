using Dapper;
using DataPlatform.Orchestrator.Metadata;

namespace DataPlatform.Orchestrator.Sqlite;

/// <summary>Who did what by hand.</summary>
public sealed partial class SqliteOrchestratorStore : IAuditLog
{
    /// <inheritdoc/>
    public IAuditLog Audit => this;

    /// <inheritdoc/>
    async ValueTask<long> IAuditLog.BeginAsync(AuditEntry entry, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var (sql, parameters) = StoreSql.AuditBegins(entry);
        return await Writer.WriteAsync(
            (connection, transaction) => connection.ExecuteScalar<long>(sql, parameters, transaction), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    async ValueTask IAuditLog.EndAsync(long id, AuditOutcome outcome, string result, CancellationToken cancellationToken)
    {
        var (sql, parameters) = StoreSql.AuditEnds(id, outcome, result);
        await Writer.WriteAsync((connection, transaction) => connection.Execute(sql, parameters, transaction), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<AuditEntry>> IAuditLog.ListAsync(AuditQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return Query(StoreSql.Audit(query), RowReader.Audit);
    }
}
