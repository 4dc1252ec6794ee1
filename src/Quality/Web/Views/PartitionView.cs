using DataPlatform.Quality.Catalog;

namespace DataPlatform.Quality.Web.Views;

/// <summary>A rule in one partition.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Now">What it is there, with rows that break it.</param>
/// <param name="Changes">What it was there, newest first.</param>
public sealed record PartitionView(RuleState Rule, RulePartition Now, IReadOnlyList<RulePartition> Changes)
{
    private const int ChangesShown = 90;

    internal static async Task<PartitionView?> LoadAsync(QualityConsole console, RuleKey key, string partition, CancellationToken cancellationToken)
    {
        if (await console.Catalog.RuleAsync(key, cancellationToken).ConfigureAwait(false) is not { } rule
            || await console.Catalog.PartitionAsync(rule.Number, partition, cancellationToken).ConfigureAwait(false) is not { } now)
        {
            return null;
        }

        var changes = await console.Catalog.PartitionChangesAsync(rule.Number, [partition], ChangesShown, cancellationToken).ConfigureAwait(false);
        return new PartitionView(rule, now, [.. changes.Reverse()]);
    }
}
