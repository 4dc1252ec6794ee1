namespace DataPlatform.Orchestrator.Runs;

/// <summary>What a trigger rule says about a task that has not started.</summary>
public enum TriggerDecision
{
    /// <summary>Not decided yet.</summary>
    Wait,

    /// <summary>Start it.</summary>
    Run,

    /// <summary>It will never start and is skipped.</summary>
    Skip,

    /// <summary>It will never start because something before it failed.</summary>
    UpstreamFailed,
}
