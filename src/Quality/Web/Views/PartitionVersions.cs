using DataPlatform.Quality.Catalog;

namespace DataPlatform.Quality.Web.Views;

/// <summary>What one rule was in partitions, version by version.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Rules">The rules there is such a history of.</param>
/// <param name="Partitions">The partitions by name, the highest first.</param>
/// <param name="Runs">The runs, oldest first.</param>
/// <param name="Cells">What the rule was, by partition and run; null where the partition was not told of yet.</param>
public sealed record PartitionVersions(
    RuleState Rule,
    IReadOnlyList<RuleState> Rules,
    IReadOnlyList<string> Partitions,
    IReadOnlyList<RunSummary> Runs,
    IReadOnlyList<IReadOnlyList<RulePartition?>> Cells)
{
    private const int PartitionsMax = 30;

    /// <param name="console">The parts there are.</param>
    /// <param name="shown">The page of partitions.</param>
    /// <param name="runs">The table's runs, newest first.</param>
    /// <param name="key">The rule asked for; the most urgent one when null or not among those judged by partition.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    internal static async Task<PartitionVersions?> LoadAsync(
        QualityConsole console, RulePartitions shown, IReadOnlyList<RunSummary> runs, string? key, CancellationToken cancellationToken)
    {
        var rules = shown.Judged;
        if (rules.Count == 0)
        {
            return null;
        }

        var rule = rules.FirstOrDefault(r => r.Key.ToString() == key) ?? rules[0];
        List<string> partitions = [.. shown.Partitions.Reverse().Where(p => shown.Cells.ContainsKey((rule.Number, p))).Take(PartitionsMax)];
        List<RunSummary> columns = [.. runs.Where(r => r.Suite == rule.Key.Suite).Reverse()];
        var changes = (await console.Catalog.PartitionChangesAsync(rule.Number, partitions, columns.Count + 1, cancellationToken).ConfigureAwait(false))
            .ToLookup(c => c.Verdict.Partition);
        return new PartitionVersions(
            rule,
            rules,
            partitions,
            columns,
            [.. partitions.Select(p => (IReadOnlyList<RulePartition?>)[.. columns.Select(run => AsOf([.. changes[p], shown.Cells[(rule.Number, p)]], run.StartedAt))])]);
    }

    /// <summary>What is said holds until something else is said; changes over age are forgotten, what is said now is not.</summary>
    private static RulePartition? AsOf(IReadOnlyList<RulePartition> changes, DateTimeOffset at) => changes.LastOrDefault(c => c.At <= at);
}
