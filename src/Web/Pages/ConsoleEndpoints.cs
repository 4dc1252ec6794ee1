using DataPlatform.Web.Access;
using DataPlatform.Web.Assets;
using DataPlatform.Web.Forms;
using DataPlatform.Web.Pages;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Makes the place where an engine mounts its pages.</summary>
public static partial class ConsoleEndpoints
{
    /// <summary>
    /// A group of routes with what every section needs: who may enter, safe headers, checked forms, the style sheet and script, and log-in.
    /// </summary>
    /// <param name="endpoints">The host's routes.</param>
    /// <param name="path">Where.</param>
    /// <param name="section">What the section is called and where its pages are.</param>
    /// <param name="access">Who may enter; null: <see cref="ConsoleAccess.LoopbackOnly"/>.</param>
    public static RouteGroupBuilder MapConsole(this IEndpointRouteBuilder endpoints, string path, ConsoleSection section, ConsoleAccess? access = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentNullException.ThrowIfNull(section);
        access ??= ConsoleAccess.LoopbackOnly;
        var pattern = RoutePatternFactory.Parse(path);
        var group = Guarded(endpoints, path, pattern, access);
        group.WithMetadata(new ConsoleMount(section, access, pattern, new FormTokens(endpoints.ServiceProvider, path)));
        group.AddEndpointFilter(RequestGuard.OnlyOwnPages);
        AssetRoutes.Map(group);
        if (access == ConsoleAccess.LoggedIn)
        {
            LogInRoutes.Map(group);
        }

        return group;
    }

    /// <summary>
    /// A group of routes for programs, such as a REST API without pages: who may call, safe headers, and nothing changed that another site made a
    /// browser ask for.
    /// </summary>
    /// <param name="endpoints">The host's routes.</param>
    /// <param name="path">Where.</param>
    /// <param name="policy">The authorization policy that callers must meet; null: only callers on this machine are served.</param>
    /// <exception cref="InvalidOperationException">There is a policy, and the host has no authorization.</exception>
    public static RouteGroupBuilder MapForPrograms(this IEndpointRouteBuilder endpoints, string path, string? policy = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var access = policy is null ? ConsoleAccess.LoopbackOnly : ConsoleAccess.Policies(policy);
        var group = Guarded(endpoints, path, RoutePatternFactory.Parse(path), access);
        group.AddEndpointFilter(RequestGuard.OnlyOwnSite);
        return group;
    }

    /// <summary>Who may enter, and headers.</summary>
    private static RouteGroupBuilder Guarded(IEndpointRouteBuilder endpoints, string path, RoutePattern pattern, ConsoleAccess access)
    {
        Check(endpoints.ServiceProvider, path, access);
        var group = endpoints.MapGroup(pattern);
        group.AddEndpointFilter(RequestGuard.SafeHeaders);
        if (access.PolicyFor(AccessRole.Viewer) is { } policy)
        {
            group.RequireAuthorization(policy);
        }
        else
        {
            group.AddEndpointFilter(RequestGuard.OnlyLoopback);
            WarnOfFarAddresses(endpoints.ServiceProvider, path);
        }

        return group;
    }

    /// <summary>A policy without the services that judge it would fail at the first request; it fails here.</summary>
    private static void Check(IServiceProvider services, string path, ConsoleAccess access)
    {
        if (!access.IsLoopbackOnly && services.GetService<IAuthorizationService>() is null)
        {
            throw new InvalidOperationException(
                $"'{path}' has an access policy and the host has no authorization: call services.AddConsoleAccess(...), or AddAuthentication and AddAuthorization.");
        }
    }

    /// <summary>A host that listens beyond this machine hears at start that far callers will be refused, not only when the first one is.</summary>
    private static void WarnOfFarAddresses(IServiceProvider services, string path)
    {
        services.GetService<IHostApplicationLifetime>()?.ApplicationStarted.Register(() =>
        {
            var far = services.GetService<IServer>()?.Features.Get<IServerAddressesFeature>()?.Addresses
                .Where(address => !BindingAddress.Parse(address).Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
                    && !(System.Net.IPAddress.TryParse(BindingAddress.Parse(address).Host.Trim('[', ']'), out var ip) && System.Net.IPAddress.IsLoopback(ip)))
                .ToList();
            if (far is { Count: > 0 } && services.GetService<ILoggerFactory>() is { } loggers)
            {
                LogFar(loggers.CreateLogger("DataPlatform.Web"), string.Join(", ", far), path);
            }
        });
    }

    [LoggerMessage(EventId = 6001, Level = LogLevel.Warning, Message =
        "The host listens on {Addresses}, and {Path} has no access policy: only callers on this machine are served there. " +
        "Mount it with services.AddConsoleAccess(...) and ConsoleAccess.LoggedIn to serve others")]
    private static partial void LogFar(ILogger logger, string addresses, string path);
}
