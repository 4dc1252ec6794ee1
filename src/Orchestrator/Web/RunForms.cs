using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Diagnostics;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Web.Api;
using DataPlatform.Orchestrator.Web.Pages;
using DataPlatform.Web.Access;
using DataPlatform.Web.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DataPlatform.Orchestrator.Web;

/// <summary>What is done to runs: with a preview of what it touches, and then.</summary>
internal static class RunForms
{
    public static void Map(RouteGroupBuilder run, OrchestratorEngine engine)
    {
        var group = run.MapGroup("").RequireRole(AccessRole.Operator);
        MapEnds(group, engine);
        group.MapGet("/clear", (HttpContext http, long runId, string? task, string? map, string? failed, string? alone) =>
            RunRoutes.ViewAsync<ClearPage>(http, engine, runId, async _ =>
            {
                var request = Clear(task, map, failed, alone);
                return new()
                {
                    ["TaskId"] = request.TaskIds?[0],
                    ["MapIndex"] = request.MapIndex,
                    ["OnlyFailed"] = request.OnlyFailed,
                    ["Downstream"] = request.IncludesDownstream,
                    ["Affected"] = await engine.PreviewClearAsync(runId, request, http.RequestAborted).ConfigureAwait(false),
                };
            }));
        group.MapPost("/clear", async (HttpContext http, long runId) =>
        {
            var form = await http.Request.ReadFormAsync(http.RequestAborted).ConfigureAwait(false);
            return await ActAsync(http, engine, runId, async by => $"{await by.ClearAsync(
                runId, Clear(form["task"], form["map"], form["failed"], form["alone"]), http.RequestAborted).ConfigureAwait(false)} task instances were cleared.")
                .ConfigureAwait(false);
        });
        group.MapGet("/mark", (HttpContext http, long runId, string task, string? map, TaskState state) =>
            RunRoutes.ViewAsync<MarkPage>(http, engine, runId, async _ => new()
            {
                ["TaskId"] = task,
                ["MapIndex"] = Number(map),
                ["State"] = state,
                ["Affected"] = await AffectedAsync(engine, runId, task, Number(map), state, http.RequestAborted).ConfigureAwait(false),
            }));
        group.MapPost("/mark", async (HttpContext http, long runId) =>
        {
            var form = await http.Request.ReadFormAsync(http.RequestAborted).ConfigureAwait(false);
            return await ActAsync(http, engine, runId, async by =>
            {
                var (task, state) = (form["task"].ToString(), State(form["state"].ToString()));
                var count = await by.MarkAsync(runId, task, state, Number(form["map"]), http.RequestAborted).ConfigureAwait(false);
                return $"{count} task instances of {task} are now {Words.Of(state)}.";
            }).ConfigureAwait(false);
        });
    }

    private static void MapEnds(RouteGroupBuilder group, OrchestratorEngine engine)
    {
        group.MapPost("/cancel", (HttpContext http, long runId) => ActAsync(http, engine, runId, async by =>
            await by.CancelRunAsync(runId, http.RequestAborted).ConfigureAwait(false) ? $"Run {runId} was cancelled." : $"Run {runId} had ended already."));
        foreach (var (verb, isSuccess) in (IReadOnlyList<(string, bool)>)[("mark-success", true), ("mark-failed", false)])
        {
            group.MapPost("/" + verb, (HttpContext http, long runId) => ActAsync(http, engine, runId, async by =>
                await by.MarkRunAsync(runId, isSuccess, http.RequestAborted).ConfigureAwait(false)
                    ? $"Run {runId} was marked {(isSuccess ? "success" : "failed")}."
                    : $"Run {runId} had ended already."));
        }
    }

    private static Task<IResult> ActAsync(HttpContext http, OrchestratorEngine engine, long runId, Func<ManualActions, Task<string>> act) =>
        ConsolePage.ActAsync(http, async () => await act(await Actions.ByAsync(http, engine, "page").ConfigureAwait(false)).ConfigureAwait(false), $"run/{runId}");

    private static ClearRequest Clear(string? task, string? map, string? failed, string? alone) => new()
    {
        TaskIds = string.IsNullOrEmpty(task) ? null : [task],
        MapIndex = Number(map),
        OnlyFailed = failed == "true",
        IncludesDownstream = alone != "true",
    };

    /// <summary>The instances that a mark would touch: those of the task that have another state and may take it.</summary>
    private static async Task<IReadOnlyList<TaskInstance>> AffectedAsync(
        OrchestratorEngine engine, long runId, string task, int? mapIndex, TaskState state, CancellationToken cancellationToken)
    {
        var instances = await engine.Store.History.ListTasksAsync(
            new() { RunId = runId, TaskId = task, MapIndex = mapIndex, Limit = Metadata.IRunHistory.LimitMax }, cancellationToken).ConfigureAwait(false);
        return [.. instances.Where(instance => instance.State != state)];
    }

    /// <summary>Null for no index, which means all: what is no number must not.</summary>
    private static int? Number(string? text) => string.IsNullOrEmpty(text) ? null
        : int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number
        : throw new OrchestratorException(ErrorKind.Invalid, $"'{text}' is no map index.");

    private static TaskState State(string text) => Enum.TryParse<TaskState>(text, ignoreCase: true, out var state)
        ? state
        : throw new OrchestratorException(ErrorKind.Invalid, $"'{text}' is no state of a task.");
}
