namespace DataPlatform.Orchestrator.Metadata;

/// <summary>What a scheduler may use of a pool.</summary>
/// <param name="Pool">The pool.</param>
/// <param name="Slots">Slots of the pool in all.</param>
/// <param name="Held">Slots the scheduler may use.</param>
/// <param name="IsWanted">Whether another scheduler could use more slots of it than it holds: what becomes free should be given back.</param>
public readonly record struct PoolGrant(string Pool, int Slots, int Held, bool IsWanted);
