namespace DataPlatform.Orchestrator.Metadata;

/// <summary>One action done by hand.</summary>
public sealed record AuditEntry
{
    /// <summary>The longest <see cref="Result"/> that is kept, in characters.</summary>
    public const int ResultLengthMax = 2_000;

    /// <summary>The longest <see cref="Detail"/> that is kept, in characters.</summary>
    public const int DetailLengthMax = 8_000;

    /// <summary>Its number, growing.</summary>
    public long Id { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who: the authenticated name, or a name for a caller without one.</summary>
    public required string Actor { get; init; }

    /// <summary>From where: the channel and the caller's address, for example <c>page 127.0.0.1</c> or <c>api 10.0.0.7</c>.</summary>
    public required string From { get; init; }

    /// <summary>What, for example <c>dag.trigger</c> or <c>run.clear</c>.</summary>
    public required string Action { get; init; }

    /// <summary>The DAG it was about; null for none.</summary>
    public string? DagId { get; init; }

    /// <summary>The run it was about; null for none.</summary>
    public long? RunId { get; init; }

    /// <summary>What was asked for, as JSON; null for nothing beside the above.</summary>
    public string? Detail { get; init; }

    /// <summary>What became of it.</summary>
    public AuditOutcome Outcome { get; init; }

    /// <summary>What was done, or why not; null before it ended.</summary>
    public string? Result { get; init; }
}
