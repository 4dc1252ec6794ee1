using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Metadata;
using Npgsql;

namespace DataPlatform.Orchestrator.Postgres;

/// <summary>Commands in the table <c>command</c>.</summary>
internal sealed class PostgresCommandQueue(Database database, Signals signals) : ICommandQueue
{
    public async ValueTask<long> SendAsync(QueuedCommand command, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);

        // Sent again after a lost connection it must be the same command.
        var key = command.IdempotencyKey ?? $"once/{Guid.NewGuid():N}";
        var id = await database.WriteAsync(
            (connection, token) => InsertAsync(connection, command.DagId, command.Body, key, token), cancellationToken).ConfigureAwait(false);
        signals.Send(FleetSignal.Commands);
        return id ?? throw new OrchestratorStoreException(ErrorKind.Invalid, $"there is no DAG '{command.DagId}' in this store.");
    }

    public ValueTask<IReadOnlyList<CommandAnswer>> ListAnswersAsync(
        IReadOnlyCollection<long> commandIds, CancellationToken cancellationToken = default) => database.QueryAsync(
        "SELECT id, result, error_kind, error FROM command WHERE id = ANY(@ids) AND answered_at IS NOT NULL",
        RowReader.Answer,
        new { ids = commandIds.ToArray() },
        cancellationToken);

    public ValueTask<IReadOnlyList<QueuedCommand>> ListOpenAsync(long term, int limit, CancellationToken cancellationToken = default) =>
        database.QueryAsync<QueuedCommand>(
            "SELECT c.id, c.dag_id AS DagId, c.body, c.idempotency_key AS IdempotencyKey FROM command c JOIN dag d ON d.id = c.dag_id " +
            "WHERE d.term = @term AND c.answered_at IS NULL ORDER BY c.id LIMIT @limit",
            new { term, limit },
            cancellationToken);

    private static async Task<long?> InsertAsync(
        NpgsqlConnection connection, string dagId, string body, string key, CancellationToken cancellationToken)
    {
        const string Insert =
            "INSERT INTO command (dag_id, body, idempotency_key) SELECT id, $2, $3 FROM dag WHERE id = $1 " +
            "ON CONFLICT (dag_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING RETURNING id";
        return await Database.ScalarAsync(connection, Insert, cancellationToken, dagId, body, key).ConfigureAwait(false) as long?
            ?? await Database.ScalarAsync(
                connection, "SELECT id FROM command WHERE dag_id = $1 AND idempotency_key = $2", cancellationToken, dagId, key)
                .ConfigureAwait(false) as long?;
    }
}
