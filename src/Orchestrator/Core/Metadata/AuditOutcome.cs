namespace DataPlatform.Orchestrator.Metadata;

/// <summary>What became of an action done by hand.</summary>
public enum AuditOutcome : byte
{
    /// <summary>It was begun; if that is long ago, its process died and it may or may not have been done.</summary>
    Begun = 0,

    /// <summary>It was done.</summary>
    Done = 1,

    /// <summary>It was refused or failed, and changed nothing.</summary>
    Refused = 2,
}
