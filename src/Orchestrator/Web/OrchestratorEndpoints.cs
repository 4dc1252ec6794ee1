using DataPlatform.Orchestrator;
using DataPlatform.Orchestrator.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Mounts the orchestrator's pages and API.</summary>
public static class OrchestratorEndpoints
{
    /// <summary>Mounts an engine's pages and its REST API under a path.</summary>
    /// <param name="endpoints">The host's routes.</param>
    /// <param name="path">Where, for example <c>/dags</c>; every link keeps it, and the host's own base path before it.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="policy">The authorization policy that callers must meet; null: only callers on this machine are served.</param>
    /// <returns>The group, for further conventions.</returns>
    public static RouteGroupBuilder MapOrchestrator(
        this IEndpointRouteBuilder endpoints, string path, OrchestratorEngine engine, string? policy = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentNullException.ThrowIfNull(engine);
        var group = endpoints.MapGroup(path);
        group.AddEndpointFilter(RequestGuard.OnlySameOrigin);
        if (policy is null)
        {
            group.AddEndpointFilter(RequestGuard.OnlyLoopback);
        }
        else
        {
            group.RequireAuthorization(policy);
        }

        PageRoutes.Map(group, engine);
        ApiRoutes.Map(group.MapGroup("/api"), engine);
        return group;
    }
}
