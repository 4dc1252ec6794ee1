namespace DataPlatform.Orchestrator.Metadata;

/// <summary>One scheduler of a fleet, as shares of DAGs are computed.</summary>
/// <param name="Term">The scheduler.</param>
/// <param name="Share">DAGs it should own: of each DAG it has code for, one divided by the schedulers that have.</param>
/// <param name="Owned">DAGs it owns.</param>
public readonly record struct FleetMembership(long Term, double Share, int Owned);
