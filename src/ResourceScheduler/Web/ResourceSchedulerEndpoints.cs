using DataPlatform.ResourceScheduler;
using DataPlatform.ResourceScheduler.Web;
using DataPlatform.Web.Pages;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Mounts the resource scheduler's REST API.</summary>
public static class ResourceSchedulerEndpoints
{
    /// <summary>The name of the API's OpenAPI document.</summary>
    public const string DocumentName = "resource-scheduler";

    /// <summary>Registers what describes the API: without it <c>openapi/resource-scheduler.json</c> is not served.</summary>
    /// <param name="services">The host's services.</param>
    public static IServiceCollection AddResourceSchedulerApi(this IServiceCollection services)
        => services.AddOpenApi(DocumentName, options => options.ShouldInclude = description => description.GroupName == DocumentName);

    /// <summary>Mounts a manager's REST API under a path.</summary>
    /// <param name="endpoints">The host's routes.</param>
    /// <param name="path">Where, for example <c>/cluster</c>.</param>
    /// <param name="manager">The manager; asked at each request, as after a failover it is another.</param>
    /// <param name="policy">The authorization policy that callers must meet; null: only callers on this machine are served, and say
    /// themselves on whose behalf they act.</param>
    /// <returns>The group, for further conventions.</returns>
    public static RouteGroupBuilder MapResourceScheduler(
        this IEndpointRouteBuilder endpoints, string path, Func<ResourceManager> manager, string? policy = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentNullException.ThrowIfNull(manager);
        var group = endpoints.MapForPrograms(path, policy);
        var api = group.MapGroup("/api").WithGroupName(DocumentName).WithProblems()
            .ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        ReadRoutes.Map(api, manager);
        ActionRoutes.Map(api, manager);
        group.MapOpenApi("/openapi/{documentName}.json");
        return group;
    }
}
