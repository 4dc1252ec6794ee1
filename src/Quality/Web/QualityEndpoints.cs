using DataPlatform.Quality.Web;
using DataPlatform.Quality.Web.Routes;
using DataPlatform.Web.Access;
using DataPlatform.Web.Pages;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Mounts the pages and the REST API of data quality.</summary>
public static class QualityEndpoints
{
    /// <summary>The name of the API's OpenAPI document.</summary>
    public const string DocumentName = "quality";

    /// <summary>Registers what describes the API: without it <c>openapi/quality.json</c> is not served.</summary>
    /// <param name="services">The host's services.</param>
    public static IServiceCollection AddQualityApi(this IServiceCollection services)
        => services.AddOpenApi(DocumentName, options => options.ShouldInclude = description => description.GroupName == DocumentName);

    /// <summary>Mounts the pages and their REST API under a path.</summary>
    /// <param name="endpoints">The host's routes.</param>
    /// <param name="path">Where, for example <c>/quality</c>.</param>
    /// <param name="console">What the pages look into.</param>
    /// <param name="access">Who may look, act and change settings; null: only callers on this machine, who may do everything.</param>
    /// <returns>The group, for further conventions.</returns>
    public static RouteGroupBuilder MapQuality(this IEndpointRouteBuilder endpoints, string path, QualityConsole console, ConsoleAccess? access = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentNullException.ThrowIfNull(console);
        var group = endpoints.MapConsole(path, new ConsoleSection { Name = "Quality", Nav = [.. Nav(console)], Live = "live" }, access);
        ReadRoutes.Map(group, console);
        SuiteRoutes.Map(group, console);
        ActionRoutes.Map(group, console);
        group.MapGet("/live", LiveRoute.Over(console)).ExcludeFromDescription();
        var api = group.MapGroup("/api").WithGroupName(DocumentName).AddEndpointFilter(ProblemFilter.Translate)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        ApiReads.Map(api, console);
        ApiActions.Map(api, console);
        group.MapOpenApi("/openapi/{documentName}.json");
        return group;
    }

    private static IEnumerable<NavLink> Nav(QualityConsole console)
    {
        yield return new NavLink("Overview", string.Empty);
        yield return new NavLink("Tables", "tables");
        yield return new NavLink("Rules", "rules");
        if (console.Alerts is not null)
        {
            yield return new NavLink("Incidents", "incidents");
        }

        if (console.Lineage is not null)
        {
            yield return new NavLink("Lineage", "lineage");
        }

        if (console is { Suites: not null, Audit: not null })
        {
            yield return new NavLink("Suites", "suites");
        }

        if (console.Audit is not null)
        {
            yield return new NavLink("Audit", "audit");
        }
    }
}
