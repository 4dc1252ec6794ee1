using DataPlatform.Orchestrator.Diagnostics;
using DataPlatform.Web.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace DataPlatform.Orchestrator.Web.Api;

/// <summary>What can be done. It is durable when the answer comes, and in the audit log.</summary>
internal static class Actions
{
    private const int DatesShown = 1_000;

    public static void Map(RouteGroupBuilder api, OrchestratorEngine engine)
    {
        var group = api.MapGroup("").RequireRole(AccessRole.Operator).ProducesProblem(StatusCodes.Status409Conflict);
        MapDags(group, engine);
        MapRuns(group, engine);
        MapBackfills(group, engine);
        MapPools(api.MapGroup("/pools").RequireRole(AccessRole.Admin).ProducesProblem(StatusCodes.Status409Conflict), engine);
    }

    private static void MapDags(RouteGroupBuilder group, OrchestratorEngine engine)
    {
        group.MapPost("/dags/{dagId}/runs", async Task<Created<TriggeredView>> (HttpContext http, string dagId, TriggerBody? body, CancellationToken token) =>
        {
            var by = await ByAsync(http, engine, "api").ConfigureAwait(false);
            var id = await by.TriggerAsync(dagId, ConfBody.Of(body?.Conf), body?.LogicalDate, body?.IdempotencyKey, token).ConfigureAwait(false);
            var api = http.Request.Path.Value![..http.Request.Path.Value!.LastIndexOf("/dags/", StringComparison.Ordinal)];
            return TypedResults.Created($"{http.Request.PathBase}{api}/runs/{id}", new TriggeredView(id));
        }).WithSummary("Starts a run");
        foreach (var (verb, isPaused) in (IReadOnlyList<(string, bool)>)[("pause", true), ("resume", false)])
        {
            group.MapPost("/dags/{dagId}/" + verb, async Task<NoContent> (HttpContext http, string dagId, CancellationToken token) =>
            {
                await (await ByAsync(http, engine, "api").ConfigureAwait(false)).SetPausedAsync(dagId, isPaused, token).ConfigureAwait(false);
                return TypedResults.NoContent();
            }).WithSummary(isPaused ? "Pauses a DAG: no new runs and no new tasks" : "Resumes a paused DAG");
        }
    }

    private static void MapRuns(RouteGroupBuilder group, OrchestratorEngine engine)
    {
        group.MapPost("/runs/{runId:long}/cancel", async (HttpContext http, long runId, CancellationToken token) => TypedResults.Ok(new DoneView(
            await (await ByAsync(http, engine, "api").ConfigureAwait(false)).CancelRunAsync(runId, token).ConfigureAwait(false))))
            .WithSummary("Stops a run and its tasks");
        group.MapPost("/runs/{runId:long}/mark", async (HttpContext http, long runId, MarkRunBody body, CancellationToken token) => TypedResults.Ok(
            new DoneView(await (await ByAsync(http, engine, "api").ConfigureAwait(false)).MarkRunAsync(runId, body.IsSuccess, token).ConfigureAwait(false))))
            .WithSummary("Ends a run as succeeded or failed");
        group.MapPost("/runs/{runId:long}/clear", async (HttpContext http, long runId, ClearBody? body, CancellationToken token) => TypedResults.Ok(
            new CountView(await (await ByAsync(http, engine, "api").ConfigureAwait(false))
                .ClearAsync(runId, (body ?? new ClearBody()).ToRequest(), token).ConfigureAwait(false))))
            .WithSummary("Clears task instances, so that they run again");
        group.MapPost("/runs/{runId:long}/clear/preview", async (long runId, ClearBody? body, CancellationToken token) => TypedResults.Ok(
            (await engine.PreviewClearAsync(runId, (body ?? new ClearBody()).ToRequest(), token).ConfigureAwait(false)).Select(TaskView.Of).ToArray()))
            .WithSummary("The task instances that a clear would touch");
        group.MapPost("/runs/{runId:long}/tasks/mark", async (HttpContext http, long runId, MarkTaskBody body, CancellationToken token) =>
            TypedResults.Ok(new CountView(await (await ByAsync(http, engine, "api").ConfigureAwait(false))
                .MarkAsync(runId, body.TaskId, body.State, body.MapIndex, token).ConfigureAwait(false))))
            .WithSummary("Sets the state of a task");
    }

    private static void MapBackfills(RouteGroupBuilder group, OrchestratorEngine engine)
    {
        group.MapPost("/dags/{dagId}/backfills", async (HttpContext http, string dagId, BackfillBody body, CancellationToken token) =>
        {
            var by = await ByAsync(http, engine, "api").ConfigureAwait(false);
            var (backfill, runs) = await by.BackfillAsync(dagId, body.ToRequest(), token).ConfigureAwait(false);
            return TypedResults.Ok(new BackfillMadeView(backfill?.Id, [.. runs.Take(DatesShown).Select(BackfillDateView.Of)], runs.Count));
        }).WithSummary("Runs a DAG for a range of logical dates, or says what that would do");
        group.MapPost("/backfills/{id:long}/state", async (HttpContext http, long id, BackfillStateBody body, CancellationToken token) =>
            TypedResults.Ok(new DoneView(await (await ByAsync(http, engine, "api").ConfigureAwait(false))
                .SetBackfillAsync(id, body.State, token).ConfigureAwait(false))))
            .WithSummary("Pauses, resumes or cancels a backfill");
    }

    private static void MapPools(RouteGroupBuilder group, OrchestratorEngine engine)
    {
        group.MapPost("", async Task<Created> (HttpContext http, PoolBody body, CancellationToken token) =>
        {
            await (await ByAsync(http, engine, "api").ConfigureAwait(false))
                .CreatePoolAsync(body.Name, body.Slots, body.Description, token).ConfigureAwait(false);
            return TypedResults.Created();
        }).WithSummary("Makes a pool, which DAGs may name from the next start of their process on");
        group.MapPut("/{name}", async Task<NoContent> (HttpContext http, string name, PoolSlotsBody body, CancellationToken token) =>
        {
            await (await ByAsync(http, engine, "api").ConfigureAwait(false))
                .SetPoolAsync(name, body.Slots, body.Description, token).ConfigureAwait(false);
            return TypedResults.NoContent();
        }).WithSummary("Sets the slots of a pool, and what it is for");
        group.MapDelete("/{name}", async Task<NoContent> (HttpContext http, string name, CancellationToken token) =>
        {
            await (await ByAsync(http, engine, "api").ConfigureAwait(false)).DeletePoolAsync(name, token).ConfigureAwait(false);
            return TypedResults.NoContent();
        }).WithSummary("Deletes a pool that was made by hand and that nothing takes slots of");
    }

    /// <summary>Acts for the caller of a request.</summary>
    /// <param name="http">The request.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="channel"><c>api</c> or <c>page</c>.</param>
    public static async Task<ManualActions> ByAsync(HttpContext http, OrchestratorEngine engine, string channel)
    {
        var caller = await Caller.OfAsync(http).ConfigureAwait(false);
        return new ManualActions(engine, caller.Name, $"{channel} {caller.From}");
    }
}
