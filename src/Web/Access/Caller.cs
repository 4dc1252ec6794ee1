using DataPlatform.Web.Pages;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Web.Access;

/// <summary>Who asks.</summary>
/// <param name="Name">The authenticated name; <c>local</c> for a caller on this machine where no log-in is needed.</param>
/// <param name="From">The address the request came from.</param>
/// <param name="Role">The most it may do.</param>
public sealed record Caller(string Name, string From, AccessRole Role)
{
    /// <summary>The name of callers on this machine that did not log in.</summary>
    public const string Local = "local";

    /// <summary>The caller of a request to a mounted section.</summary>
    /// <param name="http">The request.</param>
    public static async Task<Caller> OfAsync(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        var access = http.GetEndpoint()?.Metadata.GetMetadata<ConsoleMount>()?.Access ?? ConsoleAccess.LoopbackOnly;
        var name = http.User.Identity is { IsAuthenticated: true, Name: { Length: > 0 } known } ? known : Local;
        return new Caller(name, http.Connection.RemoteIpAddress?.ToString() ?? Local, await RoleAsync(http, access).ConfigureAwait(false));
    }

    private static async Task<AccessRole> RoleAsync(HttpContext http, ConsoleAccess access)
    {
        if (access.IsLoopbackOnly)
        {
            return AccessRole.Admin;
        }

        var authorization = http.RequestServices.GetRequiredService<IAuthorizationService>();
        foreach (var role in (AccessRole[])[AccessRole.Admin, AccessRole.Operator])
        {
            if ((await authorization.AuthorizeAsync(http.User, null, access.PolicyFor(role)!).ConfigureAwait(false)).Succeeded)
            {
                return role;
            }
        }

        return AccessRole.Viewer;
    }
}
