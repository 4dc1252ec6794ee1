using DataPlatform.Web.Pages;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace DataPlatform.Web.Access;

/// <summary>Logging in and out of a section whose access is that of <c>AddConsoleAccess</c>.</summary>
internal static class LogInRoutes
{
    public static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/log-in", (HttpContext http, string? to) => PageAsync(http, to, null)).AllowAnonymous().ExcludeFromDescription();
        group.MapGet("/log-in/other", (HttpContext http, string? to) => OptionsOf(http).ChallengeScheme is { } scheme
            ? Results.Challenge(new AuthenticationProperties { RedirectUri = SafeTarget(http, to) }, [scheme])
            : Results.NotFound()).AllowAnonymous().ExcludeFromDescription();
        group.MapPost("/log-in", (Delegate)LogInAsync).AllowAnonymous().ExcludeFromDescription();
        group.MapPost("/log-out", (Delegate)LogOutAsync).ExcludeFromDescription();
    }

    /// <summary>A caller without a session: people see the log-in page, programs a 401.</summary>
    public static Task ChallengeAsync(HttpContext http)
    {
        if (!IsPage(http))
        {
            return ProblemAsync(http, StatusCodes.Status401Unauthorized, "Log in first, or show an API key as 'Authorization: Bearer'.");
        }

        var to = Uri.EscapeDataString(http.Request.PathBase + http.Request.Path + http.Request.QueryString);
        http.Response.Redirect($"{ConsoleMount.PathOf(http)}/log-in?to={to}");
        return Task.CompletedTask;
    }

    /// <summary>A caller whose role does not suffice.</summary>
    public static Task ForbidAsync(HttpContext http) =>
        ProblemAsync(http, StatusCodes.Status403Forbidden, $"'{http.User.Identity?.Name}' may not do this: it needs another role.");

    private static async Task<IResult> LogInAsync(HttpContext http)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted).ConfigureAwait(false);
        var to = form["to"].ToString();
        if (ApiKey.Find(OptionsOf(http).ApiKeys, form["key"].ToString().Trim()) is not { } key)
        {
            return await PageAsync(http, to, "This API key is not known.").ConfigureAwait(false);
        }

        await http.SignInAsync(ConsolePolicies.SessionScheme, ConsoleAccessOptions.PrincipalOf(key, ConsolePolicies.SessionScheme)).ConfigureAwait(false);
        return Results.LocalRedirect(SafeTarget(http, to));
    }

    private static async Task<IResult> LogOutAsync(HttpContext http)
    {
        await http.SignOutAsync(ConsolePolicies.SessionScheme).ConfigureAwait(false);
        return Results.LocalRedirect(ConsoleMount.PathOf(http) + "/log-in");
    }

    private static async Task<IResult> PageAsync(HttpContext http, string? to, string? error)
    {
        http.Response.StatusCode = error is null ? StatusCodes.Status200OK : StatusCodes.Status401Unauthorized;
        var options = OptionsOf(http);
        return await ConsolePage.RenderAsync<LogInPage>(http, new()
        {
            ["To"] = SafeTarget(http, to),
            ["Error"] = error,
            ["Other"] = options.ChallengeScheme is null ? null : options.ChallengeText,
            ["TakesKeys"] = options.ApiKeys.Count > 0,
        }).ConfigureAwait(false);
    }

    /// <summary>Where to go after the log-in: only a path of this host, so that a link cannot lead a new session elsewhere.</summary>
    private static string SafeTarget(HttpContext http, string? to) =>
        to is ['/', .. var rest] && rest is not ['/' or '\\', ..] && !to.Any(char.IsControl) ? to : ConsoleMount.PathOf(http) + "/";

    private static bool IsPage(HttpContext http) =>
        HttpMethods.IsGet(http.Request.Method) && http.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    private static Task ProblemAsync(HttpContext http, int status, string detail) => Results.Problem(detail, statusCode: status).ExecuteAsync(http);

    private static ConsoleAccessOptions OptionsOf(HttpContext http) =>
        http.RequestServices.GetRequiredService<IOptionsMonitor<ConsoleAccessOptions>>().CurrentValue;
}
