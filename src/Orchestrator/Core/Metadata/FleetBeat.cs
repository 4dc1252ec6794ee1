namespace DataPlatform.Orchestrator.Metadata;

/// <summary>What a scheduler learns when it renews its session.</summary>
/// <param name="Now">The store's clock, which all schedulers of a fleet go by.</param>
/// <param name="Taken">DAGs that are the session's from now on.</param>
/// <param name="Excess">How many DAGs it should give back, because others have too few.</param>
/// <param name="Givable">DAGs of the session that another one would take; <paramref name="Excess"/> of them are enough.</param>
/// <param name="Outdated">DAGs of the session that another process has in a newer version: they should be given back too.</param>
/// <param name="MembersVersion">Changes when a scheduler comes or goes.</param>
/// <param name="ArePoolsShort">Whether another scheduler could use more slots of some pool than it holds.</param>
public sealed record FleetBeat(
    DateTimeOffset Now,
    IReadOnlyList<string> Taken,
    int Excess,
    IReadOnlyList<string> Givable,
    IReadOnlyList<string> Outdated,
    long MembersVersion,
    bool ArePoolsShort);
