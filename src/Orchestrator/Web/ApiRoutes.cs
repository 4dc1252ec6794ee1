using System.Text.Json;
using System.Text.Json.Serialization;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Schedules;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DataPlatform.Orchestrator.Web;

/// <summary>The REST API: JSON, runs paged by their number.</summary>
internal static class ApiRoutes
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    public static void Map(RouteGroupBuilder api, OrchestratorEngine engine)
    {
        api.AddEndpointFilter(TranslateErrors);
        MapReads(api, engine);
        MapActions(api, engine);
    }

    private static void MapReads(RouteGroupBuilder api, OrchestratorEngine engine)
    {
        api.MapGet("/dags", async (CancellationToken token) => Ok(
            (await engine.Store.ListDagsAsync(token).ConfigureAwait(false)).Select(dag => new
            {
                dag.Id,
                dag.Hash,
                dag.IsPaused,
                dag.RegisteredAt,
                dag.LastFire,
                Model = JsonSerializer.Deserialize<JsonElement>(dag.Model),
            })));
        api.MapGet("/dags/{dagId}/plan", (string dagId, DateTimeOffset? after, int? count) =>
            engine.Dags.FirstOrDefault(dag => dag.Id == dagId) is { } dag
                ? Ok(TimetablePlan.Next(dag.Timetable, after ?? TimeProvider.System.GetUtcNow(), count ?? 10))
                : Results.NotFound());
        api.MapGet("/runs", async (string? dag, DagRunState? state, long? before, int? limit, CancellationToken token) =>
        {
            var query = new RunQuery
            {
                DagId = dag,
                State = state,
                BeforeId = before,
                Limit = Math.Clamp(limit ?? 50, 1, RunQuery.LimitMax)
            };
            var runs = await engine.Store.ListRunsAsync(query, token).ConfigureAwait(false);
            return Ok(new { runs, next = runs.Count == query.Limit ? runs[^1].Id : (long?)null });
        });
        api.MapGet("/runs/{runId:long}", async (long runId, CancellationToken token) =>
            await engine.Store.FindRunAsync(runId, token).ConfigureAwait(false) is { } run ? Ok(run) : Results.NotFound());
        api.MapGet("/runs/{runId:long}/tasks", async (long runId, CancellationToken token) =>
            Ok(await engine.Store.ListTaskInstancesAsync(runId, token).ConfigureAwait(false)));
        api.MapGet("/runs/{runId:long}/tries", async (long runId, CancellationToken token) =>
            Ok(await engine.Store.ListTriesAsync(runId, token).ConfigureAwait(false)));
        api.MapGet("/runs/{runId:long}/why", async (long runId, CancellationToken token) =>
            Ok(await engine.ExplainAsync(runId, token).ConfigureAwait(false)));
        api.MapGet("/runs/{runId:long}/log", (HttpContext http, long runId, string task, int? map, int? @try) =>
            LogRoutes.TextAsync(http, engine, runId, task, map ?? -1, @try));
        api.MapGet("/runs/{runId:long}/log/live", (HttpContext http, long runId, string task, int? map, int? @try) =>
            LogRoutes.LiveAsync(http, engine, runId, task, map ?? -1, @try));
        api.MapGet("/backfills", async (string? dag, CancellationToken token) =>
            Ok(await engine.Store.ListBackfillsAsync(dag, token).ConfigureAwait(false)));
    }

    private static void MapActions(RouteGroupBuilder api, OrchestratorEngine engine)
    {
        api.MapPost("/dags/{dagId}/runs", async (string dagId, TriggerBody? body, CancellationToken token) => Ok(new
        {
            id = await engine.TriggerAsync(dagId, body?.Conf, body?.LogicalDate, body?.IdempotencyKey, token).ConfigureAwait(false),
        }));
        api.MapPost("/dags/{dagId}/pause", async (string dagId, CancellationToken token) =>
        {
            await engine.PauseAsync(dagId, token).ConfigureAwait(false);
            return Results.NoContent();
        });
        api.MapPost("/dags/{dagId}/resume", async (string dagId, CancellationToken token) =>
        {
            await engine.ResumeAsync(dagId, token).ConfigureAwait(false);
            return Results.NoContent();
        });
        api.MapPost("/dags/{dagId}/backfills", async (string dagId, BackfillRequest request, CancellationToken token) =>
        {
            var (backfill, runs) = await engine.BackfillAsync(dagId, request, token).ConfigureAwait(false);
            return Ok(new { backfill, runs });
        });
        api.MapPost("/runs/{runId:long}/cancel", async (long runId, CancellationToken token) =>
            Ok(new { cancelled = await engine.CancelRunAsync(runId, token).ConfigureAwait(false) }));
        api.MapPost("/runs/{runId:long}/clear", async (long runId, ClearRequest? request, CancellationToken token) =>
            Ok(new { cleared = await engine.ClearAsync(runId, request, token).ConfigureAwait(false) }));
    }

    private static IResult Ok(object value) => Results.Json(value, Json);

    private static async ValueTask<object?> TranslateErrors(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context).ConfigureAwait(false);
        }
        catch (DataPlatformException exception)
        {
            return Results.Problem(exception.Message, statusCode: exception.Kind switch
            {
                ErrorKind.Invalid => 400,
                ErrorKind.Conflict => 409,
                _ => 503,
            });
        }
    }

    /// <summary>What a trigger may say.</summary>
    internal sealed record TriggerBody(JsonElement? Conf, DateTimeOffset? LogicalDate, string? IdempotencyKey);
}
