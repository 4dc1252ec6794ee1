using System.Diagnostics;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>A run that has not ended, in the scheduler's memory.</summary>
internal sealed class LiveRun(DagRun record, LiveDag dag)
{
    public DagRun Record { get; set; } = record;

    public LiveDag Dag { get; } = dag;

    /// <summary>The version it is pinned to.</summary>
    public Dag Version { get; init; } = dag.Dag;

    /// <summary>Null until the run starts: queued runs cost no tasks.</summary>
    public RunGraph? Graph { get; set; }

    /// <summary>Values pushed, and the run's parameters.</summary>
    public RunValues Values { get; init; } = new(record, dag.Dag);

    /// <summary>Task instances queued or running.</summary>
    public int ActiveTasks { get; set; }

    /// <summary>Those of tasks that have a limit by run, by task number.</summary>
    public Dictionary<int, int> ActiveByTask { get; } = [];

    /// <summary>Its span, from its start to its end; null where nobody listens.</summary>
    public Activity? Span { get; set; }

    public bool IsDirty { get; set; }
}
