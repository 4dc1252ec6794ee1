namespace DataPlatform.Orchestrator.Metadata;

/// <summary>One scheduler's claim on a pool.</summary>
/// <param name="Term">The scheduler.</param>
/// <param name="Wanted">Slots it could use.</param>
/// <param name="AtOnce">Slots that the largest of its waiting tasks takes.</param>
/// <param name="WaitingSince">Since when it holds fewer than that, on any clock that is the same for all; null when it does not.</param>
/// <param name="Dags">What its DAGs want, as in <see cref="PoolDemand"/>.</param>
/// <param name="Priority">The highest priority of its waiting tasks.</param>
public readonly record struct PoolClaim(long Term, int Wanted, int AtOnce, long? WaitingSince, string Dags = "", int Priority = 0);
