using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using Npgsql;
using NpgsqlTypes;

namespace DataPlatform.Orchestrator.Postgres;

/// <summary>Rows turned into one array a column, so that a batch is one statement whatever its size.</summary>
internal static class Columns
{
    public static void Add(this NpgsqlCommand command, params ReadOnlySpan<object> values)
    {
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }
    }

    public static void AddLongs<T>(this NpgsqlCommand command, IReadOnlyList<T> rows, Func<T, long?> value) =>
        command.Parameters.Add(
            new NpgsqlParameter { Value = rows.Select(value).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });

    public static void AddKeys(this NpgsqlCommand command, IReadOnlyList<TaskKey> keys)
    {
        command.AddLongs(keys, key => key.RunId);
        command.AddLongs(keys, key => key.TaskNumber);
        command.AddLongs(keys, key => key.MapIndex);
    }

    public static void AddTexts<T>(this NpgsqlCommand command, IReadOnlyList<T> rows, Func<T, string?> value) =>
        command.Parameters.Add(
            new NpgsqlParameter { Value = rows.Select(value).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });

    public static void AddTasks(this NpgsqlCommand command, IReadOnlyList<TaskInstance> tasks)
    {
        command.AddLongs(tasks, task => task.Key.RunId);
        command.AddLongs(tasks, task => task.Key.TaskNumber);
        command.AddLongs(tasks, task => task.Key.MapIndex);
        command.AddTexts(tasks, task => task.TaskId);
        command.AddLongs(tasks, task => (long)task.State);
        command.AddLongs(tasks, task => task.Try);
        command.AddLongs(tasks, task => task.Epoch);
        command.AddLongs(tasks, task => task.Failures);
        command.AddLongs(tasks, task => task.InfrastructureFailures);
        command.AddLongs(tasks, task => Micros.Of(task.ReadyAt));
        command.AddLongs(tasks, task => Micros.Of(task.QueuedAt));
        command.AddLongs(tasks, task => Micros.Of(task.StartedAt));
        command.AddLongs(tasks, task => Micros.Of(task.EndedAt));
        command.AddLongs(tasks, task => Micros.Of(task.WakeAt));
        command.AddTexts(tasks, task => task.Pool);
        command.AddTexts(tasks, task => task.Executor);
        command.AddTexts(tasks, task => task.Note);
        command.AddLongs(tasks, task => Micros.Of(task.FirstStartedAt));
        command.AddLongs(tasks, task => task.PoolSlots);
    }

    public static void AddRuns(this NpgsqlCommand command, IReadOnlyList<DagRun> runs)
    {
        command.AddLongs(runs, run => run.Id);
        command.AddTexts(runs, run => run.DagId);
        command.AddTexts(runs, run => run.DagHash);
        command.AddLongs(runs, run => (long)run.Kind);
        command.AddLongs(runs, run => (long)run.State);
        command.AddLongs(runs, run => Micros.Of(run.Interval.Start));
        command.AddLongs(runs, run => Micros.Of(run.Interval.End));
        command.AddLongs(runs, run => Micros.Of(run.LogicalDate));
        command.AddLongs(runs, run => Micros.Of(run.RunAfter));
        command.AddLongs(runs, run => Micros.Of(run.CreatedAt));
        command.AddLongs(runs, run => Micros.Of(run.StartedAt));
        command.AddLongs(runs, run => Micros.Of(run.EndedAt));
        command.AddTexts(runs, run => DatasetChanges.Write(run.Changes));
        command.AddTexts(runs, run => run.Conf);
        command.AddTexts(runs, run => run.IdempotencyKey);
        command.AddTexts(runs, run => run.Note);
    }
}
