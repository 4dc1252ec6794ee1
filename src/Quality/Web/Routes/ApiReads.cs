using DataPlatform.Quality.Catalog;
using DataPlatform.Quality.Lineage;
using DataPlatform.Quality.Profiles;
using DataPlatform.Quality.Rules.Documents;
using DataPlatform.Quality.Web.Views;
using DataPlatform.Web.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace DataPlatform.Quality.Web.Routes;

/// <summary>What the API tells. Lists are paged by key: a page begins after the key it is given.</summary>
internal static class ApiReads
{
    private const int LimitMax = 1_000;
    private const int HistoryMax = 1_000;

    public static void Map(RouteGroupBuilder api, QualityConsole console)
    {
        var catalog = console.Catalog;
        api.MapGet("/overview", async (string? domain, CancellationToken token) => TypedResults.Ok(OverviewBody.Of(
            await OverviewView.LoadAsync(console, RuleFilter.DomainOf(domain), token).ConfigureAwait(false)))).WithSummary("How things stand, as a whole or in one domain ('-' for tables without one)");
        api.MapGet("/tables", async (string? q, string? domain, bool? bad, string? after, int? limit, CancellationToken token) =>
        {
            var query = new TableQuery { Search = RuleFilter.Given(q), Domain = RuleFilter.DomainOf(domain), OnlyBad = bad ?? false, After = RuleFilter.Given(after), Limit = Limit(limit) };
            var tables = await catalog.TablesAsync(query, token).ConfigureAwait(false);
            return TypedResults.Ok(new KeysetPage<TableState, string>(tables, tables.Count == query.Limit ? tables[^1].Table : null));
        }).WithSummary("Tables by name");
        api.MapGet("/table", async Task<Results<Ok<TableState>, NotFound>> (string name, CancellationToken token) =>
            await catalog.TableAsync(name, token).ConfigureAwait(false) is { } table ? TypedResults.Ok(table) : TypedResults.NotFound()).WithSummary("One table");
        api.MapGet("/rules", async ([AsParameters] RuleFilter filter, int? limit, CancellationToken token) =>
        {
            var query = filter.Query(Limit(limit));
            var rules = await catalog.RulesAsync(query, token).ConfigureAwait(false);
            return TypedResults.Ok(new KeysetPage<RuleState, string>(rules, rules.Count == query.Limit ? RulePlace.Of(rules[^1]).ToString() : null));
        }).WithSummary("Rules with their newest verdicts, the most urgent first");
        api.MapGet("/rule", async Task<Results<Ok<RuleState>, NotFound>> (string key, CancellationToken token) =>
            await catalog.RuleAsync(RuleKey.Parse(key), token).ConfigureAwait(false) is { } rule ? TypedResults.Ok(rule) : TypedResults.NotFound()).WithSummary("One rule with the sample of its newest verdict");
        api.MapGet("/rule/history", async Task<Results<Ok<IReadOnlyList<PastVerdict>>, NotFound>> (string key, int? limit, CancellationToken token) =>
            await catalog.RuleAsync(RuleKey.Parse(key), token).ConfigureAwait(false) is { } rule
                ? TypedResults.Ok((await catalog.HistoryAsync([rule.Number], Math.Clamp(limit ?? 90, 1, HistoryMax), token).ConfigureAwait(false))[rule.Number])
                : TypedResults.NotFound()).WithSummary("The newest verdicts of a rule, oldest first");
        api.MapGet("/partitions", async (string table, string? before, int? limit, CancellationToken token) =>
        {
            var rules = await catalog.RulesAsync(new RuleQuery { Table = table, Limit = LimitMax }, token).ConfigureAwait(false);
            var shown = await RulePartitions.LoadAsync(console, rules, RuleFilter.Given(before), Limit(limit), token).ConfigureAwait(false);
            return TypedResults.Ok(new KeysetPage<RulePartition, string>([.. shown.Cells.Values], shown.Next));
        }).WithSummary("What the rules of a table are in its partitions, those of the highest names first");
        api.MapGet("/partition", async Task<Results<Ok<PartitionView>, NotFound>> (string key, string name, CancellationToken token) =>
            await PartitionView.LoadAsync(console, RuleKey.Parse(key), name, token).ConfigureAwait(false) is { } view ? TypedResults.Ok(view) : TypedResults.NotFound())
            .WithSummary("What a rule is in a partition, with rows that break it, and what it was");
        api.MapGet("/runs", async (string? table, long? before, int? limit, CancellationToken token) =>
        {
            var runs = await catalog.RunsAsync(RuleFilter.Given(table), before, Limit(limit), token).ConfigureAwait(false);
            return TypedResults.Ok(new KeysetPage<RunSummary, long?>(runs, runs.Count == Limit(limit) ? runs[^1].Number : null));
        }).WithSummary("Runs, newest first");
        api.MapGet("/run", async Task<Results<Ok<SuiteResult>, NotFound>> (string id, CancellationToken token) =>
            await catalog.RunAsync(id, token).ConfigureAwait(false) is { } run ? TypedResults.Ok(run) : TypedResults.NotFound()).WithSummary("One run whole");
        MapParts(api, console);
    }

    private static void MapParts(RouteGroupBuilder api, QualityConsole console)
    {
        if (console.Series is { } series)
        {
            api.MapGet("/series", async (string table, CancellationToken token) =>
                TypedResults.Ok(await series.ListAsync(Anomalies.SeriesName.Prefix(table), LimitMax, token).ConfigureAwait(false))).WithSummary("Names of a table's series");
            api.MapGet("/series/points", async (string name, string? rule, CancellationToken token) =>
            {
                var histories = await MetricHistory.OfSeriesAsync(console, name, cancellationToken: token).ConfigureAwait(false);
                return TypedResults.Ok(SeriesBody.Of(histories.FirstOrDefault(h => h.Rule?.Key.ToString() == rule) ?? histories[0]));
            }).WithSummary("The newest points of a series, each with the baseline it was judged by, as its verdict keeps it; of a rule, where several judge it");
        }

        if (console.Profiles is { } profiles)
        {
            api.MapGet("/profile", async Task<Results<Ok<StoredProfile>, NotFound>> (string table, string? partition, CancellationToken token) =>
                await profiles.ListAsync(table, partition ?? string.Empty, 1, token).ConfigureAwait(false) is [var newest] ? TypedResults.Ok(newest) : TypedResults.NotFound())
                .WithSummary("The newest profile of a table or partition");
        }

        if (console.Alerts is not null)
        {
            api.MapGet("/incidents", async (bool? closed, string? after, int? limit, CancellationToken token) =>
            {
                var list = await IncidentList.LoadAsync(console, closed ?? false, RuleFilter.Given(after), Limit(limit), token).ConfigureAwait(false);
                return TypedResults.Ok(new KeysetPage<IncidentRow, string>(list.Rows, list.Next));
            }).WithSummary("Incidents and alerts that are in none, those opened last first");
            api.MapGet("/incident", async Task<Results<Ok<IncidentView>, NotFound>> (string id, CancellationToken token) =>
                await IncidentView.LoadAsync(console, id, token).ConfigureAwait(false) is { } view ? TypedResults.Ok(view) : TypedResults.NotFound())
                .WithSummary("One incident with its alerts, likely causes, samples and history");
        }

        if (console.Lineage is { } lineage)
        {
            var current = api.MapGroup("").AddEndpointFilter(async (context, next) =>
            {
                await console.CurrentLineageAsync(context.HttpContext.RequestAborted).ConfigureAwait(false);
                return await next(context).ConfigureAwait(false);
            });
            current.MapGet("/lineage", (string dataset, string? column, int? depth, bool? direct) =>
                TypedResults.Ok(lineage.Neighbourhood(new ColumnId(dataset, RuleFilter.Given(column) ?? ColumnId.Star), Math.Clamp(depth ?? 2, 1, 5), 500, !(direct ?? false))))
                .WithSummary("What lies near a column, or near a dataset without one");
            current.MapGet("/lineage/impact", (string dataset, string? column, int? limit) => TypedResults.Ok(
                lineage.Index.Downstream(new ColumnId(dataset, RuleFilter.Given(column) ?? ColumnId.Star), new LineageSearch(ColumnsMax: Limit(limit))))).WithSummary("What depends on it, nearest first");
            current.MapGet("/lineage/origins", (string dataset, string? column, int? limit) => TypedResults.Ok(
                lineage.Index.Upstream(new ColumnId(dataset, RuleFilter.Given(column) ?? ColumnId.Star), new LineageSearch(ColumnsMax: Limit(limit))))).WithSummary("What it comes from, nearest first");
        }

        if (console.Audit is { } audit)
        {
            api.MapGet("/audit", async (string? subject, long? before, int? limit, CancellationToken token) =>
            {
                var entries = await audit.ReadAsync(RuleFilter.Given(subject), before, Limit(limit), token).ConfigureAwait(false);
                return TypedResults.Ok(new KeysetPage<AuditEntry, long?>(entries, entries.Count == Limit(limit) ? entries[^1].Number : null));
            }).WithSummary("What people did, newest first");
        }

        MapSuites(api, console);
    }

    private static void MapSuites(RouteGroupBuilder api, QualityConsole console)
    {
        api.MapGet("/suites/schema", () => TypedResults.Ok(SuiteDocument.Schema())).WithSummary("The JSON schema of suites");
        if (console.Suites is not { } suites)
        {
            return;
        }

        api.MapGet("/suites", async (string? table, string? after, int? limit, CancellationToken token) =>
        {
            var page = await suites.ListAsync(RuleFilter.Given(after), Limit(limit), RuleFilter.Given(table), token).ConfigureAwait(false);
            return TypedResults.Ok(new KeysetPage<SuiteVersion, string>(page, page.Count == Limit(limit) ? page[^1].Suite : null));
        }).WithSummary("Suites by name, each in its newest version");
        api.MapGet("/suite", async Task<Results<Ok<SuiteVersion>, NotFound>> (string name, int? version, CancellationToken token) =>
            await suites.FindAsync(name, version, token).ConfigureAwait(false) is { } suite ? TypedResults.Ok(suite) : TypedResults.NotFound()).WithSummary("A version of a suite; the newest without a number");
        api.MapGet("/suite/versions", async (string name, int? before, int? limit, CancellationToken token) =>
        {
            var page = await suites.VersionsAsync(name, before, Limit(limit), token).ConfigureAwait(false);
            return TypedResults.Ok(new KeysetPage<SuiteVersion, int?>(page, page.Count == Limit(limit) ? page[^1].Version : null));
        }).WithSummary("The versions of a suite, newest first");
    }

    private static int Limit(int? limit) => Math.Clamp(limit ?? 100, 1, LimitMax);
}
