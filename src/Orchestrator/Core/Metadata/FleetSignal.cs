namespace DataPlatform.Orchestrator.Metadata;

/// <summary>What changed in a store that several processes share. A hint: the store is the truth.</summary>
[Flags]
public enum FleetSignal
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>A scheduler came or went, or gave DAGs back.</summary>
    Members = 1,

    /// <summary>A scheduler wants slots of a pool.</summary>
    Pools = 2,

    /// <summary>A command waits.</summary>
    Commands = 4,

    /// <summary>A command was answered, or a run ended.</summary>
    Answers = 8,

    /// <summary>A try waits for a remote worker, or is to be cancelled.</summary>
    RemoteWork = 16,

    /// <summary>A remote worker took or ended a try.</summary>
    RemoteProgress = 32,

    /// <summary>A success of a task updated datasets.</summary>
    Datasets = 64,
}
