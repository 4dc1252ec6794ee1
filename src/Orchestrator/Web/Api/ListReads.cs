using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Web.Lists;
using DataPlatform.Web.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace DataPlatform.Orchestrator.Web.Api;

/// <summary>What can be asked about backfills, pools, datasets and the audit log.</summary>
internal static class ListReads
{
    public static void Map(RouteGroupBuilder api, OrchestratorEngine engine)
    {
        MapBackfills(api, engine);
        api.MapGet("/pools", async (CancellationToken token) =>
            TypedResults.Ok((await engine.PoolsAsync(token).ConfigureAwait(false)).Select(PoolView.Of).ToArray())).WithSummary("Pools by name");
        api.MapGet("/datasets", async (CancellationToken token) =>
            TypedResults.Ok((await DatasetCatalog.ListAsync(engine, token).ConfigureAwait(false)).Select(View).ToArray()))
            .WithSummary("Datasets, the tasks that write and read them, and the DAGs that they start");
        api.MapGet("/audit", async (string? dag, long? run, string? actor, long? before, int? limit, CancellationToken token) =>
        {
            var query = new AuditQuery
            {
                DagId = dag,
                RunId = run,
                Actor = actor,
                BeforeId = before,
                Limit = Math.Clamp(limit ?? 100, 1, IRunHistory.LimitMax),
            };
            var entries = await engine.Store.Audit.ListAsync(query, token).ConfigureAwait(false);
            return TypedResults.Ok(new KeysetPage<AuditView, long?>(
                [.. entries.Select(AuditView.Of)], entries.Count == query.Limit ? entries[^1].Id : null));
        }).WithSummary("Actions done by hand, newest first");
    }

    private static void MapBackfills(RouteGroupBuilder api, OrchestratorEngine engine)
    {
        var history = engine.Store.History;
        api.MapGet("/backfills", async (string? dag, long? before, int? limit, CancellationToken token) =>
        {
            var count = Math.Clamp(limit ?? 50, 1, IRunHistory.LimitMax);
            var backfills = await history.ListBackfillsAsync(dag, before, count, token).ConfigureAwait(false);
            var views = new List<BackfillView>();
            foreach (var backfill in backfills)
            {
                views.Add(BackfillView.Of(backfill, await history.CountBackfillRunsAsync(backfill.Id, token).ConfigureAwait(false)));
            }

            return TypedResults.Ok(new KeysetPage<BackfillView, long?>(views, backfills.Count == count ? backfills[^1].Id : null));
        }).WithSummary("Backfills, newest first");
        api.MapGet("/backfills/{id:long}", async Task<Results<Ok<BackfillView>, NotFound>> (long id, CancellationToken token) =>
            await history.FindBackfillAsync(id, token).ConfigureAwait(false) is { } backfill
                ? TypedResults.Ok(BackfillView.Of(backfill, await history.CountBackfillRunsAsync(id, token).ConfigureAwait(false)))
                : TypedResults.NotFound()).WithSummary("One backfill");
        api.MapGet("/backfills/{id:long}/dates", async (long id, int? after, int? limit, CancellationToken token) =>
        {
            _ = await history.FindBackfillAsync(id, token).ConfigureAwait(false)
                ?? throw new OrchestratorException(ErrorKind.Invalid, $"there is no backfill {id}.");
            var count = Math.Clamp(limit ?? 200, 1, IRunHistory.LimitMax);
            var dates = await history.ListBackfillRunsAsync(id, after, count, token).ConfigureAwait(false);
            return TypedResults.Ok(new KeysetPage<BackfillDateView, int?>(
                [.. dates.Select(BackfillDateView.Of)], dates.Count == count ? dates[^1].Ordinal : null));
        }).WithSummary("Dates of a backfill in their order");
    }

    private static DatasetView View(DatasetUse use) => new(
        use.Dataset.Name, [.. use.Consumers.Select(consumer => new ConsumerView(consumer.DagId, consumer.SeenVersion, consumer.ConsumedVersion))],
        Views(use.Producers), Views(use.Readers), use.UpdatedAt);

    private static TaskUseView[] Views(IReadOnlyList<TaskUse> tasks) => [.. tasks.Select(task => new TaskUseView(task.DagId, task.TaskId))];
}
