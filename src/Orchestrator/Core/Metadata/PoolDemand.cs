namespace DataPlatform.Orchestrator.Metadata;

/// <summary>What a scheduler has to do with a pool.</summary>
/// <param name="Pool">The pool.</param>
/// <param name="Used">Slots its tasks hold, as the store knows it.</param>
/// <param name="Wanted">Slots it could use now, those in use included.</param>
/// <param name="AtOnce">Slots that the largest of its waiting tasks takes; 0 when none waits that may start.</param>
/// <param name="Dags">What its DAGs want of it, as <c>slots:weight:DAGs:priority,…</c>; empty: as if it were one DAG.</param>
/// <param name="Priority">The highest priority of its waiting tasks that may start.</param>
public readonly record struct PoolDemand(string Pool, int Used, int Wanted, int AtOnce, string Dags = "", int Priority = 0);
