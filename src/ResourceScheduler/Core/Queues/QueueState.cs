namespace DataPlatform.ResourceScheduler.Queues;

/// <summary>Whether a queue takes new work.</summary>
public enum QueueState
{
    /// <summary>It takes and runs work.</summary>
    Running,

    /// <summary>It takes no new applications; those it has go on to their end.</summary>
    Draining,

    /// <summary>It takes no new applications and starts no more containers.</summary>
    Stopped,
}

/// <summary>Whose work may be stopped so that others get their share.</summary>
public enum PreemptionScope
{
    /// <summary>Nobody's in this queue.</summary>
    Never,

    /// <summary>For other work of the same leaf only.</summary>
    WithinQueue,

    /// <summary>For any queue.</summary>
    AcrossQueues,
}
