using DataPlatform.Quality.Catalog;
using DataPlatform.Quality.Profiles;

namespace DataPlatform.Quality.Web.Views;

/// <summary>A table with one of its tabs.</summary>
/// <param name="State">The table.</param>
/// <param name="Tab">The tab: <c>rules</c>, <c>history</c>, <c>partitions</c>, <c>profile</c> or <c>runs</c>.</param>
/// <param name="Age">Its rules on age.</param>
/// <param name="Suites">The suites about it that can be edited.</param>
public sealed record TableView(TableState State, string Tab, IReadOnlyList<RuleState> Age, IReadOnlyList<SuiteVersion> Suites)
{
    private const int RulesShown = 50;
    private const int SeriesMax = 24;
    private const int RunsShown = 50;
    private const int HeatRules = 40;
    private const int HeatRuns = 45;
    private const int PartitionsMax = 45;

    /// <summary>The tabs, first the one that is shown unasked.</summary>
    public static IReadOnlyList<string> Tabs { get; } = ["rules", "history", "partitions", "profile", "runs"];

    /// <summary>A page of its rules, in the tabs <c>rules</c> and <c>partitions</c>.</summary>
    public ListedRules? Rules { get; init; }

    /// <summary>Its series, in the tab <c>history</c>.</summary>
    public IReadOnlyList<MetricHistory> Metrics { get; init; } = [];

    /// <summary>Its runs newest first, in the tabs <c>partitions</c> and <c>runs</c>.</summary>
    public IReadOnlyList<RunSummary> Runs { get; init; } = [];

    /// <summary>The newest profile of the whole table, in the tab <c>profile</c>; null for none.</summary>
    public StoredProfile? Profile { get; init; }

    /// <summary>What its rules are in partitions, in the tab <c>partitions</c>.</summary>
    public RulePartitions? ByPartition { get; init; }

    /// <summary>What one rule was in partitions by version, in the tab <c>partitions</c>; null where no rule is judged by partition.</summary>
    public PartitionVersions? ByVersion { get; init; }

    /// <summary>The newest profiles of partitions by name, in the tab <c>partitions</c>; of a table without partitions those of the whole, oldest first.</summary>
    public IReadOnlyList<StoredProfile> Partitions { get; init; } = [];

    /// <summary>What the tab <c>partitions</c> compares: <c>nulls</c>, <c>rows</c>, <c>distinct</c> or <c>mean</c>.</summary>
    public string Metric { get; init; } = "nulls";

    /// <summary>The number of the last run shown when there may be more.</summary>
    public long? NextRun { get; init; }

    internal static async Task<TableView?> LoadAsync(
        QualityConsole console, string table, string? tab, string? after, string? metric, string? rule, CancellationToken cancellationToken)
    {
        if (await console.Catalog.TableAsync(table, cancellationToken).ConfigureAwait(false) is not { } state)
        {
            return null;
        }

        var view = new TableView(
            state,
            Tabs.Contains(tab) ? tab! : Tabs[0],
            await console.Catalog.RulesAsync(new RuleQuery { Table = table, Kinds = OverviewView.AgeKinds, Limit = 10 }, cancellationToken).ConfigureAwait(false),
            console.Suites is { } suites ? await suites.ListAsync(null, 20, table, cancellationToken).ConfigureAwait(false) : []);
        return view.Tab switch
        {
            "history" when console.Series is not null => view with { Metrics = await MetricHistory.OfTableAsync(console, table, SeriesMax, cancellationToken).ConfigureAwait(false) },
            "history" => view,
            "partitions" => await (view with { Metric = metric ?? "nulls" }).WithHeatAsync(console, after, rule, cancellationToken).ConfigureAwait(false),
            "runs" => await view.WithRunsAsync(console, after, cancellationToken).ConfigureAwait(false),
            "profile" => view with { Profile = await ProfileAsync(console, table, cancellationToken).ConfigureAwait(false) },
            _ => view with
            {
                Rules = await ListedRules.LoadAsync(
                    console, new RuleQuery { Table = table, After = after is null ? null : RulePlace.Parse(after), Limit = RulesShown }, cancellationToken).ConfigureAwait(false),
            },
        };
    }

    private static async Task<StoredProfile?> ProfileAsync(QualityConsole console, string table, CancellationToken cancellationToken)
        => console.Profiles is { } profiles && await profiles.ListAsync(table, profilesMax: 1, cancellationToken: cancellationToken).ConfigureAwait(false) is [var newest] ? newest : null;

    private async Task<TableView> WithHeatAsync(QualityConsole console, string? before, string? rule, CancellationToken cancellationToken)
    {
        var rules = await console.Catalog.RulesAsync(new RuleQuery { Table = State.Table, Limit = HeatRules }, cancellationToken).ConfigureAwait(false);
        var runs = await console.Catalog.RunsAsync(State.Table, null, HeatRuns, cancellationToken).ConfigureAwait(false);
        var cells = await RulePartitions.LoadAsync(console, rules, before, PartitionsMax, cancellationToken).ConfigureAwait(false);
        return this with
        {
            ByPartition = cells,
            ByVersion = await PartitionVersions.LoadAsync(console, cells, runs, rule, cancellationToken).ConfigureAwait(false),
            Rules = new ListedRules(rules, await console.Catalog.HistoryAsync([.. rules.Select(r => r.Number)], HeatRuns, cancellationToken).ConfigureAwait(false), null),
            Partitions = console.Profiles is { } profiles ? await ProfilesAsync(profiles, cancellationToken).ConfigureAwait(false) : [],
            Runs = runs,
        };
    }

    private async Task<IReadOnlyList<StoredProfile>> ProfilesAsync(IProfileStore profiles, CancellationToken cancellationToken)
    {
        var partitions = await profiles.PartitionsAsync(State.Table, PartitionsMax, cancellationToken).ConfigureAwait(false);
        var shown = partitions.Count > 0 ? partitions : await profiles.ListAsync(State.Table, profilesMax: PartitionsMax, cancellationToken: cancellationToken).ConfigureAwait(false);
        return [.. shown.Reverse()];
    }

    private async Task<TableView> WithRunsAsync(QualityConsole console, string? after, CancellationToken cancellationToken)
    {
        var before = long.TryParse(after, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : (long?)null;
        var runs = await console.Catalog.RunsAsync(State.Table, before, RunsShown, cancellationToken).ConfigureAwait(false);
        return this with { Runs = runs, NextRun = runs.Count == RunsShown ? runs[^1].Number : null };
    }
}
