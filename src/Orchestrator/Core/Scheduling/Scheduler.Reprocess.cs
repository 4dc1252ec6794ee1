using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>What a backfill does with a run that has ended: it runs again, as the newest version of its DAG says.</summary>
internal sealed partial class Scheduler
{
    /// <summary>The first date that a backfill works on has no run before it to wait for.</summary>
    private static bool IsFirstOfBackfill(LiveRun run) => run.Record.Kind == DagRunKind.Backfill
        && Array.Find(run.Dag.Backfill?.Runs ?? [], date => date.State != BackfillRunState.Skipped)?.RunId == run.Record.Id;

    /// <summary>Clears all of an ended run and puts it in line.</summary>
    private void Reprocess(LiveRun ended, string? conf)
    {
        var record = ended.Record with
        {
            Kind = DagRunKind.Backfill,
            Conf = conf ?? ended.Record.Conf,
            DagHash = ended.Dag.Dag.Hash,
            State = DagRunState.Queued,
            StartedAt = null,
            EndedAt = null,
            Note = null,
        };
        var run = new LiveRun(record, ended.Dag) { Values = new RunValues(record, ended.Dag.Dag) };
        Load(run, TakeOver(ended, run.Version));
        _endedStates.Remove(record.Id);
        _runs.Add(record.Id, run);
        foreach (var task in run.Graph!.Tasks.Where(task => task.Try > 0))
        {
            MarkDirty(task);
        }

        MarkDirty(run);
        ArmDeadline(run);
        Wait(run);
    }

    /// <summary>The instances of an ended run as those of another version: not begun, but their tries and epochs count on. The old rows go; their tries
    /// stay in the history.</summary>
    private List<TaskInstance> TakeOver(LiveRun ended, Dag version)
    {
        var old = ended.Graph!.Tasks.Where(task => task.State != TaskState.None).Select(task => task.ToInstance()).ToList();
        Batch.TasksDropped.AddRange(old.Select(instance => instance.Key));
        Batch.XComsDropped.AddRange(old.Select(instance => instance.Key));
        Batch.Tries.AddRange(old.Where(instance => instance.QueuedAt is not null));

        // History is named by place and try: whatever had a place before, later tries there count on from it.
        var triesAt = old.ToDictionary(instance => instance.Key, instance => instance.Try);
        List<TaskInstance> taken = [];
        foreach (var instance in old)
        {
            if (version.FindTask(instance.TaskId) is { } task)
            {
                var key = instance.Key with { TaskNumber = task.Number };
                taken.Add(Fresh(key, task, Math.Max(instance.Try, triesAt.GetValueOrDefault(key)), instance.Epoch));
            }
        }

        var places = taken.Select(instance => instance.Key).ToHashSet();
        taken.AddRange(triesAt.Where(place => place.Key.TaskNumber < version.Tasks.Count && place.Key.MapIndex < 0 && !places.Contains(place.Key))
            .Where(place => version.Tasks[place.Key.TaskNumber].Map is null)
            .Select(place => Fresh(place.Key, version.Tasks[place.Key.TaskNumber], place.Value, epoch: 0)));
        return taken;
    }

    private static TaskInstance Fresh(TaskKey key, DagTask task, int @try, long epoch) =>
        new() { Key = key, TaskId = task.Id, Try = @try, Epoch = epoch, Pool = task.Pool };
}
