namespace DataPlatform.Orchestrator.Metadata;

/// <summary>What a scheduler may use of a pool.</summary>
/// <param name="Pool">The pool.</param>
/// <param name="Slots">Slots of the pool in all.</param>
/// <param name="Held">Slots the scheduler may use.</param>
/// <param name="IsWanted">Whether another scheduler waits for slots of it: what becomes free should be given back soon.</param>
public readonly record struct PoolGrant(string Pool, int Slots, int Held, bool IsWanted);
