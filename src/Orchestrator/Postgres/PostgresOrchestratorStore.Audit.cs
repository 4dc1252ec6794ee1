using Dapper;
using DataPlatform.Orchestrator.Metadata;

namespace DataPlatform.Orchestrator.Postgres;

/// <summary>Who did what by hand.</summary>
public sealed partial class PostgresOrchestratorStore : IAuditLog
{
    /// <inheritdoc/>
    public IAuditLog Audit => this;

    /// <inheritdoc/>
    async ValueTask<long> IAuditLog.BeginAsync(AuditEntry entry, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var (sql, parameters) = StoreSql.AuditBegins(entry);
        return await _database.WriteAsync(
            (connection, token) => connection.ExecuteScalarAsync<long>(new CommandDefinition(sql, parameters, cancellationToken: token)),
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    async ValueTask IAuditLog.EndAsync(long id, AuditOutcome outcome, string result, CancellationToken cancellationToken)
    {
        var (sql, parameters) = StoreSql.AuditEnds(id, outcome, result);
        await _database.WriteAsync(
            (connection, token) => connection.ExecuteAsync(new CommandDefinition(sql, parameters, cancellationToken: token)),
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<AuditEntry>> IAuditLog.ListAsync(AuditQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return _database.QueryAsync(StoreSql.Audit(query), RowReader.Audit, cancellationToken);
    }
}
