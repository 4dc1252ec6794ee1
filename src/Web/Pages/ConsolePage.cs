using DataPlatform.Kernel;
using DataPlatform.Web.Access;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlatform.Web.Pages;

/// <summary>Answers requests of a mounted section with pages.</summary>
public static class ConsolePage
{
    private const string NoticeCookie = "dp-notice";
    private const int NoticeLengthMax = 300;

    /// <summary>A page.</summary>
    /// <typeparam name="TPage">The component; it gets a <see cref="PageContext"/> as a cascading value.</typeparam>
    /// <param name="http">The request, of a route below <c>MapConsole</c>.</param>
    /// <param name="parameters">The component's parameters.</param>
    public static async Task<IResult> RenderAsync<TPage>(HttpContext http, Dictionary<string, object?> parameters)
        where TPage : IComponent
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(parameters);
        var mount = http.GetEndpoint()!.Metadata.GetRequiredMetadata<ConsoleMount>();
        if (mount.LacksSlash(http))
        {
            return Results.LocalRedirect(http.Request.PathBase + http.Request.Path + "/" + http.Request.QueryString);
        }

        var context = await ContextAsync(http, mount).ConfigureAwait(false);
        var renderer = new HtmlRenderer(http.RequestServices, http.RequestServices.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance);
        await using (renderer.ConfigureAwait(false))
        {
            var html = await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<PageHost>(ParameterView.FromDictionary(
                new Dictionary<string, object?> { ["Page"] = typeof(TPage), ["Context"] = context, ["Parameters"] = parameters })).ConfigureAwait(false))
                .ToHtmlString()).ConfigureAwait(false);
            http.Response.Headers.CacheControl = "no-store";
            return Results.Content("<!doctype html>" + html, "text/html; charset=utf-8", statusCode: http.Response.StatusCode);
        }
    }

    /// <summary>A page that says why there is nothing to show or nothing was done.</summary>
    /// <param name="http">The request.</param>
    /// <param name="statusCode">The HTTP status.</param>
    /// <param name="title">What went wrong, in a few words.</param>
    /// <param name="detail">What to do about it.</param>
    public static Task<IResult> ErrorAsync(HttpContext http, int statusCode, string title, string detail)
    {
        ArgumentNullException.ThrowIfNull(http);
        http.Response.StatusCode = statusCode;
        return RenderAsync<ErrorPage>(http, new() { ["Title"] = title, ["Detail"] = detail });
    }

    /// <summary>There is no such thing.</summary>
    /// <param name="http">The request.</param>
    /// <param name="what">Its name, for example <c>run 7</c>.</param>
    public static Task<IResult> NotFoundAsync(HttpContext http, string what) =>
        ErrorAsync(http, StatusCodes.Status404NotFound, "Not found", $"There is no {what}.");

    /// <summary>Does what a form asks and goes on to a page, which says what was done.</summary>
    /// <param name="http">The request.</param>
    /// <param name="action">Does it and says in a sentence what it did.</param>
    /// <param name="to">The page to go on to, from the mount on.</param>
    public static async Task<IResult> ActAsync(HttpContext http, Func<Task<string>> action, string to)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(action);
        try
        {
            Say(http, await action().ConfigureAwait(false));
            return Results.LocalRedirect($"{ConsoleMount.PathOf(http)}/{to}");
        }
        catch (DataPlatformException exception)
        {
            return await ErrorAsync(http, ProblemFilter.StatusOf(exception), "It was not done", exception.Message).ConfigureAwait(false);
        }
        catch (ArgumentException exception)
        {
            return await ErrorAsync(http, StatusCodes.Status400BadRequest, "It was not done", exception.Message).ConfigureAwait(false);
        }
    }

    /// <summary>The sentence travels in a cookie that the next page takes, so that no link can put words on our pages.</summary>
    private static void Say(HttpContext http, string notice) => http.Response.Cookies.Append(
        NoticeCookie,
        Uri.EscapeDataString(notice.Length <= NoticeLengthMax ? notice : notice[..NoticeLengthMax] + "…"),
        new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, MaxAge = TimeSpan.FromSeconds(30), Path = "/" });

    private static async Task<PageContext> ContextAsync(HttpContext http, ConsoleMount mount)
    {
        var notice = http.Request.Cookies[NoticeCookie];
        if (notice is not null)
        {
            http.Response.Cookies.Delete(NoticeCookie, new CookieOptions { Path = "/" });
        }

        var root = mount.RootOf(http);
        return new PageContext
        {
            Root = root,
            Section = mount.Section,
            Path = mount.PageOf(http),
            Caller = await Caller.OfAsync(http).ConfigureAwait(false),
            Notice = notice is null ? null : Uri.UnescapeDataString(notice),
            HasSession = mount.Access == ConsoleAccess.LoggedIn && http.User.Identity?.IsAuthenticated == true,
            Base = (http.Request.PathBase.Value ?? string.Empty) + "/",
            Now = (http.RequestServices.GetService<TimeProvider>() ?? TimeProvider.System).GetUtcNow(),
            Token = mount.Forms.Issue(http),
        };
    }
}
