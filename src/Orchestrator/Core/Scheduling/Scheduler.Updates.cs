using System.Collections.Concurrent;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Metadata;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>Updates of datasets that the store knows from successes of tasks, in this process and in others, now and before.</summary>
internal sealed partial class Scheduler
{
    private readonly ConcurrentQueue<string> _unlooked = new();
    private readonly Dictionary<DatasetId, List<LiveDag>> _waitingFor = [];

    /// <summary>Told when DAGs were taken up. Before the loop runs.</summary>
    public Action? TookUp { get; set; }

    /// <summary>DAGs that were taken up since this was asked last: updates from before must be looked for. From any thread.</summary>
    public IEnumerable<string> TakeUnlooked()
    {
        while (_unlooked.TryDequeue(out var dagId))
        {
            yield return dagId;
        }
    }

    /// <summary>The datasets that DAGs wait for. From any thread.</summary>
    public IReadOnlyCollection<DatasetId> DatasetsOf(IEnumerable<string> dagIds) =>
        [.. dagIds.SelectMany(id => _registered.GetValueOrDefault(id)?.Datasets?.Datasets ?? []).Distinct()];

    /// <summary>Takes updates from the store into account, for those of the DAGs that are this scheduler's. What one has seen it does not see again. On
    /// the loop.</summary>
    /// <param name="updates">The updates.</param>
    /// <param name="dagIds">For these DAGs; null for all.</param>
    public bool SeeStored(IReadOnlyList<StoredUpdate> updates, IReadOnlySet<string>? dagIds)
    {
        foreach (var update in updates)
        {
            foreach (var dag in _waitingFor.GetValueOrDefault(update.Version.Dataset) ?? [])
            {
                if (dagIds?.Contains(dag.Dag.Id) != false && !IsOlder(update, dag))
                {
                    See(dag, update.Version);
                }
            }
        }

        return true;
    }

    /// <summary>A DAG that has seen no update yet begins with those since it is there, and not with one from before.</summary>
    private static bool IsOlder(StoredUpdate update, LiveDag dag) =>
        dag.Datasets[update.Version.Dataset].SeenVersion < 0 && update.At < dag.RegisteredAt;

    private void AwaitDatasets(LiveDag dag)
    {
        foreach (var dataset in dag.Datasets.Keys)
        {
            if (!_waitingFor.TryGetValue(dataset, out var dags))
            {
                _waitingFor[dataset] = dags = [];
            }

            dags.Add(dag);
        }
    }

    private void AwaitNoMore(LiveDag dag)
    {
        foreach (var dataset in dag.Datasets.Keys)
        {
            if (_waitingFor.TryGetValue(dataset, out var dags) && dags.Remove(dag) && dags.Count == 0)
            {
                _waitingFor.Remove(dataset);
            }
        }
    }
}
