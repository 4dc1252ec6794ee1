using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.Web.Views;
using DataPlatform.Web.Access;
using DataPlatform.Web.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace DataPlatform.Quality.Web.Routes;

/// <summary>The forms on the pages.</summary>
internal static class ActionRoutes
{
    public static void Map(RouteGroupBuilder group, QualityConsole console)
    {
        var forms = group.MapGroup(string.Empty).AddEndpointFilter(PageFilter.Translate).ExcludeFromDescription().DisableAntiforgery();
        if (console is { Series: not null, Audit: not null })
        {
            forms.MapPost("/feedback", (HttpContext http, [FromForm] string series, [FromForm] string at, [FromForm] string says, [FromForm] string table) =>
                ConsolePage.ActAsync(http, () => Actions.MarkAsync(console, http, series, TimeOf(at), FeedbackOf(says)), Links.Table(table, "history")))
                .RequireRole(AccessRole.Operator);
        }
    }

    private static DateTimeOffset TimeOf(string text)
        => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? at
            : throw new QualityException(ErrorKind.Invalid, $"'{text}' is no instant; write it like 2001-01-31T00:00:00Z.");

    private static PointFeedback FeedbackOf(string text)
        => Enum.TryParse<PointFeedback>(text, ignoreCase: true, out var says) && Enum.IsDefined(says)
            ? says
            : throw new QualityException(ErrorKind.Invalid, $"'{text}' cannot be said of a point; there are {string.Join(", ", Enum.GetNames<PointFeedback>())}.");
}
