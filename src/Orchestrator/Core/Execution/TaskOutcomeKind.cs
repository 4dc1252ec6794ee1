namespace DataPlatform.Orchestrator.Execution;

/// <summary>How a try ended.</summary>
public enum TaskOutcomeKind
{
    /// <summary>Well.</summary>
    Success,

    /// <summary>The body failed or took too long.</summary>
    Failed,

    /// <summary>The body asked to be skipped.</summary>
    Skipped,

    /// <summary>The process, container or node was lost, or the engine shut down. Counted apart from failures.</summary>
    Infrastructure,

    /// <summary>A sensor found nothing and wants to look again after <see cref="TaskOutcome.WakeAfter"/>.</summary>
    Rescheduled,

    /// <summary>It was cancelled on request.</summary>
    Cancelled,
}
