namespace DataPlatform.Orchestrator.Runs;

/// <summary>Where a run is in its life.</summary>
public enum DagRunState : byte
{
    /// <summary>Waits because its DAG has as many active runs as it may have, or is paused.</summary>
    Queued = 0,

    /// <summary>Its tasks are being worked on.</summary>
    Running = 1,

    /// <summary>Ended; no leaf task failed.</summary>
    Success = 2,

    /// <summary>Ended; a leaf task failed, or the run took too long.</summary>
    Failed = 3,

    /// <summary>Stopped by a person.</summary>
    Cancelled = 4,
}

/// <summary>Questions about <see cref="DagRunState"/>.</summary>
public static class DagRunStates
{
    /// <summary>Whether the run has ended.</summary>
    /// <param name="state">The state.</param>
    public static bool IsFinal(this DagRunState state) => state >= DagRunState.Success;
}
