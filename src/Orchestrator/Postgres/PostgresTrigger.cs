using System.Data.Common;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using DataPlatform.Orchestrator.Metadata;

namespace DataPlatform.Orchestrator.Postgres;

/// <summary>Asks for a run inside the caller's own transaction: there is a run once he commits, and none when he rolls back.</summary>
/// <remarks>
/// The caller's tables and the orchestrator's are in one database. His user needs <c>USAGE</c> on the schema, <c>SELECT</c> on its table
/// <c>dag</c> and <c>INSERT</c> and <c>SELECT</c> on <c>command</c>. Nothing is notified, because a NOTIFY in a data transaction takes a lock of the whole
/// database when it commits: the scheduler finds the request when it looks, at least once a second.
/// </remarks>
public static class PostgresTrigger
{
    /// <summary>Asks for a run.</summary>
    /// <param name="transaction">The caller's transaction on PostgreSQL.</param>
    /// <param name="dagId">The DAG; the store must know it.</param>
    /// <param name="conf">What its tasks read with <see cref="Execution.TaskContext.Conf{T}"/>; serialised as JSON. Null for nothing.</param>
    /// <param name="logicalDate">The run's name in time; null for when the scheduler makes it.</param>
    /// <param name="idempotencyKey">Makes a repeated request give the same run; null for a new run.</param>
    /// <param name="schema">The orchestrator's schema, as in <see cref="PostgresOrchestratorOptions.Schema"/>.</param>
    /// <param name="cancellationToken">Stops waiting; the transaction can then only be rolled back.</param>
    /// <returns>The key under which <see cref="IOrchestratorStore.FindRunAsync(string, string, CancellationToken)"/> finds the run.</returns>
    /// <exception cref="OrchestratorException">The store knows no such DAG.</exception>
    public static async Task<string> EnqueueAsync(
        DbTransaction transaction,
        string dagId,
        object? conf = null,
        DateTimeOffset? logicalDate = null,
        string? idempotencyKey = null,
        string schema = "orchestrator",
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        SchemaScripts.CheckName(schema, nameof(schema));
        var key = idempotencyKey ?? $"once/{Guid.NewGuid():N}";
        var command = QueuedCommand.Trigger(dagId, conf, logicalDate, key);
        var insert =
            $"INSERT INTO {schema}.command (dag_id, body, idempotency_key) SELECT id, @body, @key FROM {schema}.dag WHERE id = @dag " +
            "ON CONFLICT (dag_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING";
        if (await RunAsync(transaction, insert, command, cancellationToken).ConfigureAwait(false) == 0 &&
            !await KnowsAsync(transaction, $"SELECT 1 FROM {schema}.dag WHERE id = @dag", command, cancellationToken).ConfigureAwait(false))
        {
            throw new OrchestratorException(ErrorKind.Invalid, $"there is no DAG '{dagId}' in schema '{schema}'.");
        }

        return key;
    }

    private static async Task<int> RunAsync(
        DbTransaction transaction, string sql, QueuedCommand command, CancellationToken cancellationToken)
    {
        var insert = CommandOf(transaction, sql, command);
        await using (insert.ConfigureAwait(false))
        {
            return await insert.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<bool> KnowsAsync(
        DbTransaction transaction, string sql, QueuedCommand command, CancellationToken cancellationToken)
    {
        var look = CommandOf(transaction, sql, command);
        await using (look.ConfigureAwait(false))
        {
            return await look.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is not null;
        }
    }

    private static DbCommand CommandOf(DbTransaction transaction, string sql, QueuedCommand command)
    {
        var connection = transaction.Connection ?? throw new ArgumentException("The transaction has ended.", nameof(transaction));
        var made = connection.CreateCommand();
        made.Transaction = transaction;
#pragma warning disable CA2100 // A text of this class; the schema's name was checked, values are parameters.
        made.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in new[] { ("dag", command.DagId), ("body", command.Body), ("key", command.IdempotencyKey!) })
        {
            var parameter = made.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            made.Parameters.Add(parameter);
        }

        return made;
    }
}
