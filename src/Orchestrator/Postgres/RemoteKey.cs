using System.Data.Common;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Postgres;

/// <summary>A try in the queue of remote workers: the instance and its epoch.</summary>
internal readonly record struct RemoteKey(TaskKey Task, long Epoch)
{
    /// <summary>The four columns of a key, as rows of arrays.</summary>
    public const string Arrays = "unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) AS k (run_id, task_no, map_index, epoch)";

    /// <summary>A row of the queue is that of a key.</summary>
    public const string Matches = "r.run_id = k.run_id AND r.task_no = k.task_no AND r.map_index = k.map_index AND r.epoch = k.epoch";

    public const string Columns = "r.run_id, r.task_no, r.map_index, r.epoch";

    public static RemoteKey Read(DbDataReader row) =>
        new(new TaskKey(row.GetInt64(0), (int)row.GetInt64(1), (int)row.GetInt64(2)), row.GetInt64(3));

    public static object[] Values(IReadOnlyCollection<RemoteKey> keys, params object[] more) =>
    [
        keys.Select(key => key.Task.RunId).ToArray(),
        keys.Select(key => (long)key.Task.TaskNumber).ToArray(),
        keys.Select(key => (long)key.Task.MapIndex).ToArray(),
        keys.Select(key => key.Epoch).ToArray(),
        .. more,
    ];
}
