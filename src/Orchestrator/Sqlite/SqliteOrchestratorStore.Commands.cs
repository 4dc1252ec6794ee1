using System.Text.Json;
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
        "SELECT id, result, error_kind, error FROM command WHERE id IN (SELECT value FROM json_each($ids)) AND is_answered = 1",
        row => new CommandAnswer(
            row.GetInt64(0),
            row.IsDBNull(1) ? null : row.GetString(1),
            row.IsDBNull(2) ? null : (ErrorKind)(int)row.GetInt64(2),
            row.IsDBNull(3) ? null : row.GetString(3)),
        ("$ids", JsonSerializer.Serialize(commandIds)));

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<QueuedCommand>> ICommandQueue.ListOpenAsync(long term, int limit, CancellationToken cancellationToken) => Query(
        "SELECT id, dag_id, body, idempotency_key FROM command WHERE is_answered = 0 ORDER BY id LIMIT $limit",
        row => new QueuedCommand { Id = row.GetInt64(0), DagId = row.GetString(1), Body = row.GetString(2), IdempotencyKey = row.GetString(3) },
        ("$limit", limit));

    private static long? Insert(SqliteConnection connection, SqliteTransaction transaction, string dagId, string body, string key)
    {
        using var insert = new Statement(
            connection,
            "INSERT INTO command (dag_id, body, idempotency_key, created_at) SELECT id, $1, $2, $3 FROM dag WHERE id = $0 " +
            "ON CONFLICT (dag_id, idempotency_key) DO NOTHING",
            4);
        insert.Run(transaction, dagId, body, key, Micros.Of(TimeProvider.System.GetUtcNow()));
        using var find = connection.CreateCommand();
        find.Transaction = transaction;
        find.CommandText = "SELECT id FROM command WHERE dag_id = $dag AND idempotency_key = $key";
        find.Parameters.AddWithValue("$dag", dagId);
        find.Parameters.AddWithValue("$key", key);
        return find.ExecuteScalar() as long?;
    }
}
