using DataPlatform.Orchestrator.Metadata;
using Npgsql;
using NpgsqlTypes;

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
        return await _database.WriteAsync(
            async (connection, token) =>
            {
                var command = new NpgsqlCommand(
                    "INSERT INTO audit (at, actor, origin, action, dag_id, run_id, detail, outcome) VALUES ($1, $2, $3, $4, $5, $6, $7, 0) RETURNING id",
                    connection);
                await using (command.ConfigureAwait(false))
                {
                    command.Parameters.Add(new NpgsqlParameter { Value = Micros.Of(entry.At) });
                    AddText(command, entry.Actor);
                    AddText(command, entry.From);
                    AddText(command, entry.Action);
                    AddText(command, entry.DagId);
                    command.Parameters.Add(new NpgsqlParameter { Value = (object?)entry.RunId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint });
                    AddText(command, entry.Detail is { } detail ? AuditText.Cut(detail, AuditEntry.DetailLengthMax) : null);
                    return (long)(await command.ExecuteScalarAsync(token).ConfigureAwait(false))!;
                }
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    async ValueTask IAuditLog.EndAsync(long id, AuditOutcome outcome, string result, CancellationToken cancellationToken) => await _database.WriteAsync(
        (connection, token) => Database.ScalarAsync(
            connection, "UPDATE audit SET outcome = $1, result = $2 WHERE id = $3 AND outcome = 0 RETURNING id", token, (long)outcome,
            AuditText.Cut(result, AuditEntry.ResultLengthMax), id),
        cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<AuditEntry>> IAuditLog.ListAsync(AuditQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        var where = new List<string> { "id < @before" };
        var parameters = new List<(string, object)> { ("before", query.BeforeId ?? long.MaxValue) };
        Add("dag_id = @dag", "dag", query.DagId);
        Add("run_id = @run", "run", query.RunId);
        Add("actor = @actor", "actor", query.Actor);
        return _database.QueryAsync(
            $"SELECT * FROM audit WHERE {string.Join(" AND ", where)} ORDER BY id DESC LIMIT {query.Limit}", RowReader.Audit, cancellationToken,
            [.. parameters]);

        void Add(string condition, string name, object? value)
        {
            if (value is not null)
            {
                where.Add(condition);
                parameters.Add((name, value));
            }
        }
    }

    private static void AddText(NpgsqlCommand command, string? text) =>
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)text ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
}
