using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace DataPlatform.ResourceScheduler.Web;

/// <summary>What can be looked at. Lists are paged by key: a page begins after the key it is given, so nothing is skipped or said twice
/// while the list changes.</summary>
internal static class ReadRoutes
{
    private const int PageMax = 1_000;

    public static void Map(RouteGroupBuilder api, Func<ResourceManager> manager)
    {
        api.MapGet("/cluster", () => TypedResults.Ok(Overview(manager()))).WithSummary("The cluster as a whole");
        api.MapGet("/metrics", () => TypedResults.Ok(Overview(manager()))).WithSummary("Counts and amounts for monitoring");
        api.MapGet("/queues", (string? after, int? limit) => TypedResults.Ok(PageOf(
            manager().Snapshot().Queues, queue => queue.Path, QueueView.Of, after, limit))).WithSummary("Queues by path");
        api.MapGet("/queues/{path}", Results<Ok<QueueView>, NotFound> (string path) =>
            manager().Snapshot().Queues.FirstOrDefault(queue => queue.Path == path) is { } queue ? TypedResults.Ok(QueueView.Of(queue))
                : TypedResults.NotFound()).WithSummary("One queue");
        api.MapGet("/nodes", (string? after, int? limit) => TypedResults.Ok(PageOf(
            manager().Snapshot().Nodes, node => node.Name, NodeView.Of, after, limit))).WithSummary("Nodes by name");
        MapApplications(api, manager);
    }

    private static void MapApplications(RouteGroupBuilder api, Func<ResourceManager> manager)
    {
        api.MapGet("/applications", (string? queue, string? user, long? after, int? limit) =>
        {
            var page = manager().Snapshot().Applications
                .Where(application => application.Id > (after ?? 0) && (queue is null || application.Queue == queue)
                    && (user is null || application.User == user))
                .Take(Limit(limit)).Select(ApplicationView.Of).ToArray();
            return TypedResults.Ok(new Page<ApplicationView, long?>(page, page.Length == Limit(limit) ? page[^1].Id : null));
        }).WithSummary("Applications that are not over, by number");
        api.MapGet("/applications/finished", (long? before, int? limit) =>
        {
            var page = manager().FinishedApplications(before, Limit(limit)).Select(ApplicationView.Of).ToArray();
            return TypedResults.Ok(new Page<ApplicationView, long?>(page, page.Length == Limit(limit) ? page[^1].Id : null));
        }).WithSummary("Applications that ended since this manager began, newest first");
        api.MapGet("/applications/{id:long}", Results<Ok<ApplicationView>, NotFound> (long id) =>
            Find(manager(), id) is { } application ? TypedResults.Ok(application) : TypedResults.NotFound())
            .WithSummary("One application");
        api.MapGet("/explain", (string? queue, string? application, int? limit) => TypedResults.Ok(manager().Explain()
            .Where(why => (queue is null || why.Queue == queue) && (application is null || why.Application == application))
            .Take(Limit(limit)).Select(ExplanationView.Of).ToArray())).WithSummary("Why asks wait");
    }

    public static ApplicationView? Find(ResourceManager manager, long id)
        => manager.Snapshot().Applications.FirstOrDefault(application => application.Id == id) is { } live ? ApplicationView.Of(live)
            : manager.FinishedApplications(id + 1, 1) is [{ } finished] && finished.Id == id ? ApplicationView.Of(finished)
            : null;

    private static ClusterView Overview(ResourceManager manager)
    {
        var now = manager.Snapshot();
        var root = now.Queue(QueueTree.RootPath);
        return new ClusterView(manager.Epoch, now.TimeMs, Resources.Of(now.Capacity), Resources.Of(now.Used), now.Nodes.Count,
            now.Queues.Count,
            now.Applications.Count, now.ParkedApplications, root.Running, root.Pending);
    }

    private static Page<TView, string> PageOf<TItem, TView>(
        IEnumerable<TItem> items, Func<TItem, string> key, Func<TItem, TView> view, string? after, int? limit)
    {
        var page = items.OrderBy(key, StringComparer.Ordinal)
            .Where(item => after is null || string.CompareOrdinal(key(item), after) > 0).Take(Limit(limit)).ToArray();
        return new Page<TView, string>([.. page.Select(view)], page.Length == Limit(limit) ? key(page[^1]) : null);
    }

    private static int Limit(int? limit) => Math.Clamp(limit ?? 100, 1, PageMax);
}
