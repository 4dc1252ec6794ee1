using System.Net;
using DataPlatform.Kernel;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.ResourceScheduler.Web;

/// <summary>Who may ask, and what errors look like. Without a policy only this machine is served; a changing request comes from our own
/// pages or from a program.</summary>
internal static class RequestGuard
{
    public static async ValueTask<object?> OnlyLoopback(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        context.HttpContext.Connection.RemoteIpAddress is { } address && !IPAddress.IsLoopback(address)
            ? Results.Problem("Only callers on this machine are served: give MapResourceScheduler an authorization policy.",
                statusCode: 403)
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

    public static async ValueTask<object?> TranslateErrors(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context).ConfigureAwait(false);
        }
        catch (DataPlatformException error)
        {
            return Results.Problem(error.Message, statusCode: error.Kind switch
            {
                ErrorKind.Invalid => StatusCodes.Status400BadRequest,
                ErrorKind.Conflict => StatusCodes.Status409Conflict,
                _ => StatusCodes.Status503ServiceUnavailable,
            });
        }
        catch (ArgumentException error)
        {
            return Results.Problem(error.Message, statusCode: StatusCodes.Status400BadRequest);
        }
        catch (ObjectDisposedException)
        {
            return Results.Problem("The resource manager was stopped.", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }
}
