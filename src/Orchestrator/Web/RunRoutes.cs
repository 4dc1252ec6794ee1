using System.Runtime.CompilerServices;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Web.Api;
using DataPlatform.Orchestrator.Web.Pages;
using DataPlatform.Web.Live;
using DataPlatform.Web.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DataPlatform.Orchestrator.Web;

/// <summary>The pages of runs.</summary>
internal static class RunRoutes
{
    private const int TasksShown = 200;
    private const int BarsShown = 150;
    private const int ReasonsShown = 50;
    private const int NamesShown = 500;

    public static void Map(RouteGroupBuilder pages, OrchestratorEngine engine)
    {
        pages.MapGet("/live", (HttpContext http) => EventStream.Of(http, EventsAsync(engine, http.RequestAborted)));
        var group = pages.MapGroup("/run/{runId:long}");
        group.MapGet("", (HttpContext http, long runId, string? task, string? state, string? after) =>
            ViewAsync<RunPage>(http, engine, runId, run => TasksAsync(http, engine, run, task, state, after)));
        group.MapGet("/graph", (HttpContext http, long runId, string? focus, string? groups) => ViewAsync<RunGraphPage>(http, engine, runId, async run => new()
        {
            ["Version"] = await engine.FindVersionAsync(run.DagHash, http.RequestAborted).ConfigureAwait(false)
                ?? throw new OrchestratorException(ErrorKind.Corrupt, $"the version of run {runId} is not in the store."),
            ["States"] = await StatesAsync(engine, run, http.RequestAborted).ConfigureAwait(false),
            ["Focus"] = string.IsNullOrWhiteSpace(focus) ? null : focus,
            ["Expands"] = groups switch { "open" => true, "closed" => false, _ => (bool?)null },
        }));
        group.MapGet("/gantt", (HttpContext http, long runId, string? after) => ViewAsync<RunGanttPage>(http, engine, runId, async run =>
        {
            var query = new TaskQuery { RunId = runId, After = TaskCursor.Read(Empty(after)), Limit = BarsShown };
            var tasks = await engine.Store.History.ListTasksAsync(query, http.RequestAborted).ConfigureAwait(false);
            return new()
            {
                ["Tasks"] = tasks.Where(task => task.StartedAt is not null).ToList(),
                ["After"] = Empty(after),
                ["Next"] = tasks.Count == BarsShown ? TaskCursor.Of(tasks[^1].Key) : null,
            };
        }));
        group.MapGet("/task", (HttpContext http, long runId, string task, int? map) =>
            ViewAsync<TaskPage>(http, engine, runId, run => TaskAsync(http, engine, run, task, map ?? -1)));
        group.MapGet("/log", (HttpContext http, long runId, string task, int? map, int? @try) => LogAsync(http, engine, runId, task, map ?? -1, @try));
        RunForms.Map(group, engine);
    }

    /// <summary>A view of a run: the run, and what this view needs beside it.</summary>
    public static async Task<IResult> ViewAsync<TPage>(
        HttpContext http, OrchestratorEngine engine, long runId, Func<DagRun, Task<Dictionary<string, object?>>> more)
        where TPage : IComponent
    {
        if (await engine.Store.FindRunAsync(runId, http.RequestAborted).ConfigureAwait(false) is not { } run)
        {
            return await ConsolePage.NotFoundAsync(http, $"run {runId}").ConfigureAwait(false);
        }

        try
        {
            var parameters = await more(run).ConfigureAwait(false);
            parameters["Run"] = run;
            return await ConsolePage.RenderAsync<TPage>(http, parameters).ConfigureAwait(false);
        }
        catch (DataPlatformException exception)
        {
            return await ConsolePage.ErrorAsync(http, ProblemFilter.StatusOf(exception), "It cannot be shown", exception.Message).ConfigureAwait(false);
        }
        catch (ArgumentException exception)
        {
            return await ConsolePage.ErrorAsync(http, StatusCodes.Status400BadRequest, "It cannot be shown", exception.Message).ConfigureAwait(false);
        }
    }

    /// <summary>The state of each task of a run by its number; empty for no run.</summary>
    public static async Task<Dictionary<int, TaskState>> StatesAsync(OrchestratorEngine engine, DagRun? run, CancellationToken cancellationToken) =>
        run is null ? [] : StateRollup.ByTask(await engine.Store.History.CountTaskStatesAsync([run.Id], cancellationToken).ConfigureAwait(false));

    private static async Task<Dictionary<string, object?>> TasksAsync(
        HttpContext http, OrchestratorEngine engine, DagRun run, string? task, string? state, string? after)
    {
        var query = new TaskQuery
        {
            RunId = run.Id,
            TaskId = Empty(task),
            State = Enum.TryParse<TaskState>(state, ignoreCase: true, out var known) ? known : null,
            After = TaskCursor.Read(Empty(after)),
            Limit = TasksShown,
        };
        var tasks = await engine.Store.History.ListTasksAsync(query, http.RequestAborted).ConfigureAwait(false);
        var counts = await engine.Store.History.CountTaskStatesAsync([run.Id], http.RequestAborted).ConfigureAwait(false);
        var version = await engine.FindVersionAsync(run.DagHash, http.RequestAborted).ConfigureAwait(false);
        var reasons = await WaitingAsync(engine, run, query.TaskId, mapIndex: null, http.RequestAborted).ConfigureAwait(false);
        return new()
        {
            ["Tasks"] = tasks,
            ["Counts"] = counts.GroupBy(count => count.State).ToDictionary(group => group.Key, group => group.Sum(count => count.Count)),
            ["TaskIds"] = version?.Tasks.Take(NamesShown).Select(entry => entry.Id).ToList() ?? [],
            ["HasLogs"] = engine.Logs is not null,
            ["Reasons"] = reasons.Take(ReasonsShown).ToList(),
            ["WaitCount"] = reasons.Count,
            ["TaskId"] = query.TaskId,
            ["State"] = query.State,
            ["After"] = Empty(after),
            ["Next"] = tasks.Count == TasksShown ? TaskCursor.Of(tasks[^1].Key) : null,
        };
    }

    private static async Task<Dictionary<string, object?>> TaskAsync(HttpContext http, OrchestratorEngine engine, DagRun run, string taskId, int mapIndex)
    {
        var version = await engine.FindVersionAsync(run.DagHash, http.RequestAborted).ConfigureAwait(false);
        var instance = await RunReads.FindAsync(engine, run.Id, taskId, mapIndex, http.RequestAborted).ConfigureAwait(false);
        if (instance is null && version is not null && version.FindTask(taskId) is null)
        {
            throw new OrchestratorException(ErrorKind.Invalid, $"run {run.Id} has no task '{taskId}'.");
        }

        var waiting = await WaitingAsync(engine, run, taskId, mapIndex, http.RequestAborted).ConfigureAwait(false);
        return new()
        {
            ["TaskId"] = taskId,
            ["MapIndex"] = mapIndex,
            ["Instance"] = instance,
            ["Definition"] = version?.FindTask(taskId),
            ["Tries"] = instance is null ? [] : await engine.Store.History.ListTriesAsync(instance.Key, http.RequestAborted).ConfigureAwait(false),
            ["Values"] = instance is null ? [] : await engine.Store.History.ListXComsAsync(
                run.Id, instance.Key.TaskNumber, mapIndex, http.RequestAborted).ConfigureAwait(false),
            ["Why"] = waiting.Count > 0 ? waiting[0] : null,
            ["HasLogs"] = engine.Logs is not null,
        };
    }

    private static async Task<IResult> LogAsync(HttpContext http, OrchestratorEngine engine, long runId, string task, int mapIndex, int? number)
    {
        return await LogRoutes.FindAsync(engine, runId, task, mapIndex, http.RequestAborted).ConfigureAwait(false) is { } found
            ? await ConsolePage.RenderAsync<LogPage>(
                http, new() { ["Run"] = found.Run, ["Task"] = found.Instance, ["Try"] = found.IdOf(number).Try }).ConfigureAwait(false)
            : await ConsolePage.NotFoundAsync(http, $"log of '{Words.Of(task, mapIndex)}' in run {runId}").ConfigureAwait(false);
    }

    /// <summary>Reasons of what waits; none for a run that has ended.</summary>
    private static async Task<IReadOnlyList<TaskExplanation>> WaitingAsync(
        OrchestratorEngine engine, DagRun run, string? taskId, int? mapIndex, CancellationToken cancellationToken) =>
        run.State.IsFinal()
            ? []
            : [.. (await engine.ExplainAsync(run.Id, taskId, mapIndex, cancellationToken).ConfigureAwait(false)).Where(reason => reason.Cause != WaitCause.Running)];

    private static async IAsyncEnumerable<ServerEvent> EventsAsync(OrchestratorEngine engine, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var happening in engine.FollowAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return new ServerEvent("changed", $"{happening.Kind} {happening.DagId} {happening.RunId}");
        }
    }

    private static string? Empty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
