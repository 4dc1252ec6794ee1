using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DataPlatform.Web.Assets;

/// <summary>Serves <see cref="ConsoleAssets"/>, also to who has not logged in: the log-in page needs them.</summary>
internal static class AssetRoutes
{
    public static void Map(RouteGroupBuilder group) => group.MapGet("/assets/{name}", (HttpContext http, string name) =>
    {
        var (content, type) = name == ConsoleAssets.StyleName ? (ConsoleAssets.Style, "text/css; charset=utf-8")
            : name == ConsoleAssets.ScriptName ? (ConsoleAssets.Script, "text/javascript; charset=utf-8")
            : (null, string.Empty);
        if (content is null)
        {
            return Results.NotFound();
        }

        http.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        return Results.Bytes(content, type);
    }).AllowAnonymous().ExcludeFromDescription();
}
