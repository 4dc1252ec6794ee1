namespace DataPlatform.ResourceScheduler.Containers;

/// <summary>How a container ended.</summary>
public enum ContainerOutcome
{
    /// <summary>Its work was done.</summary>
    Succeeded,

    /// <summary>Its work failed.</summary>
    Failed,

    /// <summary>Its owner stopped it.</summary>
    Killed,

    /// <summary>Its node went away.</summary>
    Lost,

    /// <summary>It was stopped for other work.</summary>
    Preempted,
}
