using DataPlatform.Orchestrator;
using DataPlatform.Orchestrator.Web;
using DataPlatform.Orchestrator.Web.Api;
using DataPlatform.Web.Access;
using DataPlatform.Web.Pages;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Mounts the orchestrator's pages and API.</summary>
public static class OrchestratorEndpoints
{
    /// <summary>The name of the API's OpenAPI document.</summary>
    public const string DocumentName = "orchestrator";

    private static readonly NavLink[] Nav =
    [
        new("DAGs", ""), new("Runs", "runs"), new("Backfills", "backfills"), new("Pools", "pools"), new("Datasets", "datasets"), new("Audit", "audit"),
    ];

    /// <summary>Registers what describes the API: without it <c>openapi/orchestrator.json</c> is not served.</summary>
    /// <param name="services">The host's services.</param>
    public static IServiceCollection AddOrchestratorApi(this IServiceCollection services)
        => services.AddSingleton<ApiDocument>()
            .AddOpenApi(DocumentName, options =>
            {
                options.ShouldInclude = description => description.GroupName == DocumentName;
                options.AddDocumentTransformer((document, _, _) =>
                {
                    // The document is of the API, not of the host that happens to serve it.
                    document.Info.Title = "DataPlatform Orchestrator";
                    document.Info.Version = "1";
                    document.Servers?.Clear();
                    return Task.CompletedTask;
                });
            });

    /// <summary>Mounts an engine's pages and its REST API under a path.</summary>
    /// <param name="endpoints">The host's routes.</param>
    /// <param name="path">Where, for example <c>/dags</c>; every link keeps it, and the host's own base path before it.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="access">Who may enter; null: only callers on this machine, without log-in.</param>
    /// <param name="neighbours">Links to other sections of the host; null for none.</param>
    /// <returns>The group, for further conventions.</returns>
    /// <exception cref="InvalidOperationException">There is an access policy, and the host has no authorization services.</exception>
    public static RouteGroupBuilder MapOrchestrator(
        this IEndpointRouteBuilder endpoints, string path, OrchestratorEngine engine, ConsoleAccess? access = null,
        IReadOnlyList<NavLink>? neighbours = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentNullException.ThrowIfNull(engine);
        var section = new ConsoleSection { Name = "Orchestrator", Nav = Nav, Live = "live", Neighbours = neighbours ?? [] };
        var group = endpoints.MapConsole(path, section, access);
        var pages = group.MapGroup("").ExcludeFromDescription();
        DagRoutes.Map(pages, engine);
        RunRoutes.Map(pages, engine);
        ListRoutes.Map(pages, engine);
        PoolRoutes.Map(pages, engine);
        BackfillRoutes.Map(pages, engine);
        var api = group.MapGroup("/api").WithGroupName(DocumentName).WithTags("orchestrator").WithProblems()
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        DagReads.Map(api, engine);
        RunReads.Map(api, engine);
        ListReads.Map(api, engine);
        Actions.Map(api, engine);
        if (endpoints.ServiceProvider.GetService<ApiDocument>() is not null)
        {
            group.MapOpenApi("/openapi/{documentName}.json");
        }

        return group;
    }
}
