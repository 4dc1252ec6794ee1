using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Web.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Orchestrator.Web;

/// <summary>The pages and the forms on them.</summary>
internal static class PageRoutes
{
    public static void Map(RouteGroupBuilder group, OrchestratorEngine engine)
    {
        group.MapGet("/", async (HttpContext http) =>
        {
            var dags = await engine.Store.ListDagsAsync(http.RequestAborted).ConfigureAwait(false);
            var recent = new Dictionary<string, IReadOnlyList<DagRun>>();
            foreach (var dag in dags)
            {
                recent[dag.Id] = await engine.Store.ListRunsAsync(new RunQuery { DagId = dag.Id, Limit = 14 }, http.RequestAborted)
                    .ConfigureAwait(false);
            }

            return await PageAsync<DagListPage>(http, new() { ["Dags"] = dags, ["Recent"] = recent, ["Engine"] = engine }).ConfigureAwait(
                false);
        });
        group.MapGet("/dag/{dagId}", (HttpContext http, string dagId) => DagAsync(http, engine, dagId));
        group.MapGet("/run/{runId:long}", (HttpContext http, long runId) => RunAsync(http, engine, runId));
        group.MapGet("/run/{runId:long}/log", (HttpContext http, long runId, string task, int? map, int? @try) =>
            LogAsync(http, engine, runId, task, map ?? -1, @try));
        group.MapGet("/live", (HttpContext http) => LiveAsync(http, engine));
        group.MapPost("/dag/{dagId}/{action}", (HttpContext http, string dagId, string action) =>
            ActAsync(http, "../" + dagId, action switch
            {
                "trigger" => engine.TriggerAsync(dagId, cancellationToken: http.RequestAborted),
                "pause" => engine.PauseAsync(dagId, http.RequestAborted),
                "resume" => engine.ResumeAsync(dagId, http.RequestAborted),
                _ => null,
            }));
        group.MapPost("/run/{runId:long}/{action}", (HttpContext http, long runId, string action, string? task) =>
            ActAsync(http, $"../{runId}", action switch
            {
                "cancel" => engine.CancelRunAsync(runId, http.RequestAborted),
                "clear" => engine.ClearAsync(runId, new ClearRequest { TaskIds = task is null ? null : [task] }, http.RequestAborted),
                "clear-failed" => engine.ClearAsync(runId, new ClearRequest { OnlyFailed = true }, http.RequestAborted),
                _ => null,
            }));
    }

    private static async Task<IResult> DagAsync(HttpContext http, OrchestratorEngine engine, string dagId)
    {
        if (engine.Dags.FirstOrDefault(dag => dag.Id == dagId) is not { } dag)
        {
            return Results.NotFound();
        }

        var record = (await engine.Store.ListDagsAsync(http.RequestAborted).ConfigureAwait(false)).Single(known => known.Id == dagId);
        var runs = (await engine.Store.ListRunsAsync(new RunQuery { DagId = dagId, Limit = 25 }, http.RequestAborted).ConfigureAwait(false))
            .Reverse().ToList();
        var tasks = new Dictionary<long, IReadOnlyList<TaskInstance>>();
        foreach (var run in runs)
        {
            tasks[run.Id] = await engine.Store.ListTaskInstancesAsync(run.Id, http.RequestAborted).ConfigureAwait(false);
        }

        var states = runs.Count == 0 ? [] : StateRollup.ByTask(tasks[runs[^1].Id]);
        return await PageAsync<DagPage>(http, new()
        {
            ["Dag"] = dag,
            ["Record"] = record,
            ["Runs"] = runs,
            ["Grid"] = GridChart.Render(dag, runs, tasks),
            ["Graph"] = GraphChart.Render(dag, states),
        }).ConfigureAwait(false);
    }

    private static async Task<IResult> RunAsync(HttpContext http, OrchestratorEngine engine, long runId)
    {
        if (await engine.Store.FindRunAsync(runId, http.RequestAborted).ConfigureAwait(false) is not { } run)
        {
            return Results.NotFound();
        }

        return await PageAsync<RunPage>(http, new()
        {
            ["Run"] = run,
            ["Tasks"] = await engine.Store.ListTaskInstancesAsync(runId, http.RequestAborted).ConfigureAwait(false),
            ["Tries"] = await engine.Store.ListTriesAsync(runId, http.RequestAborted).ConfigureAwait(false),
            ["HasLogs"] = engine.Logs is not null,
            ["Reasons"] = await engine.ExplainAsync(runId, http.RequestAborted).ConfigureAwait(false),
        }).ConfigureAwait(false);
    }

    private static async Task<IResult> LogAsync(HttpContext http, OrchestratorEngine engine, long runId, string task, int mapIndex, int? number)
    {
        return await LogRoutes.FindAsync(engine, runId, task, mapIndex, http.RequestAborted).ConfigureAwait(false) is { } found
            ? await PageAsync<LogPage>(http, new() { ["Run"] = found.Run, ["Task"] = found.Instance, ["Try"] = found.IdOf(number).Try }).ConfigureAwait(false)
            : Results.NotFound();
    }

    /// <summary>A form was sent: do it and go back to its page.</summary>
    private static async Task<IResult> ActAsync(HttpContext http, string back, Task? action)
    {
        if (action is null)
        {
            return Results.NotFound();
        }

        try
        {
            await action.ConfigureAwait(false);
            return Results.Redirect(http.Request.Headers.Referer.ToString() is { Length: > 0 } referer ? new Uri(referer).PathAndQuery
                : back);
        }
        catch (DataPlatformException exception)
        {
            return Results.Problem(exception.Message, statusCode: exception.Kind == ErrorKind.Conflict ? 409 : 400);
        }
    }

    /// <summary>Server-sent events: one line for each thing that happened; the pages then load themselves again.</summary>
    private static async Task LiveAsync(HttpContext http, OrchestratorEngine engine)
    {
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-store";
        await http.Response.WriteAsync(": listening\n\n", http.RequestAborted).ConfigureAwait(false);
        await http.Response.Body.FlushAsync(http.RequestAborted).ConfigureAwait(false);
        try
        {
            await foreach (var happening in engine.FollowAsync(http.RequestAborted).ConfigureAwait(false))
            {
                await http.Response.WriteAsync($"event: {happening.Kind}\ndata: {happening.DagId} {happening.RunId}\n\n",
                    http.RequestAborted).ConfigureAwait(false);
                await http.Response.Body.FlushAsync(http.RequestAborted).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The reader went away.
        }
    }

    private static async Task<IResult> PageAsync<TPage>(HttpContext http, Dictionary<string, object?> parameters)
        where TPage : IComponent
    {
        var renderer = new HtmlRenderer(http.RequestServices, http.RequestServices.GetRequiredService<ILoggerFactory>());
        await using (renderer.ConfigureAwait(false))
        {
            var html = await renderer.Dispatcher.InvokeAsync(async () =>
            {
                var output = await renderer.RenderComponentAsync<TPage>(ParameterView.FromDictionary(parameters)).ConfigureAwait(false);
                return output.ToHtmlString();
            }).ConfigureAwait(false);
            return Results.Content("<!doctype html>" + html, "text/html; charset=utf-8");
        }
    }
}
