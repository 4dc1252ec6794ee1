using DataPlatform.Kernel;
using DataPlatform.Web.Pages;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Quality.Web.Routes;

/// <summary>Turns what an address says wrongly into a page that says so.</summary>
internal static class PageFilter
{
    public static async ValueTask<object?> Translate(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context).ConfigureAwait(false);
        }
        catch (DataPlatformException e)
        {
            return await ConsolePage.ErrorAsync(context.HttpContext, ProblemFilter.StatusOf(e), "This cannot be shown", e.Message).ConfigureAwait(false);
        }
        catch (ArgumentException e)
        {
            return await ConsolePage.ErrorAsync(context.HttpContext, StatusCodes.Status400BadRequest, "This cannot be shown", e.Message).ConfigureAwait(false);
        }
    }
}
