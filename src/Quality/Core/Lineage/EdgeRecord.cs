namespace DataPlatform.Quality.Lineage;

/// <summary>An edge with its history.</summary>
/// <param name="Edge">The edge.</param>
/// <param name="FirstSeen">When its job first showed it, UTC.</param>
/// <param name="LastSeen">When its job last showed it, UTC.</param>
/// <param name="RetiredAt">When its job ran without it, UTC; null while it is alive.</param>
/// <param name="LastRun">The run that showed it last; null where runs have no names.</param>
public sealed record EdgeRecord(
    LineageEdge Edge, DateTimeOffset FirstSeen, DateTimeOffset LastSeen, DateTimeOffset? RetiredAt = null, string? LastRun = null);
