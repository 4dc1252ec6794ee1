using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using Npgsql;
using NpgsqlTypes;

namespace DataPlatform.Orchestrator.Postgres;

/// <summary>Rows turned into one array a column, so that a batch is one statement whatever its size.</summary>
internal static class Columns
{
    public static void AddValues(this NpgsqlParameterCollection parameters, params ReadOnlySpan<object> values)
    {
        foreach (var value in values)
        {
            parameters.Add(new NpgsqlParameter { Value = value });
        }
    }

    public static void AddLongs<T>(this NpgsqlParameterCollection parameters, IReadOnlyList<T> rows, Func<T, long?> value) =>
        parameters.Add(
            new NpgsqlParameter { Value = rows.Select(value).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });

    public static void AddKeys(this NpgsqlParameterCollection parameters, IReadOnlyList<TaskKey> keys)
    {
        parameters.AddLongs(keys, key => key.RunId);
        parameters.AddLongs(keys, key => key.TaskNumber);
        parameters.AddLongs(keys, key => key.MapIndex);
    }

    public static void AddTexts<T>(this NpgsqlParameterCollection parameters, IReadOnlyList<T> rows, Func<T, string?> value) =>
        parameters.Add(
            new NpgsqlParameter { Value = rows.Select(value).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });

    public static void AddTasks(this NpgsqlParameterCollection parameters, IReadOnlyList<TaskInstance> tasks)
    {
        parameters.AddLongs(tasks, task => task.Key.RunId);
        parameters.AddLongs(tasks, task => task.Key.TaskNumber);
        parameters.AddLongs(tasks, task => task.Key.MapIndex);
        parameters.AddTexts(tasks, task => task.TaskId);
        parameters.AddLongs(tasks, task => (long)task.State);
        parameters.AddLongs(tasks, task => task.Try);
        parameters.AddLongs(tasks, task => task.Epoch);
        parameters.AddLongs(tasks, task => task.Failures);
        parameters.AddLongs(tasks, task => task.InfrastructureFailures);
        parameters.AddLongs(tasks, task => Micros.Of(task.ReadyAt));
        parameters.AddLongs(tasks, task => Micros.Of(task.QueuedAt));
        parameters.AddLongs(tasks, task => Micros.Of(task.StartedAt));
        parameters.AddLongs(tasks, task => Micros.Of(task.EndedAt));
        parameters.AddLongs(tasks, task => Micros.Of(task.WakeAt));
        parameters.AddTexts(tasks, task => task.Pool);
        parameters.AddTexts(tasks, task => task.Executor);
        parameters.AddTexts(tasks, task => task.Note);
        parameters.AddLongs(tasks, task => Micros.Of(task.FirstStartedAt));
        parameters.AddLongs(tasks, task => task.PoolSlots);
    }

    public static void AddRuns(this NpgsqlParameterCollection parameters, IReadOnlyList<DagRun> runs)
    {
        parameters.AddLongs(runs, run => run.Id);
        parameters.AddTexts(runs, run => run.DagId);
        parameters.AddTexts(runs, run => run.DagHash);
        parameters.AddLongs(runs, run => (long)run.Kind);
        parameters.AddLongs(runs, run => (long)run.State);
        parameters.AddLongs(runs, run => Micros.Of(run.Interval.Start));
        parameters.AddLongs(runs, run => Micros.Of(run.Interval.End));
        parameters.AddLongs(runs, run => Micros.Of(run.LogicalDate));
        parameters.AddLongs(runs, run => Micros.Of(run.RunAfter));
        parameters.AddLongs(runs, run => Micros.Of(run.CreatedAt));
        parameters.AddLongs(runs, run => Micros.Of(run.StartedAt));
        parameters.AddLongs(runs, run => Micros.Of(run.EndedAt));
        parameters.AddTexts(runs, run => DatasetChanges.Write(run.Changes));
        parameters.AddTexts(runs, run => run.Conf);
        parameters.AddTexts(runs, run => run.IdempotencyKey);
        parameters.AddTexts(runs, run => run.Note);
    }
}
