using System.Text.Json;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Metadata;
using Npgsql;

namespace DataPlatform.Orchestrator.Postgres;

/// <summary>Writes a scheduler's step: one statement a table. Rows are images, so writing a batch twice leaves the same.</summary>
internal static class BatchWriter
{
    private const string TaskArrays =
        "$1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], " +
        "$10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::text[], $16::text[], $17::text[], $18::bigint[], " +
        "$19::bigint[]";

    private const string TaskUpdate =
        "state = excluded.state, try = excluded.try, epoch = excluded.epoch, failures = excluded.failures, " +
        "infrastructure_failures = excluded.infrastructure_failures, ready_at = excluded.ready_at, queued_at = excluded.queued_at, " +
        "started_at = excluded.started_at, ended_at = excluded.ended_at, wake_at = excluded.wake_at, pool = excluded.pool, " +
        "executor = excluded.executor, note = excluded.note, first_started_at = excluded.first_started_at, " +
        "pool_slots = excluded.pool_slots";

    /// <summary>All statements go to the server together: the first renews the session and locks its row, and what it was over for is rolled back.</summary>
    /// <exception cref="OrchestratorStoreException">Conflict: the term is over, or a task has a later try than the batch knows.</exception>
    public static async Task WriteAsync(NpgsqlConnection connection, StoreBatch batch, TimeSpan lease, CancellationToken cancellationToken)
    {
        var work = new NpgsqlBatch(connection);
        await using (work.ConfigureAwait(false))
        {
            var renewal = new NpgsqlBatchCommand(PostgresFleet.Renewal);
            renewal.Parameters.AddValues(batch.Term, lease);
            work.BatchCommands.Add(renewal);
            var tasks = Fill(work, batch);
            await work.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            if (renewal.RecordsAffected == 0)
            {
                throw PostgresFleet.Over(batch.Term);
            }

            if (tasks is not null && tasks.RecordsAffected < batch.Tasks.Count)
            {
                throw new OrchestratorStoreException(
                    ErrorKind.Conflict,
                    $"{batch.Tasks.Count - tasks.RecordsAffected} tasks have a later try than term {batch.Term} knows: another scheduler wrote them.");
            }
        }
    }

    /// <summary>Gives the statement that writes tasks; null where there are none.</summary>
    private static NpgsqlBatchCommand? Fill(NpgsqlBatch work, StoreBatch batch)
    {
        Add(
            work,
            batch.Runs,
            "INSERT INTO run SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], " +
            "$8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::text[], $14::text[], $15::text[], $16::text[]) " +
            "ON CONFLICT (id) DO UPDATE SET dag_hash = excluded.dag_hash, kind = excluded.kind, state = excluded.state, " +
            "started_at = excluded.started_at, ended_at = excluded.ended_at, conf = excluded.conf, note = excluded.note",
            (command, runs) => command.AddRuns(runs));
        Add(
            work,
            batch.TasksDropped,
            "DELETE FROM task WHERE (run_id, task_no, map_index) IN (SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]))",
            static (command, keys) => command.AddKeys(keys));
        var tasks = Add(
            work,
            batch.Tasks,
            $"INSERT INTO task SELECT * FROM unnest({TaskArrays}) ON CONFLICT (run_id, task_no, map_index) DO UPDATE SET {TaskUpdate} " +
            "WHERE task.epoch <= excluded.epoch",
            (command, tasks) => command.AddTasks(tasks));
        Add(
            work,
            Last(batch.Tries, task => (task.Key, task.Try)),
            $"INSERT INTO task_try SELECT * FROM unnest({TaskArrays}) ON CONFLICT (run_id, task_no, map_index, try) DO UPDATE SET {TaskUpdate}",
            (command, tasks) => command.AddTasks(tasks));
        WriteXComs(work, batch);
        WriteDags(work, batch);
        WriteBackfills(work, batch);
        WriteUpdates(work, batch);
        Add(
            work,
            batch.Answers,
            "UPDATE command SET answered_at = clock_timestamp(), result = v.r, error_kind = v.k, error = v.e " +
            "FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[]) AS v (id, r, k, e) " +
            "WHERE command.id = v.id AND command.answered_at IS NULL",
            static (command, answers) =>
            {
                command.AddLongs(answers, answer => answer.CommandId);
                command.AddTexts(answers, answer => answer.Result);
                command.AddLongs(answers, answer => (long?)answer.ErrorKind);
                command.AddTexts(answers, answer => answer.Error);
            });
        return tasks;
    }

    /// <summary>Late, because other schedulers write these rows too; in order of their names, so that no two wait for each other.</summary>
    private static void WriteUpdates(NpgsqlBatch work, StoreBatch batch) => Add(
        work,
        batch.Updates.Count == 0 ? [] : UpdatedDataset.Of(batch),
        "INSERT INTO dataset_update SELECT d, v, i, a, pg_current_xact_id()::text::bigint " +
        "FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[]) WITH ORDINALITY AS u (d, v, i, a, n) ORDER BY n " +
        "ON CONFLICT (dataset) DO UPDATE SET version = greatest(dataset_update.version, excluded.version), " +
        "instant = greatest(dataset_update.instant, excluded.instant), " +
        "updated_at = greatest(dataset_update.updated_at, excluded.updated_at), written = excluded.written",
        static (command, updates) =>
        {
            command.AddTexts(updates, update => update.Dataset);
            command.AddLongs(updates, update => update.Update.Version);
            command.AddLongs(updates, update => update.Update.Instant);
            command.AddLongs(updates, update => Micros.Of(update.Update.At));
        });

    private static void WriteXComs(NpgsqlBatch work, StoreBatch batch)
    {
        Add(
            work,
            batch.XComsDropped,
            "DELETE FROM xcom WHERE (run_id, task_no, map_index) IN (SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]))",
            static (command, keys) => command.AddKeys(keys));
        Add(
            work,
            Last(batch.XComs, value => (value.Key, value.Name)),
            "INSERT INTO xcom SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[]) " +
            "ON CONFLICT (run_id, task_no, map_index, name) DO UPDATE SET json = excluded.json",
            static (command, values) =>
            {
                command.AddLongs(values, value => value.Key.RunId);
                command.AddLongs(values, value => value.Key.TaskNumber);
                command.AddLongs(values, value => value.Key.MapIndex);
                command.AddTexts(values, value => value.Name);
                command.AddTexts(values, value => value.TaskId);
                command.AddTexts(values, value => value.Json);
            });
    }

    private static void WriteDags(NpgsqlBatch work, StoreBatch batch)
    {
        Add(
            work,
            Last(batch.Fires, fire => fire.DagId),
            "UPDATE dag SET fire_start = v.s, fire_end = v.e, fire_logical = v.l, fire_run_after = v.a FROM unnest($1::text[], $2::bigint[], " +
            "$3::bigint[], $4::bigint[], $5::bigint[]) AS v (id, s, e, l, a) WHERE dag.id = v.id",
            static (command, fires) =>
            {
                command.AddTexts(fires, fire => fire.DagId);
                command.AddLongs(fires, fire => Micros.Of(fire.Fire.Interval.Start));
                command.AddLongs(fires, fire => Micros.Of(fire.Fire.Interval.End));
                command.AddLongs(fires, fire => Micros.Of(fire.Fire.LogicalDate));
                command.AddLongs(fires, fire => Micros.Of(fire.Fire.RunAfter));
            });
        Add(
            work,
            Last(batch.ScheduleFaults, fault => fault.DagId),
            "UPDATE dag SET fault = v.f, fault_at = v.a FROM unnest($1::text[], $2::text[], $3::bigint[]) AS v (id, f, a) WHERE dag.id = v.id",
            static (command, faults) =>
            {
                command.AddTexts(faults, fault => fault.DagId);
                command.AddTexts(faults, fault => fault.Fault?.Reason);
                command.AddLongs(faults, fault => Micros.Of(fault.Fault?.Since));
            });
        Add(
            work,
            Last(batch.Pauses, pause => pause.DagId),
            "UPDATE dag SET is_paused = v.p FROM unnest($1::text[], $2::bigint[]) AS v (id, p) WHERE dag.id = v.id",
            static (command, pauses) =>
            {
                command.AddTexts(pauses, pause => pause.DagId);
                command.AddLongs(pauses, pause => pause.IsPaused ? 1 : 0);
            });
        Add(
            work,
            Last(batch.Datasets, progress => (progress.DagId, progress.Dataset)),
            "INSERT INTO dataset_progress SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) " +
            "ON CONFLICT (dag_id, dataset) DO UPDATE SET seen = excluded.seen, consumed = excluded.consumed",
            static (command, all) =>
            {
                command.AddTexts(all, progress => progress.DagId);
                command.AddTexts(all, progress => progress.Dataset.Name);
                command.AddLongs(all, progress => progress.SeenVersion);
                command.AddLongs(all, progress => progress.ConsumedVersion);
            });
    }

    private static void WriteBackfills(NpgsqlBatch work, StoreBatch batch)
    {
        Add(
            work,
            Last(batch.Backfills, backfill => backfill.Id),
            "INSERT INTO backfill SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[]) " +
            "ON CONFLICT (id) DO UPDATE SET state = excluded.state, ended_at = excluded.ended_at",
            static (command, all) =>
            {
                command.AddLongs(all, backfill => backfill.Id);
                command.AddTexts(all, backfill => backfill.DagId);
                command.AddTexts(all, backfill => JsonSerializer.Serialize(backfill.Request));
                command.AddLongs(all, backfill => (long)backfill.State);
                command.AddLongs(all, backfill => Micros.Of(backfill.CreatedAt));
                command.AddLongs(all, backfill => Micros.Of(backfill.EndedAt));
            });
        Add(
            work,
            Last(batch.BackfillRuns, run => (run.BackfillId, run.Ordinal)),
            "INSERT INTO backfill_run SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], " +
            "$7::bigint[], $8::bigint[], $9::text[]) ON CONFLICT (backfill_id, ordinal) DO UPDATE SET state = excluded.state, " +
            "run_id = excluded.run_id, note = excluded.note",
            static (command, all) =>
            {
                command.AddLongs(all, run => run.BackfillId);
                command.AddLongs(all, run => run.Ordinal);
                command.AddLongs(all, run => Micros.Of(run.Fire.Interval.Start));
                command.AddLongs(all, run => Micros.Of(run.Fire.Interval.End));
                command.AddLongs(all, run => Micros.Of(run.Fire.LogicalDate));
                command.AddLongs(all, run => Micros.Of(run.Fire.RunAfter));
                command.AddLongs(all, run => (long)run.State);
                command.AddLongs(all, run => run.RunId);
                command.AddTexts(all, run => run.Note);
            });
    }

    /// <summary>One statement cannot touch a row twice: of several images the last counts.</summary>
    private static List<T> Last<T, TKey>(List<T> rows, Func<T, TKey> key)
        where TKey : notnull => rows.Count < 2 ? rows : [.. rows.GroupBy(key).Select(group => group.Last())];

    private static NpgsqlBatchCommand? Add<T>(NpgsqlBatch work, IReadOnlyList<T> rows, string sql, Action<NpgsqlParameterCollection, IReadOnlyList<T>> fill)
    {
        if (rows.Count == 0)
        {
            return null;
        }

        var command = new NpgsqlBatchCommand(sql);
        fill(command.Parameters, rows);
        work.BatchCommands.Add(command);
        return command;
    }
}
