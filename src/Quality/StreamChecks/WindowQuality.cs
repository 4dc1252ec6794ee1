namespace DataPlatform.Quality.StreamChecks;

/// <summary>What a check saw in one window of event time.</summary>
/// <param name="StartMs">The window's start, milliseconds since 1970-01-01 UTC.</param>
/// <param name="EndMs">Its end, left out itself.</param>
/// <param name="Records">Records.</param>
/// <param name="Failed">Of those, the ones that broke a rule.</param>
/// <param name="FailuresByRule">Records that broke a rule, by the rule's id; rules that none broke are left out.</param>
public sealed record WindowQuality(long StartMs, long EndMs, long Records, long Failed, IReadOnlyDictionary<string, long> FailuresByRule);
