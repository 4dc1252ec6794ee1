using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Web.Lists;
using DataPlatform.Orchestrator.Web.Pages;
using DataPlatform.Web.Access;
using DataPlatform.Web.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DataPlatform.Orchestrator.Web;

/// <summary>The pages of DAGs and the forms on them.</summary>
internal static class DagRoutes
{
    private const int RunsShown = 50;
    private const int VersionsShown = 30;
    private const int ModelCharsMax = 400_000;

    public static void Map(RouteGroupBuilder group, OrchestratorEngine engine)
    {
        group.MapGet("/", async (HttpContext http, string? q, string? tag, string? state, string? after) =>
        {
            var filter = new DagFilter
            {
                Search = q,
                Tag = tag,
                After = string.IsNullOrEmpty(after) ? null : after,
                IsPaused = state switch { "paused" => true, "active" => false, _ => null },
            };
            var listing = await DagCatalog.ListAsync(engine, filter, http.RequestAborted).ConfigureAwait(false);
            return await ConsolePage.RenderAsync<DagListPage>(http, new() { ["Model"] = listing, ["Search"] = filter }).ConfigureAwait(false);
        });
        MapViews(group.MapGroup("/dag/{dagId}"), engine);
        MapForms(group.MapGroup("/dag/{dagId}"), engine);
    }

    private static void MapViews(RouteGroupBuilder group, OrchestratorEngine engine)
    {
        group.MapGet("", (HttpContext http, string dagId) => ViewAsync<DagGridPage>(http, engine, dagId, (_, _) => Task.FromResult(With(("Poll", 5)))));
        group.MapGet("/graph", (HttpContext http, string dagId, string? focus, string? groups) =>
            ViewAsync<DagGraphPage>(http, engine, dagId, (head, dag) => GraphAsync(http, engine, head, dag, focus, groups)));
        group.MapGet("/runs", (HttpContext http, string dagId, string? state, string? day, long? before) =>
            ViewAsync<DagRunsPage>(http, engine, dagId, async (_, _) => await RunListing.ParametersAsync(
                engine, RunListing.QueryOf(dagId, state, day, before, RunsShown), day, http.RequestAborted).ConfigureAwait(false)));
        group.MapGet("/calendar", (HttpContext http, string dagId, int? year) => ViewAsync<DagCalendarPage>(http, engine, dagId, async (_, _) =>
        {
            var shown = Math.Clamp(year ?? engine.Time.GetUtcNow().Year, 1970, 9998);
            return With(("Year", shown), ("Days", await engine.Store.History.CountByDayAsync(
                dagId, new DateOnly(shown, 1, 1), new DateOnly(shown, 12, 31), http.RequestAborted).ConfigureAwait(false)));
        }));
        group.MapGet("/schedule", (HttpContext http, string dagId) => ViewAsync<DagSchedulePage>(http, engine, dagId, (_, _) => Task.FromResult(With())));
        group.MapGet("/versions", (HttpContext http, string dagId, string? from, string? to, DateTimeOffset? before) =>
            ViewAsync<DagVersionsPage>(http, engine, dagId, (_, _) => VersionsAsync(engine, dagId, from, to, before, http.RequestAborted)));
        group.MapGet("/backfills", (HttpContext http, string dagId) => ViewAsync<DagBackfillsPage>(http, engine, dagId, async (_, _) =>
        {
            var (entries, next) = await BackfillRoutes.ListAsync(engine, dagId, null, http.RequestAborted).ConfigureAwait(false);
            return With(("Entries", entries), ("Next", next));
        }));
    }

    private static void MapForms(RouteGroupBuilder group, OrchestratorEngine engine)
    {
        group.MapGet("/trigger", (HttpContext http, string dagId) => engine.FindDag(dagId) is { } dag
            ? TriggerPageAsync(http, dag, [], null)
            : ConsolePage.NotFoundAsync(http, $"DAG '{dagId}' in this process")).RequireRole(AccessRole.Operator);
        group.MapPost("/trigger", (HttpContext http, string dagId) => TriggerAsync(http, engine, dagId)).RequireRole(AccessRole.Operator);
        foreach (var (verb, isPaused) in (IReadOnlyList<(string, bool)>)[("pause", true), ("resume", false)])
        {
            group.MapPost("/" + verb, (HttpContext http, string dagId) => ConsolePage.ActAsync(
                http,
                async () =>
                {
                    var by = await Api.Actions.ByAsync(http, engine, "page").ConfigureAwait(false);
                    await by.SetPausedAsync(dagId, isPaused, http.RequestAborted).ConfigureAwait(false);
                    return $"{dagId} is {(isPaused ? "paused: it starts no runs and no tasks" : "active again")}.";
                },
                $"dag/{dagId}")).RequireRole(AccessRole.Operator);
        }
    }

    private static Dictionary<string, object?> With(params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var all = new Dictionary<string, object?>();
        foreach (var (name, value) in parameters)
        {
            all[name] = value;
        }

        return all;
    }

    /// <summary>A view of a DAG: what all of them need, and what this one needs beside it.</summary>
    private static async Task<IResult> ViewAsync<TPage>(
        HttpContext http, OrchestratorEngine engine, string dagId, Func<DagHead, Dag?, Task<Dictionary<string, object?>>> more)
        where TPage : Microsoft.AspNetCore.Components.IComponent
    {
        var heads = await engine.Store.History.ListHeadsAsync(http.RequestAborted).ConfigureAwait(false);
        if (heads.FirstOrDefault(head => head.Id == dagId) is not { } found)
        {
            return await ConsolePage.NotFoundAsync(http, $"DAG '{dagId}'").ConfigureAwait(false);
        }

        var dag = engine.FindDag(dagId);
        var parameters = await more(found, dag).ConfigureAwait(false);
        parameters["Head"] = found;
        parameters["Dag"] = dag;
        return await ConsolePage.RenderAsync<TPage>(http, parameters).ConfigureAwait(false);
    }

    private static async Task<Dictionary<string, object?>> GraphAsync(
        HttpContext http, OrchestratorEngine engine, DagHead head, Dag? dag, string? focus, string? groups)
    {
        var runs = await engine.Store.ListRunsAsync(new RunQuery { DagId = head.Id, Limit = 1 }, http.RequestAborted).ConfigureAwait(false);
        var newest = runs.Count == 0 ? null : runs[0];
        var hash = newest?.DagHash ?? head.Hash;
        var version = dag?.Hash == hash ? dag : await engine.FindVersionAsync(hash, http.RequestAborted).ConfigureAwait(false);
        return With(
            ("Version", version ?? throw new OrchestratorException(ErrorKind.Corrupt, $"version {hash} of DAG '{head.Id}' is not in the store.")),
            ("Newest", newest),
            ("States", await RunRoutes.StatesAsync(engine, newest, http.RequestAborted).ConfigureAwait(false)),
            ("Focus", string.IsNullOrWhiteSpace(focus) ? null : focus),
            ("Expands", groups switch { "open" => true, "closed" => false, _ => (bool?)null }));
    }

    private static async Task<Dictionary<string, object?>> VersionsAsync(
        OrchestratorEngine engine, string dagId, string? from, string? to, DateTimeOffset? before, CancellationToken cancellationToken)
    {
        var versions = await engine.Store.History.ListVersionsAsync(dagId, before, VersionsShown, cancellationToken).ConfigureAwait(false);
        to ??= versions.Count == 0 ? null : versions[0].Hash;
        var model = to is null ? null : await engine.Store.FindModelAsync(to, cancellationToken).ConfigureAwait(false);
        var earlier = from is null ? null : await engine.Store.FindModelAsync(from, cancellationToken).ConfigureAwait(false);
        return With(
            ("Versions", versions),
            ("Before", before),
            ("Next", versions.Count == VersionsShown ? versions[^1].RegisteredAt : (DateTimeOffset?)null),
            ("From", earlier is null ? null : from),
            ("To", model is null ? null : to),
            ("Diff", earlier is null || model is null ? null : DagDiff.Between(earlier, model)),
            ("Model", model is null ? null : JsonText.Pretty(model, ModelCharsMax)));
    }

    private static Task<IResult> TriggerPageAsync(HttpContext http, Dag dag, Dictionary<string, string> values, string? error)
    {
        http.Response.StatusCode = error is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest;
        return ConsolePage.RenderAsync<TriggerPage>(http, With(("Dag", dag), ("Values", values), ("Error", error)));
    }

    private static async Task<IResult> TriggerAsync(HttpContext http, OrchestratorEngine engine, string dagId)
    {
        if (engine.FindDag(dagId) is not { } dag)
        {
            return await ConsolePage.NotFoundAsync(http, $"DAG '{dagId}' in this process").ConfigureAwait(false);
        }

        var form = await http.Request.ReadFormAsync(http.RequestAborted).ConfigureAwait(false);
        try
        {
            var key = form["idempotencyKey"].ToString();
            var by = await Api.Actions.ByAsync(http, engine, "page").ConfigureAwait(false);
            var runId = await by.TriggerAsync(
                dagId, TriggerForm.Conf(form, dag), TriggerForm.Instant(form["logicalDate"].ToString()), key.Length == 0 ? null : key, http.RequestAborted)
                .ConfigureAwait(false);
            return await ConsolePage.ActAsync(
                http, () => Task.FromResult(string.Create(CultureInfo.InvariantCulture, $"Run {runId} of {dagId} was started.")), $"run/{runId}").ConfigureAwait(false);
        }
        catch (OrchestratorException exception) when (exception.Kind == ErrorKind.Invalid)
        {
            return await TriggerPageAsync(http, dag, TriggerForm.Filled(form, dag), exception.Message).ConfigureAwait(false);
        }
    }
}
