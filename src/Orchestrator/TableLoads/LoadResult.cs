namespace DataPlatform.Orchestrator.TableLoads;

/// <summary>How a load ended; what downstream tasks pull.</summary>
/// <param name="Version">The table's version with the rows in it: the one written, or, for a replay, the latest.</param>
/// <param name="IsReplay">Whether an earlier try had loaded already, so that nothing was written.</param>
public sealed record LoadResult(long Version, bool IsReplay);
