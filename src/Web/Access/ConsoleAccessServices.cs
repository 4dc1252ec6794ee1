using DataPlatform.Web.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the log-in of sections that are served beyond this machine.</summary>
public static class ConsoleAccessServices
{
    /// <summary>
    /// Registers API keys, sessions and the policies of <see cref="ConsolePolicies"/>; mount with <see cref="ConsoleAccess.LoggedIn"/>. Further
    /// schemes, such as OpenID Connect, are added to what this returns.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Keys, roles and another log-in.</param>
    public static AuthenticationBuilder AddConsoleAccess(this IServiceCollection services, Action<ConsoleAccessOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<ConsoleAccessOptions>().Configure(configure).Validate(
            options => options.ApiKeys.Count > 0 || options.ChallengeScheme is not null || options.BearerScheme is not null,
            "Console access has neither an API key nor another log-in: nobody could enter.").ValidateOnStart();
        services.AddAuthorization();
        services.AddOptions<Microsoft.AspNetCore.Authorization.AuthorizationOptions>().Configure<IOptionsMonitor<ConsoleAccessOptions>>((policies, access) =>
        {
            Add(policies, access, ConsolePolicies.Viewer, AccessRole.Viewer);
            Add(policies, access, ConsolePolicies.Operator, AccessRole.Operator);
            Add(policies, access, ConsolePolicies.Admin, AccessRole.Admin);
        });
        services.AddOptions<CookieAuthenticationOptions>(ConsolePolicies.SessionScheme).Configure<IOptionsMonitor<ConsoleAccessOptions>>(
            (cookie, access) => cookie.ExpireTimeSpan = access.CurrentValue.SessionLength);
        return services.AddAuthentication(options =>
            {
                options.DefaultScheme = ConsolePolicies.Scheme;
                options.DefaultSignInScheme = ConsolePolicies.SessionScheme;
            })
            .AddPolicyScheme(ConsolePolicies.Scheme, null, options => options.ForwardDefaultSelector = SchemeOf)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ConsolePolicies.ApiKeyScheme, null)
            .AddCookie(ConsolePolicies.SessionScheme, Session);
    }

    /// <summary>What a request shows decides who looks at it; a session counts only where it shows nothing.</summary>
    private static string SchemeOf(HttpContext http) => ApiKeyHandler.KeyOf(http.Request) switch
    {
        null => ConsolePolicies.SessionScheme,
        var shown when !shown.StartsWith(ApiKey.Prefix, StringComparison.Ordinal) && http.Request.Headers["X-Api-Key"].Count == 0
            && AccessOf(http).BearerScheme is { } bearer => bearer,
        _ => ConsolePolicies.ApiKeyScheme,
    };

    private static void Add(
        Microsoft.AspNetCore.Authorization.AuthorizationOptions policies, IOptionsMonitor<ConsoleAccessOptions> access, string name, AccessRole role) =>
        policies.AddPolicy(name, policy => policy.RequireAuthenticatedUser().RequireAssertion(
            context => access.CurrentValue.RoleOf(context.User) is { } held && held >= role));

    private static void Session(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = "dp-session";
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.SlidingExpiration = true;
        options.Events.OnValidatePrincipal = async context =>
        {
            if (!AccessOf(context.HttpContext).IsAlive(context.Principal))
            {
                context.RejectPrincipal();
                await context.HttpContext.SignOutAsync(ConsolePolicies.SessionScheme).ConfigureAwait(false);
            }
        };
        options.Events.OnRedirectToLogin = context => LogInRoutes.ChallengeAsync(context.HttpContext);
        options.Events.OnRedirectToAccessDenied = context => LogInRoutes.ForbidAsync(context.HttpContext);
    }

    private static ConsoleAccessOptions AccessOf(HttpContext http) =>
        http.RequestServices.GetRequiredService<IOptionsMonitor<ConsoleAccessOptions>>().CurrentValue;
}
