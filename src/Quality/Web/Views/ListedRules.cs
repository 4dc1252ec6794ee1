using DataPlatform.Quality.Catalog;

namespace DataPlatform.Quality.Web.Views;

/// <summary>A page of rules with their newest verdicts.</summary>
/// <param name="Rules">The rules.</param>
/// <param name="History">The newest verdicts of each, oldest first, by the rule's number.</param>
/// <param name="Next">The place to go on after; null at the end.</param>
public sealed record ListedRules(
    IReadOnlyList<RuleState> Rules, IReadOnlyDictionary<long, IReadOnlyList<PastVerdict>> History, string? Next)
{
    private const int StripRuns = 30;

    internal static async Task<ListedRules> LoadAsync(QualityConsole console, RuleQuery query, CancellationToken cancellationToken)
    {
        var rules = await console.Catalog.RulesAsync(query, cancellationToken).ConfigureAwait(false);
        var history = await console.Catalog.HistoryAsync([.. rules.Select(r => r.Number)], StripRuns, cancellationToken).ConfigureAwait(false);
        return new ListedRules(rules, history, rules.Count == query.Limit ? RulePlace.Of(rules[^1]).ToString() : null);
    }
}
