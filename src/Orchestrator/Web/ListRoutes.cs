using System.Globalization;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Web.Lists;
using DataPlatform.Orchestrator.Web.Pages;
using DataPlatform.Web.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DataPlatform.Orchestrator.Web;

/// <summary>The pages of runs of all DAGs, datasets and the audit log.</summary>
internal static class ListRoutes
{
    private const int Shown = 100;

    /// <summary>Datasets that are drawn at once; more would be a wall.</summary>
    private const int DatasetsMax = 200;

    public static void Map(RouteGroupBuilder group, OrchestratorEngine engine)
    {
        group.MapGet("/runs", async (HttpContext http, string? dag, string? state, string? day, long? before) =>
        {
            var query = RunListing.QueryOf(dag, state, day, before, Shown);
            var parameters = await RunListing.ParametersAsync(engine, query, day, http.RequestAborted).ConfigureAwait(false);
            parameters["DagId"] = query.DagId;
            return await ConsolePage.RenderAsync<RunListPage>(http, parameters).ConfigureAwait(false);
        });
        group.MapGet("/datasets", async (HttpContext http, string? q) =>
        {
            var uses = await DatasetCatalog.ListAsync(engine, http.RequestAborted).ConfigureAwait(false);
            var found = string.IsNullOrWhiteSpace(q) ? uses : [.. uses.Where(use => Matches(use, q.Trim()))];
            var shown = await DatasetCatalog.WithSuccessesAsync(engine, [.. found.Take(DatasetsMax)], http.RequestAborted).ConfigureAwait(false);
            return await ConsolePage.RenderAsync<DatasetsPage>(
                http, new() { ["Model"] = shown, ["Total"] = found.Count, ["Text"] = q }).ConfigureAwait(false);
        });
        group.MapGet("/audit", async (HttpContext http, string? dag, string? actor, string? run, long? before) =>
        {
            var query = new AuditQuery
            {
                DagId = string.IsNullOrWhiteSpace(dag) ? null : dag.Trim(),
                Actor = string.IsNullOrWhiteSpace(actor) ? null : actor.Trim(),
                RunId = long.TryParse(run, CultureInfo.InvariantCulture, out var id) ? id : null,
                BeforeId = before,
                Limit = Shown,
            };
            var entries = await engine.Store.Audit.ListAsync(query, http.RequestAborted).ConfigureAwait(false);
            return await ConsolePage.RenderAsync<AuditPage>(http, new()
            {
                ["Entries"] = entries,
                ["Filter"] = query,
                ["Next"] = entries.Count == Shown ? entries[^1].Id : (long?)null,
            }).ConfigureAwait(false);
        });
    }

    private static bool Matches(DatasetUse use, string text) =>
        use.Dataset.Name.Contains(text, StringComparison.OrdinalIgnoreCase)
        || use.Consumers.Any(consumer => consumer.DagId.Contains(text, StringComparison.OrdinalIgnoreCase))
        || use.Producers.Concat(use.Readers).Any(task => task.ToString().Contains(text, StringComparison.OrdinalIgnoreCase));
}
