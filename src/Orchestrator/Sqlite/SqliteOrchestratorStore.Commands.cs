using System.Text.Json;
using Dapper;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Metadata;
using Microsoft.Data.Sqlite;

namespace DataPlatform.Orchestrator.Sqlite;

/// <summary>Commands from processes that have the file open beside the one that schedules.</summary>
public sealed partial class SqliteOrchestratorStore
{
    /// <inheritdoc/>
    async ValueTask<long> ICommandQueue.SendAsync(QueuedCommand command, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        var key = command.IdempotencyKey ?? $"once/{Guid.NewGuid():N}";
        return await Writer.WriteAsync(
            (connection, transaction) => Insert(connection, transaction, command.DagId, command.Body, key), cancellationToken)
            .ConfigureAwait(false) ?? throw new OrchestratorStoreException(
                ErrorKind.Invalid, $"there is no DAG '{command.DagId}' in '{_path}'.");
    }

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<CommandAnswer>> ICommandQueue.ListAnswersAsync(IReadOnlyCollection<long> commandIds, CancellationToken cancellationToken) => Query(
        "SELECT id, result, error_kind, error FROM command WHERE id IN (SELECT value FROM json_each(@ids)) AND is_answered = 1",
        RowReader.Answer,
        new { ids = JsonSerializer.Serialize(commandIds) });

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<QueuedCommand>> ICommandQueue.ListOpenAsync(long term, int limit, CancellationToken cancellationToken) => Query<QueuedCommand>(
        "SELECT id, dag_id AS DagId, body, idempotency_key AS IdempotencyKey FROM command WHERE is_answered = 0 ORDER BY id LIMIT @limit", new { limit });

    private static long? Insert(SqliteConnection connection, SqliteTransaction transaction, string dagId, string body, string key)
    {
        const string Sql =
            "INSERT INTO command (dag_id, body, idempotency_key, created_at) SELECT id, @body, @key, @now FROM dag WHERE id = @dagId " +
            "ON CONFLICT (dag_id, idempotency_key) DO NOTHING; SELECT id FROM command WHERE dag_id = @dagId AND idempotency_key = @key";
        return connection.ExecuteScalar<long?>(Sql, new { dagId, body, key, now = Micros.Of(TimeProvider.System.GetUtcNow()) }, transaction);
    }
}
