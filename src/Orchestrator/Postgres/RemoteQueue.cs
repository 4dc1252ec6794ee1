using System.Text.Json;
using DataPlatform.Orchestrator.Execution;

namespace DataPlatform.Orchestrator.Postgres;

/// <summary>The queue as one worker sees it. Every write names the worker and the epoch, so that one that was taken for dead changes nothing.</summary>
internal sealed class RemoteQueue(Database database)
{
    public async Task<long> EnterAsync(RemoteWorkerOptions options, CancellationToken cancellationToken) => (long)(await database.WriteAsync(
        (connection, token) => Database.ScalarAsync(
            connection,
            "INSERT INTO remote_worker (name, queues, slots) VALUES ($1, $2, $3) RETURNING id",
            token,
            options.Name,
            options.Queues.ToArray(),
            (long)options.Slots),
        cancellationToken).ConfigureAwait(false))!;

    public Task LeaveAsync(long worker, CancellationToken cancellationToken) => database.WriteAsync(
        (connection, token) => Database.ScalarAsync(connection, "DELETE FROM remote_worker WHERE id = $1", token, worker), cancellationToken);

    /// <summary>Takes tries; each is given to one worker, once.</summary>
    public Task<List<(RemoteKey Key, HostedTry Hosted)>> ClaimAsync(
        long worker, IReadOnlyList<string> queues, IReadOnlyCollection<string> dagIds, int limit, CancellationToken cancellationToken)
    {
        const string Sql =
            "UPDATE remote_try r SET state = 1, worker = $1, claimed_at = clock_timestamp(), seen_at = clock_timestamp() FROM (" +
            "SELECT run_id, task_no, map_index, epoch FROM remote_try WHERE state = 0 AND NOT is_cancelled AND queue = ANY($2) " +
            "AND (NOT needs_code OR dag_id = ANY($3)) ORDER BY priority DESC, queued_at LIMIT $4 FOR UPDATE SKIP LOCKED) AS k " +
            $"WHERE {RemoteKey.Matches} AND r.state = 0 RETURNING {RemoteKey.Columns}, r.payload";
        return database.WriteAsync(
            (connection, token) => Database.RowsAsync(
                connection,
                Sql,
                row => (RemoteKey.Read(row), JsonSerializer.Deserialize<HostedTry>(row.GetString(4), JsonSerializerOptions.Web)!),
                token,
                worker,
                queues.ToArray(),
                dagIds.ToArray(),
                (long)limit),
            cancellationToken);
    }

    /// <summary>One heartbeat for all tries of a worker. Gives those that are still its own, and whether they are to be cancelled.</summary>
    public Task<List<(RemoteKey Key, bool IsCancelled)>> BeatAsync(
        long worker, IReadOnlyCollection<RemoteKey> keys, CancellationToken cancellationToken)
    {
        const string Sql =
            $"UPDATE remote_try r SET seen_at = clock_timestamp() FROM {RemoteKey.Arrays} WHERE {RemoteKey.Matches} AND r.worker = $5 " +
            $"AND r.state = 1 RETURNING {RemoteKey.Columns}, r.is_cancelled";
        return database.WriteAsync(
            async (connection, token) =>
            {
                await Database.ScalarAsync(
                    connection, "UPDATE remote_worker SET seen_at = clock_timestamp() WHERE id = $1", token, worker).ConfigureAwait(false);
                return await Database.RowsAsync(
                    connection, Sql, row => (RemoteKey.Read(row), row.GetBoolean(4)), token, RemoteKey.Values(keys, worker)).ConfigureAwait(false);
            },
            cancellationToken);
    }

    /// <summary>Tries of a worker that are to be cancelled.</summary>
    public async Task<IReadOnlyList<RemoteKey>> CancelledAsync(long worker, CancellationToken cancellationToken) => await database.QueryAsync(
        $"SELECT {RemoteKey.Columns} FROM remote_try r WHERE r.worker = @worker AND r.state = 1 AND r.is_cancelled",
        RemoteKey.Read,
        new { worker },
        cancellationToken).ConfigureAwait(false);

    /// <summary>Reports ends. Those of tries that are no longer the worker's are refused: they have ended already.</summary>
    public Task EndAsync(
        long worker, IReadOnlyList<(RemoteKey Key, TaskOutcome Outcome)> ends, CancellationToken cancellationToken)
    {
        const string Sql =
            "UPDATE remote_try r SET state = 2, ended_at = clock_timestamp(), outcome = k.outcome FROM " +
            "unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $6::text[]) AS k (run_id, task_no, map_index, epoch, outcome) " +
            $"WHERE {RemoteKey.Matches} AND r.worker = $5 AND r.state = 1";
        return database.WriteAsync(
            (connection, token) => Database.ScalarAsync(
                connection,
                Sql,
                token,
                RemoteKey.Values([.. ends.Select(end => end.Key)], worker, ends.Select(end => RemoteOutcome.Write(end.Outcome)).ToArray())),
            cancellationToken);
    }
}
