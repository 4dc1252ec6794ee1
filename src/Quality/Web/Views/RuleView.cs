using DataPlatform.Quality.Alerts;
using DataPlatform.Quality.Catalog;

namespace DataPlatform.Quality.Web.Views;

/// <summary>A rule with its history.</summary>
/// <param name="Rule">The rule with the sample of its newest verdict.</param>
/// <param name="History">Its newest verdicts, oldest first.</param>
/// <param name="Alert">Its alert; null for none.</param>
public sealed record RuleView(RuleState Rule, IReadOnlyList<PastVerdict> History, Alert? Alert)
{
    private const int RunsShown = 90;
    private const int PartitionsShown = 30;

    /// <summary>The series it judges, each point in the band it was judged by; null for a rule that is not about anomalies.</summary>
    public MetricHistory? Metric { get; init; }

    /// <summary>What it is in the partitions of the highest names, those first; empty where it is not judged by partition.</summary>
    public IReadOnlyList<RulePartition> Partitions { get; init; } = [];

    internal static async Task<RuleView?> LoadAsync(QualityConsole console, RuleKey key, CancellationToken cancellationToken)
    {
        if (await console.Catalog.RuleAsync(key, cancellationToken).ConfigureAwait(false) is not { } rule)
        {
            return null;
        }

        var history = await console.Catalog.HistoryAsync([rule.Number], RunsShown, cancellationToken).ConfigureAwait(false);
        var alert = console.Alerts is { } alerts ? await alerts.FindAsync(key.ToString(), cancellationToken).ConfigureAwait(false) : null;
        return new RuleView(rule, history[rule.Number], alert)
        {
            Metric = await MetricHistory.OfRuleAsync(console, rule, cancellationToken).ConfigureAwait(false),
            Partitions = await console.Catalog.PartitionsAsync([rule.Number], null, PartitionsShown, cancellationToken).ConfigureAwait(false),
        };
    }
}
