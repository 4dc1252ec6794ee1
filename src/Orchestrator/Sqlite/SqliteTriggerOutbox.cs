using DataPlatform.Orchestrator.Metadata;
using Microsoft.Data.Sqlite;

namespace DataPlatform.Orchestrator.Sqlite;

/// <summary>Asks for a run inside the caller's own transaction on his own SQLite file: there is a run once he commits, and none when he rolls
/// back.</summary>
/// <remarks>
/// The request is a row of the table <c>dag_trigger</c> in the caller's file, because two SQLite files do not commit together. A
/// <see cref="SqliteTriggerRelay"/> beside the engine moves it on.
/// </remarks>
public static class SqliteTriggerOutbox
{
    internal const string Table = "dag_trigger";

    /// <summary>Asks for a run. Makes the table where it is missing.</summary>
    /// <param name="transaction">The caller's transaction.</param>
    /// <param name="dagId">The DAG.</param>
    /// <param name="conf">What its tasks read with <see cref="Execution.TaskContext.Conf{T}"/>; serialised as JSON. Null for nothing.</param>
    /// <param name="logicalDate">The run's name in time; null for when the scheduler makes it.</param>
    /// <param name="idempotencyKey">Makes a repeated request give the same run; null for a new run.</param>
    /// <param name="schema">The name the caller's file is attached by; <c>main</c> for the connection's own.</param>
    /// <returns>The key under which <see cref="IOrchestratorStore.FindRunAsync(string, string, CancellationToken)"/> finds the run.</returns>
    public static string Enqueue(
        SqliteTransaction transaction,
        string dagId,
        object? conf = null,
        DateTimeOffset? logicalDate = null,
        string? idempotencyKey = null,
        string schema = "main")
    {
        ArgumentNullException.ThrowIfNull(transaction);
        if (string.IsNullOrEmpty(schema) || !schema.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
        {
            throw new ArgumentException($"'{schema}' is no schema name of letters, digits and '_'.", nameof(schema));
        }

        var connection = transaction.Connection ?? throw new ArgumentException("The transaction has ended.", nameof(transaction));
        var key = idempotencyKey ?? $"once/{Guid.NewGuid():N}";
        var request = QueuedCommand.Trigger(dagId, conf, logicalDate, key);
        using var insert = connection.CreateCommand();
        insert.Transaction = transaction;
#pragma warning disable CA2100 // The schema's name was checked; values are parameters.
        insert.CommandText =
            $"CREATE TABLE IF NOT EXISTS {schema}.{Table} (id INTEGER PRIMARY KEY AUTOINCREMENT, dag_id TEXT NOT NULL, body TEXT NOT NULL, " +
            "idempotency_key TEXT NOT NULL, error TEXT, UNIQUE (dag_id, idempotency_key)); " +
            $"INSERT INTO {schema}.{Table} (dag_id, body, idempotency_key) VALUES ($dag, $body, $key) ON CONFLICT DO NOTHING";
#pragma warning restore CA2100
        insert.Parameters.AddWithValue("$dag", request.DagId);
        insert.Parameters.AddWithValue("$body", request.Body);
        insert.Parameters.AddWithValue("$key", request.IdempotencyKey!);
        insert.ExecuteNonQuery();
        return key;
    }
}
