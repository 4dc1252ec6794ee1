using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.Lineage;
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

        if (console is { Desk: not null, Alerts: not null, Audit: not null })
        {
            forms.MapPost("/incident/act", (HttpContext http, [FromForm] string id, [FromForm(Name = "do")] string what, [FromForm] int? hours, [FromForm] string? reason) =>
                ConsolePage.ActAsync(http, () => Actions.ActAsync(console, http, id, what, hours, reason), Links.Incident(id)))
                .RequireRole(AccessRole.Operator);
        }

        if (console is { Lineage: not null, Audit: not null })
        {
            forms.MapPost("/lineage/annotate", (
                HttpContext http, [FromForm] string source, [FromForm] string sourceColumn, [FromForm] string target, [FromForm] string targetColumn, [FromForm] string kind, [FromForm] string? reason) =>
                ConsolePage.ActAsync(
                    http,
                    () => Actions.AnnotateAsync(console, http, new ColumnId(source, sourceColumn), new ColumnId(target, targetColumn), KindOf(kind), reason),
                    Links.Lineage(new ColumnId(source, sourceColumn)))).RequireRole(AccessRole.Operator);
        }

        if (console is { Workbench: not null, Profiles: not null, Audit: not null })
        {
            forms.MapPost("/table/profile", (HttpContext http, [FromForm] string table) =>
                ConsolePage.ActAsync(http, () => Actions.ProfileAsync(console, http, table), Links.Table(table, "profile"))).RequireRole(AccessRole.Operator);
        }
    }

    internal static LineageAnnotationKind KindOf(string text)
        => Enum.TryParse<LineageAnnotationKind>(text, ignoreCase: true, out var kind) && Enum.IsDefined(kind)
            ? kind
            : throw new QualityException(ErrorKind.Invalid, $"'{text}' cannot be said of two columns; there are {string.Join(", ", Enum.GetNames<LineageAnnotationKind>())}.");

    internal static DateTimeOffset TimeOf(string text)
        => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? at
            : throw new QualityException(ErrorKind.Invalid, $"'{text}' is no instant; write it like 2001-01-31T00:00:00Z.");

    internal static PointFeedback FeedbackOf(string text)
        => Enum.TryParse<PointFeedback>(text, ignoreCase: true, out var says) && Enum.IsDefined(says)
            ? says
            : throw new QualityException(ErrorKind.Invalid, $"'{text}' cannot be said of a point; there are {string.Join(", ", Enum.GetNames<PointFeedback>())}.");
}
