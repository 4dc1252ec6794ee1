using System.Net;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Orchestrator.Web;

/// <summary>Who may ask. Without a policy only this machine; a changing request only from our own pages or from a program.</summary>
internal static class RequestGuard
{
    public static async ValueTask<object?> OnlyLoopback(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        context.HttpContext.Connection.RemoteIpAddress is { } address && !IPAddress.IsLoopback(address)
            ? Results.Problem("Only callers on this machine are served: give MapOrchestrator an authorization policy.", statusCode: 403)
            : await next(context).ConfigureAwait(false);

    /// <summary>Browsers send Origin with every form and script request that changes something; programs send none.</summary>
    public static async ValueTask<object?> OnlySameOrigin(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        var origin = request.Headers.Origin.ToString();
        var isForeign = origin.Length > 0 && (!Uri.TryCreate(origin, UriKind.Absolute, out var uri) || uri.Authority != request.Host.Value);
        return isForeign && !HttpMethods.IsGet(request.Method)
            ? Results.Problem("The request comes from another site.", statusCode: 403)
            : await next(context).ConfigureAwait(false);
    }
}
