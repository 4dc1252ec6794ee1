using System.Globalization;
using System.Text.Json;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Web.Api;
using DataPlatform.Orchestrator.Web.Pages;
using DataPlatform.Web.Access;
using DataPlatform.Web.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DataPlatform.Orchestrator.Web;

/// <summary>The pages of backfills and the forms on them.</summary>
internal static class BackfillRoutes
{
    private const int Shown = 50;
    private const int DatesShown = 200;
    private const int DagsShown = 2_000;

    public static void Map(RouteGroupBuilder group, OrchestratorEngine engine)
    {
        group.MapGet("/backfills", async (HttpContext http, string? dag, long? before) =>
        {
            var (entries, next) = await ListAsync(engine, string.IsNullOrEmpty(dag) ? null : dag, before, http.RequestAborted).ConfigureAwait(false);
            return await ConsolePage.RenderAsync<BackfillListPage>(
                http, new() { ["Entries"] = entries, ["Next"] = next, ["DagId"] = dag, ["Before"] = before }).ConfigureAwait(false);
        });
        group.MapGet("/backfills/new", (HttpContext http, string? dag) =>
            NewPageAsync(http, engine, dag is null ? [] : new() { ["dag"] = dag }, null, null)).RequireRole(AccessRole.Operator);
        group.MapPost("/backfills/new", (Func<HttpContext, Task<IResult>>)(http => MakeAsync(http, engine))).RequireRole(AccessRole.Operator);
        group.MapGet("/backfill/{id:long}", (HttpContext http, long id, int? after) => ShowAsync(http, engine, id, after));
        foreach (var (verb, state) in (IReadOnlyList<(string, BackfillState)>)
            [("pause", BackfillState.Paused), ("resume", BackfillState.Running), ("cancel", BackfillState.Cancelled)])
        {
            group.MapPost("/backfill/{id:long}/" + verb, (HttpContext http, long id) => ConsolePage.ActAsync(
                http,
                async () =>
                {
                    var by = await Actions.ByAsync(http, engine, "page").ConfigureAwait(false);
                    return await by.SetBackfillAsync(id, state, http.RequestAborted).ConfigureAwait(false)
                        ? $"Backfill {id} is {Words.Of(state)}."
                        : $"Backfill {id} had ended already.";
                },
                $"backfill/{id}")).RequireRole(AccessRole.Operator);
        }
    }

    /// <summary>A page of backfills with their progress, and the key of the next page.</summary>
    public static async Task<(IReadOnlyList<(Backfill Backfill, BackfillProgress Progress)> Entries, long? Next)> ListAsync(
        OrchestratorEngine engine, string? dagId, long? before, CancellationToken cancellationToken)
    {
        var backfills = await engine.Store.History.ListBackfillsAsync(dagId, before, Shown, cancellationToken).ConfigureAwait(false);
        var entries = new List<(Backfill, BackfillProgress)>();
        foreach (var backfill in backfills)
        {
            entries.Add((backfill, await engine.Store.History.CountBackfillRunsAsync(backfill.Id, cancellationToken).ConfigureAwait(false)));
        }

        return (entries, backfills.Count == Shown ? backfills[^1].Id : null);
    }

    private static async Task<IResult> ShowAsync(HttpContext http, OrchestratorEngine engine, long id, int? after)
    {
        var history = engine.Store.History;
        if (await history.FindBackfillAsync(id, http.RequestAborted).ConfigureAwait(false) is not { } backfill)
        {
            return await ConsolePage.NotFoundAsync(http, $"backfill {id}").ConfigureAwait(false);
        }

        var dates = await history.ListBackfillRunsAsync(id, after, DatesShown, http.RequestAborted).ConfigureAwait(false);
        return await ConsolePage.RenderAsync<BackfillPage>(http, new()
        {
            ["Backfill"] = backfill,
            ["Progress"] = await history.CountBackfillRunsAsync(id, http.RequestAborted).ConfigureAwait(false),
            ["Dates"] = dates,
            ["After"] = after,
            ["Next"] = dates.Count == DatesShown ? dates[^1].Ordinal : (int?)null,
        }).ConfigureAwait(false);
    }

    private static Task<IResult> NewPageAsync(
        HttpContext http, OrchestratorEngine engine, Dictionary<string, string> values, IReadOnlyList<BackfillRun>? plan, string? error)
    {
        http.Response.StatusCode = error is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest;
        return ConsolePage.RenderAsync<BackfillNewPage>(http, new()
        {
            ["DagIds"] = engine.Dags.Where(dag => dag.Timetable.FiresByClock).Select(dag => dag.Id).Order(StringComparer.Ordinal).Take(DagsShown).ToList(),
            ["Values"] = values,
            ["Plan"] = plan,
            ["Error"] = error,
        });
    }

    private static async Task<IResult> MakeAsync(HttpContext http, OrchestratorEngine engine)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted).ConfigureAwait(false);
        var values = form.Where(field => !field.Key.StartsWith("__", StringComparison.Ordinal)).ToDictionary(field => field.Key, field => field.Value.ToString());
        try
        {
            var by = await Actions.ByAsync(http, engine, "page").ConfigureAwait(false);
            var (backfill, runs) = await by.BackfillAsync(form["dag"].ToString(), RequestOf(form), http.RequestAborted).ConfigureAwait(false);
            return backfill is null
                ? await NewPageAsync(http, engine, values, runs, null).ConfigureAwait(false)
                : await ConsolePage.ActAsync(http, () => Task.FromResult($"Backfill {backfill.Id} of {runs.Count} dates was started."), $"backfill/{backfill.Id}")
                    .ConfigureAwait(false);
        }
        catch (DataPlatformException exception)
        {
            return await NewPageAsync(http, engine, values, null, exception.Message).ConfigureAwait(false);
        }
    }

    private static BackfillRequest RequestOf(IFormCollection form)
    {
        var conf = form["conf"].ToString();
        if (!string.IsNullOrWhiteSpace(conf) && JsonText.Element(conf) is not { ValueKind: JsonValueKind.Object })
        {
            throw new OrchestratorException(ErrorKind.Invalid, "The configuration is no JSON object.");
        }

        return new BackfillRequest
        {
            From = TriggerForm.Instant(form["from"].ToString()) ?? throw new OrchestratorException(ErrorKind.Invalid, "The first logical date is missing."),
            To = TriggerForm.Instant(form["to"].ToString()) ?? throw new OrchestratorException(ErrorKind.Invalid, "The last logical date is missing."),
            MaxActiveRuns = int.TryParse(form["active"].ToString(), CultureInfo.InvariantCulture, out var active) ? active : 1,
            IsReverse = form["reverse"] == "true",
            Reprocess = Enum.TryParse<ReprocessMode>(form["reprocess"].ToString(), out var mode) ? mode : ReprocessMode.None,
            IsDryRun = form["do"] == "dry",
            Conf = string.IsNullOrWhiteSpace(conf) ? null : conf,
        };
    }
}
