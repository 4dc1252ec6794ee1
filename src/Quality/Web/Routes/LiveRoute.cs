using System.Runtime.CompilerServices;
using DataPlatform.Web.Live;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Quality.Web.Routes;

/// <summary>Tells pages that something was kept.</summary>
internal static class LiveRoute
{
    public static Func<HttpContext, IResult> Over(QualityConsole console)
    {
        var watch = new StampWatch(console.Catalog, console.LookEvery, console.Time);
        return http => EventStream.Of(http, ChangesAsync(watch, http.RequestAborted));
    }

    private static async IAsyncEnumerable<ServerEvent> ChangesAsync(StampWatch watch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var stamp in watch.FollowAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return new ServerEvent("changed", stamp);
        }
    }
}
