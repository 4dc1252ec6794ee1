using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Web.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace DataPlatform.Orchestrator.Web.Api;

/// <summary>What can be asked about runs.</summary>
internal static class RunReads
{
    private const int WhyMax = 10_000;

    public static void Map(RouteGroupBuilder api, OrchestratorEngine engine)
    {
        api.MapGet("/runs", async (
            string? dag, DagRunState? state, DateTimeOffset? from, DateTimeOffset? to, long? before, int? limit, CancellationToken token) =>
        {
            var query = new RunQuery
            {
                DagId = dag,
                State = state,
                LogicalFrom = from,
                LogicalTo = to,
                BeforeId = before,
                Limit = Math.Clamp(limit ?? 50, 1, RunQuery.LimitMax),
            };
            var runs = await engine.Store.ListRunsAsync(query, token).ConfigureAwait(false);
            return TypedResults.Ok(new KeysetPage<RunView, long?>([.. runs.Select(RunView.Of)], runs.Count == query.Limit ? runs[^1].Id : null));
        }).WithSummary("Runs, newest first");
        api.MapGet("/runs/{runId:long}", async Task<Results<Ok<RunView>, NotFound>> (long runId, CancellationToken token) =>
            await engine.Store.FindRunAsync(runId, token).ConfigureAwait(false) is { } run ? TypedResults.Ok(RunView.Of(run)) : TypedResults.NotFound())
            .WithSummary("One run");
        MapTasks(api, engine);
        MapLogs(api, engine);
    }

    private static void MapTasks(RouteGroupBuilder api, OrchestratorEngine engine)
    {
        api.MapGet("/runs/{runId:long}/tasks", async (
            long runId, string? task, int? map, TaskState? state, string? after, int? limit, CancellationToken token) =>
        {
            var query = new TaskQuery
            {
                RunId = runId,
                TaskId = task,
                MapIndex = map,
                State = state,
                After = TaskCursor.Read(after),
                Limit = Math.Clamp(limit ?? 200, 1, IRunHistory.LimitMax),
            };
            await KnownAsync(engine, runId, token).ConfigureAwait(false);
            var tasks = await engine.Store.History.ListTasksAsync(query, token).ConfigureAwait(false);
            return TypedResults.Ok(new KeysetPage<TaskView, string>(
                [.. tasks.Select(TaskView.Of)], tasks.Count == query.Limit ? TaskCursor.Of(tasks[^1].Key) : null));
        }).WithSummary("Task instances of a run that have left the state none, by task number and map index");
        api.MapGet("/runs/{runId:long}/tries", async Task<Results<Ok<TaskView[]>, NotFound>> (long runId, string task, int? map, CancellationToken token) =>
        {
            if (await FindAsync(engine, runId, task, map ?? -1, token).ConfigureAwait(false) is not { } instance)
            {
                return TypedResults.NotFound();
            }

            var earlier = await engine.Store.History.ListTriesAsync(instance.Key, token).ConfigureAwait(false);
            return TypedResults.Ok(earlier.Append(instance).Select(TaskView.Of).ToArray());
        }).WithSummary("All tries of a task instance, the first one first");
        api.MapGet("/runs/{runId:long}/why", async (long runId, string? task, int? map, CancellationToken token) =>
        {
            await KnownAsync(engine, runId, token).ConfigureAwait(false);
            return TypedResults.Ok((await engine.ExplainAsync(runId, task, map, token).ConfigureAwait(false)).Take(WhyMax).Select(WhyView.Of).ToArray());
        }).WithSummary("Why task instances of a run are not running");
        api.MapGet("/runs/{runId:long}/xcoms", async (long runId, string? task, int? map, CancellationToken token) =>
            TypedResults.Ok((await ValuesAsync(engine, await KnownAsync(engine, runId, token).ConfigureAwait(false), task, map, token).ConfigureAwait(false))
                .Select(value => new XComView(value.TaskId, value.Key.MapIndex, value.Name, JsonText.Element(value.Json))).ToArray()))
            .WithSummary("Values that a run's tasks pushed");
    }

    private static void MapLogs(RouteGroupBuilder api, OrchestratorEngine engine)
    {
        api.MapGet("/runs/{runId:long}/log", (HttpContext http, long runId, string task, int? map, int? @try) =>
            LogRoutes.TextAsync(http, engine, runId, task, map ?? -1, @try)).WithSummary("The log of a try as text")
            .Produces<string>(StatusCodes.Status200OK, "text/plain").Produces(StatusCodes.Status404NotFound);
        api.MapGet("/runs/{runId:long}/log/live", (HttpContext http, long runId, string task, int? map, int? @try) =>
            LogRoutes.LiveAsync(http, engine, runId, task, map ?? -1, @try)).WithSummary("The log of a try as server-sent events, until it ends")
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream").Produces(StatusCodes.Status404NotFound);
    }

    /// <summary>By the task's number, where the version tells it: a search by name would read all values of the run.</summary>
    private static async Task<IEnumerable<XComValue>> ValuesAsync(
        OrchestratorEngine engine, DagRun run, string? taskId, int? mapIndex, CancellationToken cancellationToken)
    {
        var version = taskId is null ? null : await engine.FindVersionAsync(run.DagHash, cancellationToken).ConfigureAwait(false);
        return version?.FindTask(taskId!) is { } task
            ? await engine.Store.History.ListXComsAsync(run.Id, task.Number, mapIndex, cancellationToken).ConfigureAwait(false)
            : (await engine.Store.ListXComsAsync(run.Id, cancellationToken).ConfigureAwait(false))
                .Where(value => (taskId is null || value.TaskId == taskId) && (mapIndex is null || value.Key.MapIndex == mapIndex));
    }

    /// <summary>An empty list must not be the answer to a number that was mistyped.</summary>
    /// <exception cref="OrchestratorException">There is no such run.</exception>
    private static async Task<DagRun> KnownAsync(OrchestratorEngine engine, long runId, CancellationToken cancellationToken) =>
        await engine.Store.FindRunAsync(runId, cancellationToken).ConfigureAwait(false)
            ?? throw new OrchestratorException(ErrorKind.Invalid, $"there is no run {runId}.");

    /// <summary>One task instance, or null where it has not left the state none.</summary>
    public static async Task<TaskInstance?> FindAsync(
        OrchestratorEngine engine, long runId, string taskId, int mapIndex, CancellationToken cancellationToken)
    {
        // By its key, where the version tells the task's number: a search by name would read all tasks of the run.
        var run = await engine.Store.FindRunAsync(runId, cancellationToken).ConfigureAwait(false);
        var version = run is null ? null : await engine.FindVersionAsync(run.DagHash, cancellationToken).ConfigureAwait(false);
        var query = version?.FindTask(taskId) is { } task
            ? new TaskQuery { RunId = runId, After = (task.Number, Math.Max(mapIndex, -1) - 1), Limit = 1 }
            : new TaskQuery { RunId = runId, TaskId = taskId, MapIndex = mapIndex, Limit = 1 };
        var found = await engine.Store.History.ListTasksAsync(query, cancellationToken).ConfigureAwait(false);
        return found.Count > 0 && found[0].TaskId == taskId && found[0].Key.MapIndex == mapIndex ? found[0] : null;
    }
}

/// <summary>The key that pages of task instances go on after, as text.</summary>
internal static class TaskCursor
{
    public static string Of(TaskKey key) => string.Create(CultureInfo.InvariantCulture, $"{key.TaskNumber}.{key.MapIndex}");

    /// <exception cref="ArgumentException">The text is no key.</exception>
    public static (int TaskNumber, int MapIndex)? Read(string? text) => text?.Split('.') switch
    {
        null => null,
        [var number, var index] when int.TryParse(number, CultureInfo.InvariantCulture, out var task) && int.TryParse(
            index, CultureInfo.InvariantCulture, out var map) => (task, map),
        _ => throw new ArgumentException($"'{text}' is no place to go on after: pass 'next' of the page before.", nameof(text)),
    };
}
