using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Orchestrator.Dags.TaskFlow;

/// <summary>Makes a class a DAG: its methods with <see cref="TaskAttribute"/> are the tasks. <see cref="DagClass"/> compiles it.</summary>
/// <param name="id">The DAG's name: letters, digits, <c>_</c>, <c>-</c> and <c>.</c>.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class DagAttribute(string id) : Attribute
{
    /// <summary>The DAG's name.</summary>
    public string Id { get; } = id;

    /// <summary>What it is for.</summary>
    public string Description { get; set; } = string.Empty;

    /// <summary>Any text that changes when the code changes its meaning; part of the content hash.</summary>
    public string Version { get; set; } = string.Empty;

    /// <summary>When it runs: a cron line, <c>@once</c>, or <c>every 5m</c>; null for never by the clock.</summary>
    public string? Schedule { get; set; }

    /// <summary>Further cron lines, for a DAG that several start.</summary>
    public string[] MoreSchedules { get; set; } = [];

    /// <summary>The zone of the cron lines; UTC by default.</summary>
    public string Zone { get; set; } = "UTC";

    /// <summary>How the cron lines are read.</summary>
    public CronDialect Dialect { get; set; } = CronDialect.Cronos;

    /// <summary>The most that a fire is put off, for example <c>10m</c>, by as much each time as the DAG's name says; null for
    /// none.</summary>
    public string? Jitter { get; set; }

    /// <summary>Events that start it.</summary>
    public string[] Events { get; set; } = [];

    /// <summary>True: cron lines are points in time, without a data interval.</summary>
    public bool IsPoint { get; set; }

    /// <summary>True: every missed interval runs.</summary>
    public bool Catchup { get; set; }

    /// <summary>Where the first interval begins, for example <c>2026-01-01T00:00:00Z</c>; null: when the DAG is first registered.</summary>
    public string? Start { get; set; }

    /// <summary>Runs when each of these datasets has news.</summary>
    public string[] Datasets { get; set; } = [];

    /// <summary>Runs when one of these datasets has news.</summary>
    public string[] AnyDataset { get; set; } = [];

    /// <summary>Words to find it by.</summary>
    public string[] Tags { get; set; } = [];

    /// <summary>Runs at once; 0 for the default.</summary>
    public int MaxActiveRuns { get; set; }

    /// <summary>Tasks at once over all runs; 0 for the default.</summary>
    public int MaxActiveTasks { get; set; }

    /// <summary>Tasks at once in one run; 0 for the default.</summary>
    public int MaxActiveTasksPerRun { get; set; }

    /// <summary>The longest a run may take, for example <c>2h</c>; null for no limit.</summary>
    public string? RunTimeout { get; set; }

    /// <summary>How long after its earliest start a run should have ended, for example <c>90m</c>; null for no deadline.</summary>
    public string? Deadline { get; set; }
}
