using DataPlatform.Web.Pages;
using DataPlatform.Web.Access;
using Microsoft.AspNetCore.Authorization;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Says on a route what its caller must be allowed.</summary>
public static class RoleConventions
{
    /// <summary>Serves only callers with a role. Routes of a section need <see cref="AccessRole.Viewer"/> without this.</summary>
    /// <typeparam name="TBuilder">The kind of route.</typeparam>
    /// <param name="builder">A route of a group that <c>MapConsole</c> made.</param>
    /// <param name="role">The role.</param>
    /// <returns>The route.</returns>
    public static TBuilder RequireRole<TBuilder>(this TBuilder builder, AccessRole role)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(endpoint =>
        {
            var mount = endpoint.Metadata.OfType<ConsoleMount>().LastOrDefault()
                ?? throw new InvalidOperationException($"{endpoint.DisplayName} is not in a group that MapConsole made, so it has no roles.");
            if (mount.Access.PolicyFor(role) is { } policy)
            {
                endpoint.Metadata.Add(new AuthorizeAttribute(policy));
            }
        });
        return builder;
    }
}
