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

    internal static async Task<RuleView?> LoadAsync(QualityConsole console, RuleKey key, CancellationToken cancellationToken)
    {
        if (await console.Catalog.RuleAsync(key, cancellationToken).ConfigureAwait(false) is not { } rule)
        {
            return null;
        }

        var history = await console.Catalog.HistoryAsync([rule.Number], RunsShown, cancellationToken).ConfigureAwait(false);
        var alert = console.Alerts is { } alerts ? await alerts.FindAsync(key.ToString(), cancellationToken).ConfigureAwait(false) : null;
        return new RuleView(rule, history[rule.Number], alert);
    }
}
