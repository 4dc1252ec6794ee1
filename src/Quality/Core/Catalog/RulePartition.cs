using DataPlatform.Kernel;

namespace DataPlatform.Quality.Catalog;

/// <summary>What a rule is in a partition, since the last time that changed.</summary>
/// <param name="Rule">The rule's number.</param>
/// <param name="Verdict">What it is; without its sample where many are listed.</param>
/// <param name="RunId">The run that said so first.</param>
/// <param name="Version">The version that run was about; null for a relation without versions.</param>
/// <param name="At">When that run began, UTC.</param>
public sealed record RulePartition(long Rule, PartitionVerdict Verdict, string RunId, DatasetVersion? Version, DateTimeOffset At);
