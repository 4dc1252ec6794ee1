using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Metadata;

namespace DataPlatform.Orchestrator.Postgres;

/// <summary>What any scheduler does for all of them: find silent workers, stop tries that nobody waits for, remove rows that are done.</summary>
public sealed partial class RemoteExecutor
{
    private const string Zombies =
        "WITH silent AS (SELECT r.ctid FROM remote_try r WHERE r.state = 1 AND r.seen_at < clock_timestamp() - $1 FOR UPDATE SKIP LOCKED), " +
        "lost AS (UPDATE remote_try r SET state = 2, ended_at = clock_timestamp(), outcome = $2 FROM silent " +
        "WHERE r.ctid = silent.ctid AND r.state = 1 RETURNING 1) SELECT count(*) FROM lost";

    /// <summary>A scheduler that died between writing a cancellation and passing it on, or a try that was superseded.</summary>
    private const string Unwanted =
        "UPDATE remote_try r SET is_cancelled = true FROM task t WHERE r.state < 2 AND NOT r.is_cancelled AND t.run_id = r.run_id " +
        "AND t.task_no = r.task_no AND t.map_index = r.map_index AND (t.epoch > r.epoch OR t.state NOT IN (2, 3, 4))";

    private const string NeverStarted =
        "UPDATE remote_try SET state = 2, ended_at = clock_timestamp(), outcome = $1 WHERE state = 0 AND is_cancelled";

    /// <summary>The outcome of these is in their tasks: only then may a row go, else a successor would start the try a second time.</summary>
    private const string Done =
        "DELETE FROM remote_try WHERE ctid = ANY(ARRAY(SELECT r.ctid FROM remote_try r LEFT JOIN task t ON t.run_id = r.run_id " +
        "AND t.task_no = r.task_no AND t.map_index = r.map_index WHERE r.state = 2 AND r.ended_at < clock_timestamp() - interval '5 seconds' " +
        "AND (t.run_id IS NULL OR t.epoch > r.epoch OR t.state NOT IN (2, 3, 4)) LIMIT 1000 FOR UPDATE OF r SKIP LOCKED))";

    private const string Forgotten = "DELETE FROM remote_worker WHERE seen_at < clock_timestamp() - interval '1 day'";

    private Task SweepAsync(CancellationToken cancellationToken) => LoopAsync(
        async token =>
        {
            await Task.Delay(_options.WorkerTimeout / 5, TimeProvider.System, token).ConfigureAwait(false);
            var silence = RemoteOutcome.Write(
                TaskOutcome.Infrastructure($"its worker was silent for longer than {_options.WorkerTimeout}"));
            var lost = (long)(await _database.WriteAsync(
                (connection, step) => Database.ScalarAsync(connection, Zombies, step, _options.WorkerTimeout, silence), token)
                .ConfigureAwait(false))!;
            if (lost > 0)
            {
                LogZombies(lost, _options.WorkerTimeout);
                _signals.Send(FleetSignal.RemoteProgress);
            }

            var cancelled = RemoteOutcome.Write(new TaskOutcome(TaskOutcomeKind.Cancelled, "cancelled before a worker took it"));
            await _database.WriteAsync(
                async (connection, step) =>
                {
                    await Database.ScalarAsync(connection, Unwanted, step).ConfigureAwait(false);
                    await Database.ScalarAsync(connection, NeverStarted, step, cancelled).ConfigureAwait(false);
                    await Database.ScalarAsync(connection, Forgotten, step).ConfigureAwait(false);
                    return await Database.ScalarAsync(connection, Done, step).ConfigureAwait(false);
                },
                token).ConfigureAwait(false);
            Look();
        },
        cancellationToken);
}
