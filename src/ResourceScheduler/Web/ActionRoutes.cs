using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace DataPlatform.ResourceScheduler.Web;

/// <summary>What can be done. It is durable when the answer comes.</summary>
internal static class ActionRoutes
{
    private const int BodyBytesMax = 1 << 20;

    public static void Map(RouteGroupBuilder api, Func<ResourceManager> manager)
    {
        api.MapPost("/applications", async Task<Created<SubmittedView>> (Submission body, HttpContext context, CancellationToken token) =>
        {
            var id = await manager().SubmitAsync(body.ToApplication(UserOf(context, body.User)), token).ConfigureAwait(false);
            return TypedResults.Created($"{context.Request.PathBase}{context.Request.Path}/{id}", new SubmittedView(id));
        }).WithMetadata(new RequestSizeLimitAttribute(BodyBytesMax)).WithSummary("Submits an application")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        api.MapPost("/applications/{id:long}/kill", async Task<Results<NoContent, NotFound>> (long id, KillBody? body, HttpContext context,
            CancellationToken token) =>
        {
            if (ReadRoutes.Find(manager(), id) is not { State: "Submitted" or "Accepted" or "Running" })
            {
                return TypedResults.NotFound();
            }

            await manager().KillAsync(id, UserOf(context, body?.User), cancellationToken: token).ConfigureAwait(false);
            return TypedResults.NoContent();
        }).WithSummary("Kills an application").ProducesProblem(StatusCodes.Status409Conflict);
        api.MapPost("/nodes/{name}/decommission", async Task<NoContent> (string name, DecommissionBody body, CancellationToken token) =>
        {
            await manager().DecommissionNodeAsync(name, TimeSpan.FromSeconds(body.LimitSeconds), token).ConfigureAwait(false);
            return TypedResults.NoContent();
        }).WithSummary("Lets a node leave when its containers have ended").ProducesProblem(StatusCodes.Status409Conflict);
        api.MapPost("/nodes/{name}/maintenance", async Task<NoContent> (string name, MaintenanceBody body, CancellationToken token) =>
        {
            await manager().MaintainNodeAsync(name, body.IsOn, token).ConfigureAwait(false);
            return TypedResults.NoContent();
        }).WithSummary("Begins or ends maintenance of a node").ProducesProblem(StatusCodes.Status409Conflict);
    }

    /// <summary>Who is authenticated acts for itself; without authentication, on this machine, the caller says for whom.</summary>
    private static string UserOf(HttpContext context, string? named)
        => context.User.Identity is { IsAuthenticated: true, Name: { Length: > 0 } authenticated }
            ? named is null || named == authenticated ? authenticated
                : throw new ArgumentException($"'{authenticated}' cannot act as '{named}'.")
            : string.IsNullOrWhiteSpace(named) ? throw new ArgumentException("The request names no user.") : named;
}
