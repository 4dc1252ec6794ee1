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
        return await Writer.WriteAsync(
            (connection, transaction) =>
            {
                using var insert = new Statement(
                    connection,
                    "INSERT INTO audit (at, actor, origin, action, dag_id, run_id, detail, outcome) VALUES ($0, $1, $2, $3, $4, $5, $6, 0)", 7);
                insert.Run(
                    transaction, Micros.Of(entry.At), entry.Actor, entry.From, entry.Action, entry.DagId, entry.RunId,
                    entry.Detail is { } detail ? AuditText.Cut(detail, AuditEntry.DetailLengthMax) : null);
                using var last = connection.CreateCommand();
                last.Transaction = transaction;
                last.CommandText = "SELECT last_insert_rowid()";
                return (long)last.ExecuteScalar()!;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    async ValueTask IAuditLog.EndAsync(long id, AuditOutcome outcome, string result, CancellationToken cancellationToken) => await Writer.WriteAsync(
        (connection, transaction) =>
        {
            using var update = new Statement(connection, "UPDATE audit SET outcome = $0, result = $1 WHERE id = $2 AND outcome = 0", 3);
            return update.Run(transaction, (long)outcome, AuditText.Cut(result, AuditEntry.ResultLengthMax), id);
        },
        cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<AuditEntry>> IAuditLog.ListAsync(AuditQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        var where = new List<string> { "id < $before" };
        var parameters = new List<(string, object)> { ("$before", query.BeforeId ?? long.MaxValue) };
        Add("dag_id = $dag", "$dag", query.DagId);
        Add("run_id = $run", "$run", query.RunId);
        Add("actor = $actor", "$actor", query.Actor);
        return Query($"SELECT * FROM audit WHERE {string.Join(" AND ", where)} ORDER BY id DESC LIMIT {query.Limit}", RowReader.Audit, [.. parameters]);

        void Add(string condition, string name, object? value)
        {
            if (value is not null)
            {
                where.Add(condition);
                parameters.Add((name, value));
            }
        }
    }
}
