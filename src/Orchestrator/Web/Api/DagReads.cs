using System.Text.Json;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Schedules;
using DataPlatform.Orchestrator.Web.Grid;
using DataPlatform.Orchestrator.Web.Lists;
using DataPlatform.Web.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace DataPlatform.Orchestrator.Web.Api;

/// <summary>What can be asked about DAGs.</summary>
internal static class DagReads
{
    private const int PlanMax = 1_000;
    private const int VersionsMax = 200;

    public static void Map(RouteGroupBuilder api, OrchestratorEngine engine)
    {
        api.MapGet("/dags", async Task<Ok<KeysetPage<DagView, string>>> (
            string? q, string? tag, bool? paused, string? after, int? limit, CancellationToken token) =>
        {
            var filter = new DagFilter { Search = q, Tag = tag, IsPaused = paused, After = after, Limit = Math.Clamp(limit ?? 50, 1, DagFilter.LimitMax) };
            var page = await DagCatalog.ListAsync(engine, filter, token).ConfigureAwait(false);
            return TypedResults.Ok(new KeysetPage<DagView, string>([.. page.Entries.Select(entry => View(entry, engine.Time.GetUtcNow()))], page.Next));
        }).WithSummary("DAGs by name, with their newest runs");
        api.MapGet("/dags/{dagId}", async Task<Results<Ok<DagDetailView>, NotFound>> (string dagId, CancellationToken token) =>
        {
            var page = await DagCatalog.ListAsync(engine, new DagFilter { Id = dagId }, token).ConfigureAwait(false);
            return page.Entries is [var found]
                ? TypedResults.Ok(await DetailAsync(engine, found, token).ConfigureAwait(false))
                : TypedResults.NotFound();
        }).WithSummary("One DAG with its parameters and structure");
        api.MapGet("/dags/{dagId}/plan", Results<Ok<FireView[]>, NotFound> (string dagId, DateTimeOffset? after, int? count) =>
            engine.FindDag(dagId) is { } dag
                ? TypedResults.Ok(TimetablePlan.Next(dag.Timetable, after ?? engine.Time.GetUtcNow(), Math.Clamp(count ?? 10, 1, PlanMax))
                    .Select(Fire).ToArray())
                : TypedResults.NotFound()).WithSummary("The next fires of a DAG's timetable");
        api.MapGet("/dags/{dagId}/grid", async Task<Results<Ok<TaskGrid>, NotFound>> (string dagId, long? before, int? limit, CancellationToken token) =>
            engine.FindDag(dagId) is { } dag
                ? TypedResults.Ok(await TaskGrid.ReadAsync(engine, dag, before, limit ?? 25, token).ConfigureAwait(false))
                : TypedResults.NotFound()).WithSummary("Tasks by runs as a matrix of one byte a cell");
        MapHistory(api, engine);
    }

    private static void MapHistory(RouteGroupBuilder api, OrchestratorEngine engine)
    {
        api.MapGet("/dags/{dagId}/calendar", async (string dagId, int? year, CancellationToken token) =>
        {
            var shown = Math.Clamp(year ?? engine.Time.GetUtcNow().Year, 1, 9998);
            var days = await engine.Store.History.CountByDayAsync(dagId, new DateOnly(shown, 1, 1), new DateOnly(shown, 12, 31), token).ConfigureAwait(false);
            return TypedResults.Ok(days.Select(day => new DayView(day.Day, day.State, day.Count)).ToArray());
        }).WithSummary("Runs of a year by day and state");
        api.MapGet("/dags/{dagId}/versions", async (string dagId, DateTimeOffset? before, int? limit, CancellationToken token) =>
        {
            var count = Math.Clamp(limit ?? 50, 1, VersionsMax);
            var versions = await engine.Store.History.ListVersionsAsync(dagId, before, count, token).ConfigureAwait(false);
            return TypedResults.Ok(new KeysetPage<VersionView, DateTimeOffset?>(
                [.. versions.Select(version => new VersionView(version.Hash, version.RegisteredAt))],
                versions.Count == count ? versions[^1].RegisteredAt : null));
        }).WithSummary("Versions of a DAG, newest first");
        api.MapGet("/dags/{dagId}/diff", async Task<Results<Ok<DiffView>, NotFound>> (string dagId, string from, string to, CancellationToken token) =>
        {
            var before = await engine.Store.FindModelAsync(from, token).ConfigureAwait(false);
            var after = await engine.Store.FindModelAsync(to, token).ConfigureAwait(false);
            return before is null || after is null ? TypedResults.NotFound() : TypedResults.Ok(DiffView.Of(DagDiff.Between(before, after)));
        }).WithSummary("What differs between two versions of a DAG");
    }

    public static FireView Fire(PlannedFire line) => new(
        line.Fire.RunAfter, line.Fire.LogicalDate, line.Fire.Interval.Start, line.Fire.Interval.End, line.Local, line.Note);

    private static DagView View(DagEntry entry, DateTimeOffset now) => new(
        entry.Head.Id, entry.Dag?.Description ?? string.Empty, entry.Dag?.Tags ?? [], entry.Head.Hash, entry.Head.IsPaused, entry.Dag is not null,
        entry.Schedule, entry.NextFire(now), entry.Head.LastFire?.LogicalDate, [.. entry.Recent.Select(RunView.Of)],
        entry.Head.ScheduleFault?.Reason, entry.Head.ScheduleFault?.Since);

    private static async Task<DagDetailView> DetailAsync(OrchestratorEngine engine, DagEntry entry, CancellationToken token)
    {
        var model = entry.Dag?.Model ?? await engine.Store.FindModelAsync(entry.Head.Hash, token).ConfigureAwait(false);
        return new DagDetailView(
            View(entry, engine.Time.GetUtcNow()),
            [.. (entry.Dag?.Params ?? []).Select(p => new ParamView(p.Name, p.Type, JsonText.Element(p.DefaultJson), p.Description))],
            JsonText.Element(model) ?? default(JsonElement));
    }
}
