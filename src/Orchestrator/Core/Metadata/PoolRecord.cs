namespace DataPlatform.Orchestrator.Metadata;

/// <summary>A pool as the store knows it.</summary>
/// <param name="Name">The pool.</param>
/// <param name="Slots">Its slots.</param>
/// <param name="Used">Slots that tasks hold now, whichever scheduler started them.</param>
/// <param name="IsSet">Whether its slots were set by hand, and so go before what engines are configured with.</param>
public readonly record struct PoolRecord(string Name, int Slots, int Used, bool IsSet)
{
    /// <summary>The longest description, in characters.</summary>
    public const int DescriptionLengthMax = 1_000;

    /// <summary>What it is for, as said by hand; empty where that was taken away, null where nobody said anything.</summary>
    public string? Description { get; init; }
}
