using DataPlatform.Quality.Catalog;

namespace DataPlatform.Quality.Web.Views;

/// <summary>How things stand, as a whole or in one domain.</summary>
/// <param name="Domain">The domain; null for all.</param>
/// <param name="Domains">All domains.</param>
/// <param name="Days">The last 30 days.</param>
/// <param name="Worst">The most urgent rules.</param>
/// <param name="Stale">Tables that were not looked at for long.</param>
/// <param name="Late">Broken rules about age.</param>
/// <param name="Incidents">Open incidents, those opened last first.</param>
public sealed record OverviewView(
    string? Domain,
    IReadOnlyList<DomainState> Domains,
    IReadOnlyList<DayCounts> Days,
    ListedRules Worst,
    IReadOnlyList<TableState> Stale,
    IReadOnlyList<RuleState> Late,
    IReadOnlyList<IncidentRow> Incidents)
{
    /// <summary>The kinds of rules that are about age.</summary>
    internal static readonly string[] AgeKinds = ["freshness", "committed"];

    internal const int IncidentsShown = 8;
    private const int DaysShown = 30;
    private const int RulesShown = 12;
    private const int TablesShown = 8;

    /// <summary>The rules shown, by outcome.</summary>
    public OutcomeCounts Rules => Chosen.Aggregate(default(OutcomeCounts), (sum, domain) => sum + domain.Rules);

    /// <summary>The tables shown.</summary>
    public int Tables => Chosen.Sum(domain => domain.Tables);

    private IEnumerable<DomainState> Chosen => Domain is null ? Domains : Domains.Where(d => d.Domain == Domain);

    internal static async Task<OverviewView> LoadAsync(QualityConsole console, string? domain, CancellationToken cancellationToken)
    {
        var (catalog, now) = (console.Catalog, console.Time.GetUtcNow());
        var from = DateOnly.FromDateTime(now.UtcDateTime).AddDays(1 - DaysShown);
        var days = await catalog.DaysAsync(domain, from, cancellationToken).ConfigureAwait(false);
        var incidents = await IncidentList.LoadAsync(console, includeClosed: false, after: null, IncidentsShown, cancellationToken).ConfigureAwait(false);
        return new OverviewView(
            domain,
            await catalog.DomainsAsync(cancellationToken).ConfigureAwait(false),
            [.. Enumerable.Range(0, DaysShown).Select(from.AddDays).GroupJoin(days, day => day, counts => counts.Day, (day, counts) => new DayCounts(day, counts.FirstOrDefault().Verdicts))],
            await WorstAsync(console, domain, cancellationToken).ConfigureAwait(false),
            await catalog.TablesAsync(new TableQuery { Domain = domain, LastRunBefore = now - console.StaleAfter, Limit = TablesShown }, cancellationToken).ConfigureAwait(false),
            await catalog.RulesAsync(new RuleQuery { Domain = domain, Kinds = AgeKinds, Outcome = Outcome.Fail, Limit = TablesShown }, cancellationToken).ConfigureAwait(false),
            [.. incidents.Rows.Take(IncidentsShown)]);
    }

    private static async Task<ListedRules> WorstAsync(QualityConsole console, string? domain, CancellationToken cancellationToken)
    {
        var worst = await ListedRules.LoadAsync(console, new RuleQuery { Domain = domain, Limit = RulesShown }, cancellationToken).ConfigureAwait(false);
        return worst with { Rules = [.. worst.Rules.Where(rule => rule.Verdict.Outcome is Outcome.Fail or Outcome.Error)] };
    }
}
