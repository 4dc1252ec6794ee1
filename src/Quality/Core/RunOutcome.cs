namespace DataPlatform.Quality;

/// <summary>What a run found.</summary>
/// <param name="Verdicts">A verdict per rule, in the suite's order.</param>
/// <param name="Queries">The queries it cost.</param>
internal sealed record RunOutcome(IReadOnlyList<Verdict> Verdicts, QueryCounts Queries)
{
    /// <summary>What rules are in single partitions; empty where kept states did not answer.</summary>
    public IReadOnlyList<PartitionVerdict> Partitions { get; init; } = [];
}
