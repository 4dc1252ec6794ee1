namespace DataPlatform.ResourceScheduler.Applications;

/// <summary>What an application is when it is submitted.</summary>
/// <param name="Name">Its name, for people.</param>
/// <param name="Queue">The full path of the leaf queue it runs in; may be empty where placement rules give one.</param>
/// <param name="User">On whose behalf it runs.</param>
public sealed record ApplicationSpecification(string Name, string Queue, string User)
{
    /// <summary>Higher is served first in a first-come queue, and stopped last. Default 0.</summary>
    public int Priority { get; init; }

    /// <summary>What its master needs; without one the application drives its asks from outside.</summary>
    public ResourceVector? Master { get; init; }

    /// <summary>How often a failed master is started again. Default 1.</summary>
    public int MasterRetriesMax { get; init; } = 1;

    /// <summary>The groups of the user, the primary one first; for access lists and placement rules.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>What the master does, where the nodes' agents start it; null where it is started by other means.</summary>
    public ContainerWork.Command? MasterWork { get; init; }

    /// <summary>Whether it ends by itself when the last of its asks is done: failed when any of their tasks failed for good, finished
    /// otherwise. Default no.</summary>
    public bool EndsWithAsks { get; init; }

    /// <summary>Whether it lives only as long as the process that submitted it: a new leader ends it. Default no.</summary>
    public bool IsAttached { get; init; }

    /// <summary>Words other applications can ask to be near to or away from.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];
}
