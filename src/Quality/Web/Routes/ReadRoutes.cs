using DataPlatform.Quality.Catalog;
using DataPlatform.Quality.Web.Pages;
using DataPlatform.Quality.Web.Views;
using DataPlatform.Web.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DataPlatform.Quality.Web.Routes;

/// <summary>The pages.</summary>
internal static class ReadRoutes
{
    private const int TablesShown = 100;
    private const int RulesShown = 50;
    private const int EntriesShown = 100;
    private const int IncidentsShown = 50;

    public static void Map(RouteGroupBuilder group, QualityConsole console)
    {
        var pages = group.MapGroup(string.Empty).AddEndpointFilter(PageFilter.Translate).ExcludeFromDescription();
        pages.MapGet("/", async (HttpContext http, string? domain) => await ConsolePage.RenderAsync<OverviewPage>(http, new()
        {
            ["View"] = await OverviewView.LoadAsync(console, RuleFilter.DomainOf(domain), http.RequestAborted).ConfigureAwait(false),
            ["Console"] = console,
        }).ConfigureAwait(false));
        pages.MapGet("/rules", async (HttpContext http, [AsParameters] RuleFilter filter) => await ConsolePage.RenderAsync<RulesPage>(http, new()
        {
            ["Filter"] = filter,
            ["List"] = await ListedRules.LoadAsync(console, filter.Query(RulesShown), http.RequestAborted).ConfigureAwait(false),
            ["Domains"] = await console.Catalog.DomainsAsync(http.RequestAborted).ConfigureAwait(false),
        }).ConfigureAwait(false));
        pages.MapGet("/tables", (HttpContext http, string? q, string? domain, string? bad, string? after) => TablesAsync(http, console, q, domain, bad == "1", after));
        pages.MapGet("/table", async (HttpContext http, string name, string? tab, string? after, string? metric, string? rule) =>
            await TableView.LoadAsync(console, name, tab, after, metric, rule, http.RequestAborted).ConfigureAwait(false) is { } view
                ? await ConsolePage.RenderAsync<TablePage>(http, new() { ["View"] = view, ["Console"] = console, ["After"] = after }).ConfigureAwait(false)
                : await ConsolePage.NotFoundAsync(http, $"table '{name}' that was looked at").ConfigureAwait(false));
        pages.MapGet("/rule", async (HttpContext http, string key) =>
            await RuleView.LoadAsync(console, RuleKey.Parse(key), http.RequestAborted).ConfigureAwait(false) is { } view
                ? await ConsolePage.RenderAsync<RulePage>(http, new() { ["View"] = view, ["HasSuites"] = console.Suites is not null }).ConfigureAwait(false)
                : await ConsolePage.NotFoundAsync(http, $"rule '{key}' that has run").ConfigureAwait(false));
        pages.MapGet("/partition", async (HttpContext http, string key, string name) =>
            await PartitionView.LoadAsync(console, RuleKey.Parse(key), name, http.RequestAborted).ConfigureAwait(false) is { } view
                ? await ConsolePage.RenderAsync<PartitionPage>(http, new() { ["View"] = view }).ConfigureAwait(false)
                : await ConsolePage.NotFoundAsync(http, $"partition '{name}' that rule '{key}' is told of by").ConfigureAwait(false));
        MapRuns(pages, console);
        MapIncidents(pages, console);
        MapLineage(pages, console);
        MapAudit(pages, console);
    }

    private static void MapIncidents(RouteGroupBuilder pages, QualityConsole console)
    {
        if (console.Alerts is null)
        {
            return;
        }

        pages.MapGet("/incidents", async (HttpContext http, string? closed, string? after) => await ConsolePage.RenderAsync<IncidentsPage>(http, new()
        {
            ["List"] = await IncidentList.LoadAsync(console, closed == "1", RuleFilter.Given(after), IncidentsShown, http.RequestAborted).ConfigureAwait(false),
            ["IncludeClosed"] = closed == "1",
            ["IsFirst"] = RuleFilter.Given(after) is null,
        }).ConfigureAwait(false));
        pages.MapGet("/incident", async (HttpContext http, string id) =>
            await IncidentView.LoadAsync(console, id, http.RequestAborted).ConfigureAwait(false) is { } view
                ? await ConsolePage.RenderAsync<IncidentPage>(http, new() { ["View"] = view, ["CanAct"] = console is { Desk: not null, Audit: not null } }).ConfigureAwait(false)
                : await ConsolePage.NotFoundAsync(http, $"incident '{id}'").ConfigureAwait(false));
    }

    private static void MapLineage(RouteGroupBuilder pages, QualityConsole console)
    {
        if (console.Lineage is null)
        {
            return;
        }

        pages.MapGet("/lineage", async (HttpContext http, string? dataset, string? column, int? depth, string? direct, string? level, string[]? expand) =>
        {
            var filter = LineageFilter.Of(dataset, column, depth, direct, level, expand);
            return await ConsolePage.RenderAsync<LineagePage>(http, new()
            {
                ["View"] = filter.Dataset.Length == 0 ? null : await LineageView.LoadAsync(console, filter, http.RequestAborted).ConfigureAwait(false),
                ["Datasets"] = (await console.Catalog.TablesAsync(new TableQuery { Limit = TablesShown }, http.RequestAborted).ConfigureAwait(false))
                    .Select(t => t.Version?.Dataset.Name ?? t.Table).ToList(),
                ["CanAnnotate"] = console.Audit is not null,
            }).ConfigureAwait(false);
        });
    }

    private static void MapAudit(RouteGroupBuilder pages, QualityConsole console)
    {
        if (console.Audit is not { } audit)
        {
            return;
        }

        pages.MapGet("/audit", async (HttpContext http, long? before) =>
        {
            var entries = await audit.ReadAsync(null, before, EntriesShown, http.RequestAborted).ConfigureAwait(false);
            return await ConsolePage.RenderAsync<AuditPage>(
                http, new() { ["Entries"] = entries, ["IsFirst"] = before is null, ["Next"] = entries.Count == EntriesShown ? entries[^1].Number : null }).ConfigureAwait(false);
        });
    }

    private static void MapRuns(RouteGroupBuilder pages, QualityConsole console)
    {
        pages.MapGet("/run", async (HttpContext http, string id) =>
            await console.Catalog.RunAsync(id, http.RequestAborted).ConfigureAwait(false) is { } result
                ? await ConsolePage.RenderAsync<RunPage>(http, new() { ["Result"] = result }).ConfigureAwait(false)
                : await ConsolePage.NotFoundAsync(http, $"run '{id}'").ConfigureAwait(false));
        pages.MapGet("/run/report", async (HttpContext http, string id) =>
            await console.Catalog.RunAsync(id, http.RequestAborted).ConfigureAwait(false) is { } result
                ? Results.Content(SuiteReport.Render(result), "text/html; charset=utf-8")
                : await ConsolePage.NotFoundAsync(http, $"run '{id}'").ConfigureAwait(false));
    }

    private static async Task<IResult> TablesAsync(HttpContext http, QualityConsole console, string? search, string? domain, bool onlyBad, string? after)
    {
        var query = new TableQuery
        {
            Search = RuleFilter.Given(search),
            Domain = RuleFilter.DomainOf(domain),
            OnlyBad = onlyBad,
            After = RuleFilter.Given(after),
            Limit = TablesShown,
        };
        var tables = await console.Catalog.TablesAsync(query, http.RequestAborted).ConfigureAwait(false);
        return await ConsolePage.RenderAsync<TablesPage>(http, new()
        {
            ["Tables"] = tables,
            ["Search"] = query.Search,
            ["Domain"] = RuleFilter.Given(domain),
            ["OnlyBad"] = onlyBad,
            ["After"] = query.After,
            ["Next"] = tables.Count == TablesShown ? tables[^1].Table : null,
        }).ConfigureAwait(false);
    }
}
