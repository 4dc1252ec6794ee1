namespace DataPlatform.Orchestrator.Metadata;

/// <summary>A command as the store keeps it.</summary>
public sealed record QueuedCommand
{
    /// <summary>Its number, growing.</summary>
    public long Id { get; init; }

    /// <summary>The DAG it is about.</summary>
    public required string DagId { get; init; }

    /// <summary>What is to be done, as JSON with its kind first.</summary>
    public required string Body { get; init; }

    /// <summary>The caller's name for the request, unique by DAG; null for none.</summary>
    public string? IdempotencyKey { get; init; }
}
