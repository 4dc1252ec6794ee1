namespace DataPlatform.Orchestrator.Metadata;

/// <summary>A pool as the store knows it.</summary>
/// <param name="Name">The pool.</param>
/// <param name="Slots">Its slots.</param>
/// <param name="Used">Slots that tasks hold now, whichever scheduler started them.</param>
/// <param name="IsSet">Whether its slots were set by hand, and so go before what engines are configured with.</param>
public readonly record struct PoolRecord(string Name, int Slots, int Used, bool IsSet);
