using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>Pauses and dataset triggers.</summary>
internal sealed partial class Scheduler
{
    /// <summary>Pauses or resumes a DAG. On the loop.</summary>
    public bool SetPaused(string dagId, bool isPaused)
    {
        var dag = Find(dagId);
        if (dag.IsPaused == isPaused)
        {
            return false;
        }

        dag.IsPaused = isPaused;
        Batch.Pauses.Add((dagId, isPaused));
        if (!isPaused)
        {
            // Whoever resumes a DAG whose timetable failed wants to know at once whether it works now.
            dag.AsksAgainAt = null;
            StartWaiting(dag);
            EvaluateDatasets(dag);
            ArmSchedule(dag);
        }

        return true;
    }

    /// <summary>Takes a version into account for every DAG that waits for its dataset. Gives those that wait for it elsewhere. On the
    /// loop.</summary>
    public IReadOnlyList<string> OnVersion(DatasetVersion version)
    {
        SeeAll(version);
        return
        [
            .. _registered.Values.Where(dag => !_dags.ContainsKey(dag.Id) && dag.Datasets?.Datasets.Contains(version.Dataset) == true)
                .Select(dag => dag.Id),
        ];
    }

    private void SeeAll(DatasetVersion version)
    {
        foreach (var dag in _waitingFor.GetValueOrDefault(version.Dataset) ?? [])
        {
            See(dag, version);
        }
    }

    private bool See(LiveDag dag, DatasetVersion version)
    {
        if (!dag.Datasets.TryGetValue(version.Dataset, out var progress) || progress.Seeing(version.Version) is not { } seen)
        {
            return false;
        }

        Keep(dag, seen);
        _updatedAt[version.Dataset] = _now;
        EvaluateDatasets(dag);
        return true;
    }

    private void EvaluateDatasets(LiveDag dag)
    {
        // A run that waits for its turn has not read anything yet: versions that come now belong to the next run, so it must not pile up.
        if (dag.Dag.Datasets is not { } condition || dag.IsGone || !dag.HasRoom || dag.Waiting.Count > 0
            || !condition.Holds(id => dag.Datasets[id].HasNews))
        {
            return;
        }

        if (!_runIds.HasOne())
        {
            Post(() => EvaluateDatasets(dag));
            return;
        }

        var news = condition.Datasets.Select(id => dag.Datasets[id]).Where(progress => progress.HasNews).ToList();
        foreach (var progress in news)
        {
            Keep(dag, progress with { ConsumedVersion = progress.SeenVersion });
        }

        CreateRun(dag, DagRunKind.Dataset, new ScheduledFire(DataInterval.At(_now), _now, _now), run => run with
        {
            Changes = [.. news.Select(progress => new DatasetChange(progress.Dataset, progress.ConsumedVersion, progress.SeenVersion))],
        });
    }

    private void Keep(LiveDag dag, DatasetProgress progress)
    {
        dag.Datasets[progress.Dataset] = progress;
        Batch.Datasets.Add(progress);
    }
}
