using System.Text.Json;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using Microsoft.Data.Sqlite;

namespace DataPlatform.Orchestrator.Sqlite;

/// <summary>Writes a scheduler's step with prepared statements. Used by the writer only.</summary>
internal sealed class BatchWriter : IDisposable
{
    private const string TaskColumns =
        "run_id, task_no, map_index, task_id, state, try, epoch, failures, infrastructure_failures, " +
        "ready_at, queued_at, started_at, ended_at, wake_at, pool, executor, note, first_started_at, pool_slots";

    private const string TaskValues = "$0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18";

    private readonly Statement _checkTerm;
    private readonly Statement _run;
    private readonly Statement _task;
    private readonly Statement _try;
    private readonly Statement _xcom;
    private readonly Statement _dropXCom;
    private readonly Statement _dropTask;
    private readonly Statement _fire;
    private readonly Statement _fault;
    private readonly Statement _pause;
    private readonly Statement _dataset;
    private readonly Statement _update;
    private readonly Statement _backfill;
    private readonly Statement _backfillRun;
    private readonly Statement _answer;

    public BatchWriter(SqliteConnection connection)
    {
        _checkTerm = new Statement(connection, "UPDATE scheduler SET id = 1 WHERE term = $0", 1);
        _run = new Statement(
            connection,
            "INSERT INTO run VALUES ($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) " +
            "ON CONFLICT (id) DO UPDATE SET dag_hash = $2, kind = $3, state = $4, started_at = $10, ended_at = $11, conf = $13, note = $15",
            16);
        _task = new Statement(
            connection,
            $"INSERT INTO task ({TaskColumns}) VALUES ({TaskValues}) ON CONFLICT (run_id, task_no, map_index) DO UPDATE SET " +
            "state = $4, try = $5, epoch = $6, failures = $7, infrastructure_failures = $8, ready_at = $9, queued_at = $10, started_at = $11, " +
            "ended_at = $12, wake_at = $13, pool = $14, executor = $15, note = $16, first_started_at = $17, pool_slots = $18",
            19);
        _try = new Statement(connection, $"INSERT OR REPLACE INTO task_try ({TaskColumns}) VALUES ({TaskValues})", 19);
        _xcom = new Statement(
            connection, "INSERT OR REPLACE INTO xcom (run_id, task_no, map_index, name, task_id, json) VALUES ($0, $1, $2, $3, $4, $5)", 6);
        _dropXCom = new Statement(connection, "DELETE FROM xcom WHERE run_id = $0 AND task_no = $1 AND map_index = $2", 3);
        _dropTask = new Statement(connection, "DELETE FROM task WHERE run_id = $0 AND task_no = $1 AND map_index = $2", 3);
        _fire = new Statement(
            connection, "UPDATE dag SET fire_start = $1, fire_end = $2, fire_logical = $3, fire_run_after = $4 WHERE id = $0", 5);
        _fault = new Statement(connection, "UPDATE dag SET fault = $1, fault_at = $2 WHERE id = $0", 3);
        _update = new Statement(
            connection,
            "INSERT INTO dataset_update VALUES ($0, $1, $2, $3) ON CONFLICT (dataset) DO UPDATE SET " +
            "version = coalesce(max(version, $1), version, $1), instant = coalesce(max(instant, $2), instant, $2), updated_at = max(updated_at, $3)",
            4);
        _backfill = new Statement(connection, "INSERT OR REPLACE INTO backfill VALUES ($0, $1, $2, $3, $4, $5)", 6);
        _backfillRun = new Statement(connection, "INSERT OR REPLACE INTO backfill_run VALUES ($0, $1, $2, $3, $4, $5, $6, $7, $8)", 9);
        _answer = new Statement(
            connection,
            "UPDATE command SET is_answered = 1, result = $1, error_kind = $2, error = $3 WHERE id = $0 AND is_answered = 0",
            4);
        _pause = new Statement(connection, "UPDATE dag SET is_paused = $1 WHERE id = $0", 2);
        _dataset = new Statement(
            connection, "INSERT OR REPLACE INTO dataset_progress (dag_id, dataset, seen, consumed) VALUES ($0, $1, $2, $3)", 4);
    }

    public void Write(StoreBatch batch, SqliteTransaction transaction)
    {
        if (_checkTerm.Run(transaction, batch.Term) == 0)
        {
            throw new OrchestratorStoreException(ErrorKind.Conflict, $"term {batch.Term} is over: another scheduler owns the store now.");
        }

        WriteRuns(batch, transaction);
        WriteTasks(batch, transaction);
        WriteXComs(batch, transaction);
        WriteDags(batch, transaction);
        WriteBackfills(batch, transaction);
        foreach (var answer in batch.Answers)
        {
            _answer.Run(transaction, answer.CommandId, answer.Result, (long?)answer.ErrorKind, answer.Error);
        }
    }

    public void Dispose()
    {
        foreach (var statement in new[] { _checkTerm, _run, _task, _try, _xcom, _dropXCom, _dropTask, _fire, _fault, _pause, _dataset, _update,
            _backfill, _backfillRun, _answer })
        {
            statement.Dispose();
        }
    }

    private void WriteRuns(StoreBatch batch, SqliteTransaction transaction)
    {
        foreach (var run in batch.Runs)
        {
            _run.Run(
                transaction,
                run.Id,
                run.DagId,
                run.DagHash,
                (long)run.Kind,
                (long)run.State,
                Micros.Of(run.Interval.Start),
                Micros.Of(run.Interval.End),
                Micros.Of(run.LogicalDate),
                Micros.Of(run.RunAfter),
                Micros.Of(run.CreatedAt),
                Micros.Of(run.StartedAt),
                Micros.Of(run.EndedAt),
                DatasetChanges.Write(run.Changes),
                run.Conf,
                run.IdempotencyKey,
                run.Note);
        }
    }

    private void WriteTasks(StoreBatch batch, SqliteTransaction transaction)
    {
        foreach (var key in batch.TasksDropped)
        {
            _dropTask.Run(transaction, key.RunId, (long)key.TaskNumber, (long)key.MapIndex);
        }

        foreach (var task in batch.Tasks)
        {
            WriteTask(_task, task, transaction);
        }

        foreach (var ended in batch.Tries)
        {
            WriteTask(_try, ended, transaction);
        }
    }

    private static void WriteTask(Statement statement, TaskInstance task, SqliteTransaction transaction) => statement.Run(
        transaction,
        task.Key.RunId,
        (long)task.Key.TaskNumber,
        (long)task.Key.MapIndex,
        task.TaskId,
        (long)task.State,
        (long)task.Try,
        task.Epoch,
        (long)task.Failures,
        (long)task.InfrastructureFailures,
        Micros.Of(task.ReadyAt),
        Micros.Of(task.QueuedAt),
        Micros.Of(task.StartedAt),
        Micros.Of(task.EndedAt),
        Micros.Of(task.WakeAt),
        task.Pool,
        task.Executor,
        task.Note,
        Micros.Of(task.FirstStartedAt),
        (long)task.PoolSlots);

    private void WriteXComs(StoreBatch batch, SqliteTransaction transaction)
    {
        foreach (var key in batch.XComsDropped)
        {
            _dropXCom.Run(transaction, key.RunId, (long)key.TaskNumber, (long)key.MapIndex);
        }

        foreach (var value in batch.XComs)
        {
            _xcom.Run(transaction, value.Key.RunId, (long)value.Key.TaskNumber, (long)value.Key.MapIndex, value.Name, value.TaskId,
                value.Json);
        }
    }

    private void WriteBackfills(StoreBatch batch, SqliteTransaction transaction)
    {
        foreach (var backfill in batch.Backfills)
        {
            _backfill.Run(
                transaction,
                backfill.Id,
                backfill.DagId,
                JsonSerializer.Serialize(backfill.Request),
                (long)backfill.State,
                Micros.Of(backfill.CreatedAt),
                Micros.Of(backfill.EndedAt));
        }

        foreach (var run in batch.BackfillRuns)
        {
            _backfillRun.Run(
                transaction,
                run.BackfillId,
                (long)run.Ordinal,
                Micros.Of(run.Fire.Interval.Start),
                Micros.Of(run.Fire.Interval.End),
                Micros.Of(run.Fire.LogicalDate),
                Micros.Of(run.Fire.RunAfter),
                (long)run.State,
                run.RunId,
                run.Note);
        }
    }

    private void WriteDags(StoreBatch batch, SqliteTransaction transaction)
    {
        foreach (var (dagId, fire) in batch.Fires)
        {
            _fire.Run(
                transaction, dagId, Micros.Of(fire.Interval.Start), Micros.Of(fire.Interval.End), Micros.Of(fire.LogicalDate),
                    Micros.Of(fire.RunAfter));
        }

        foreach (var (dagId, fault) in batch.ScheduleFaults)
        {
            _fault.Run(transaction, dagId, fault?.Reason, Micros.Of(fault?.Since));
        }

        foreach (var (dagId, isPaused) in batch.Pauses)
        {
            _pause.Run(transaction, dagId, isPaused ? 1L : 0L);
        }

        foreach (var progress in batch.Datasets)
        {
            _dataset.Run(transaction, progress.DagId, progress.Dataset.Name, progress.SeenVersion, progress.ConsumedVersion);
        }

        foreach (var (dataset, update) in batch.Updates.Count == 0 ? [] : UpdatedDataset.Of(batch))
        {
            _update.Run(transaction, dataset, update.Version, update.Instant, Micros.Of(update.At));
        }
    }
}
