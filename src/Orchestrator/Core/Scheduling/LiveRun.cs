using System.Collections.Concurrent;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>A run that has not ended, in the scheduler's memory.</summary>
internal sealed class LiveRun(DagRun record, LiveDag dag)
{
    public DagRun Record { get; set; } = record;

    public LiveDag Dag { get; } = dag;

    /// <summary>Null until the run starts: queued runs cost no tasks.</summary>
    public RunGraph? Graph { get; set; }

    /// <summary>Values pushed, by task, name and map index. Bodies read it from their own threads.</summary>
    public ConcurrentDictionary<(string TaskId, string Name, int MapIndex), string> XComs { get; } = new();

    public bool IsDirty { get; set; }
}
