using System.Net;
using DataPlatform.Web.Pages;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Web.Access;

/// <summary>What a request must be before a section answers it.</summary>
internal static class RequestGuard
{
    private const string Remedy =
        "mount the section with an access policy, for example services.AddConsoleAccess(...) and ConsoleAccess.LoggedIn, to serve callers from elsewhere.";

    /// <summary>Without a policy only this machine is served.</summary>
    public static async ValueTask<object?> OnlyLoopback(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        WhyFar(context.HttpContext) is { } why
            ? Results.Problem($"Only callers on this machine are served, and {why}: {Remedy}", statusCode: StatusCodes.Status403Forbidden)
            : await next(context).ConfigureAwait(false);

    /// <summary>Nothing is changed that another site made a browser ask for; programs say nothing of where they come from.</summary>
    public static async ValueTask<object?> OnlyOwnSite(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        IsChange(context.HttpContext.Request) && IsForeign(context.HttpContext.Request) ? Foreign() : await next(context).ConfigureAwait(false);

    /// <summary>
    /// Browsers say with every changing request where it comes from; programs say nothing. A changing request of a session must say it, so that
    /// a cookie alone never suffices, and a form must bring the token that only our own pages hold.
    /// </summary>
    public static async ValueTask<object?> OnlyOwnPages(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (!IsChange(http.Request))
        {
            return await next(context).ConfigureAwait(false);
        }

        if (IsForeign(http.Request))
        {
            return Foreign();
        }

        if (http.Request.HasFormContentType)
        {
            var tokens = http.GetEndpoint()!.Metadata.GetRequiredMetadata<ConsoleMount>().Forms;
            return await tokens.IsValidAsync(http).ConfigureAwait(false)
                ? await next(context).ConfigureAwait(false)
                : Results.Problem("The form is too old or not from these pages: load the page again.", statusCode: StatusCodes.Status400BadRequest);
        }

        // A key or token in a header is of the program that put it there: no foreign page can make a browser send one.
        var isSession = http.User.Identity is { IsAuthenticated: true } && ApiKeyHandler.KeyOf(http.Request) is null;
        return isSession && !SaysOrigin(http.Request)
            ? Results.Problem("A session's request must say its origin; programs show an API key or token in a header.", statusCode: StatusCodes.Status403Forbidden)
            : await next(context).ConfigureAwait(false);
    }

    /// <summary>Headers that keep a browser from guessing, framing, or running what is not ours.</summary>
    public static ValueTask<object?> SafeHeaders(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var headers = context.HttpContext.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers.ContentSecurityPolicy =
            "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
        return next(context);
    }

    /// <summary>Why a caller is not on this machine; null when it is.</summary>
    internal static string? WhyFar(HttpContext http)
    {
        var request = http.Request;
        if (http.Connection.RemoteIpAddress is { } address && !IPAddress.IsLoopback(address))
        {
            return $"this request comes from {address}";
        }

        if (request.Headers.ContainsKey("X-Forwarded-For") || request.Headers.ContainsKey("Forwarded"))
        {
            return "this request came through a proxy";
        }

        var host = request.Host.Host;
        return host.Length == 0 || host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var named) && IPAddress.IsLoopback(named))
            ? null
            : $"this request asks for the host '{host}'";
    }

    private static bool IsChange(HttpRequest request) => !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method);

    private static IResult Foreign() => Results.Problem("The request comes from another site.", statusCode: StatusCodes.Status403Forbidden);

    private static bool IsForeign(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        return request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site"
            || (origin.Length > 0 && (!Uri.TryCreate(origin, UriKind.Absolute, out var uri) || uri.Authority != request.Host.Value));
    }

    private static bool SaysOrigin(HttpRequest request) =>
        request.Headers.Origin.Count > 0 || request.Headers["Sec-Fetch-Site"].ToString() is "same-origin";
}
