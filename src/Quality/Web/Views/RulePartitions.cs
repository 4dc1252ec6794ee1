using DataPlatform.Quality.Catalog;

namespace DataPlatform.Quality.Web.Views;

/// <summary>What rules of a table are in its partitions.</summary>
/// <param name="Rules">The rules that are told of by partition, the most urgent first.</param>
/// <param name="Partitions">A page of partitions, by name.</param>
/// <param name="Cells">What a rule is in a partition, by the rule's number and the partition.</param>
/// <param name="Next">The name before which the next page begins; null at the end.</param>
public sealed record RulePartitions(
    IReadOnlyList<RuleState> Rules, IReadOnlyList<string> Partitions, IReadOnlyDictionary<(long Rule, string Partition), RulePartition> Cells, string? Next)
{
    /// <summary>The rules that partitions hold or break.</summary>
    public IReadOnlyList<RuleState> Judged => [.. Rules.Where(r => Cells.Values.Any(c => c.Rule == r.Number && c.Verdict.Outcome is not null))];

    /// <summary>The rules that partitions have a value of.</summary>
    public IReadOnlyList<RuleState> Measured => [.. Rules.Where(r => Cells.Values.Any(c => c.Rule == r.Number && c.Verdict is { Outcome: null, Observed: not null }))];

    internal static async Task<RulePartitions> LoadAsync(
        QualityConsole console, IReadOnlyList<RuleState> rules, string? before, int partitionsMax, CancellationToken cancellationToken)
    {
        var found = await console.Catalog.PartitionsAsync([.. rules.Select(r => r.Number)], before, partitionsMax, cancellationToken).ConfigureAwait(false);
        List<string> partitions = [.. found.Select(c => c.Verdict.Partition).Distinct().Reverse()];
        var told = found.Select(c => c.Rule).ToHashSet();
        return new RulePartitions(
            [.. rules.Where(r => told.Contains(r.Number))],
            partitions,
            found.ToDictionary(c => (c.Rule, c.Verdict.Partition)),
            partitions.Count == partitionsMax ? partitions[0] : null);
    }
}
