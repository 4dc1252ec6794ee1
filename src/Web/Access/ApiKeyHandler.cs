using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DataPlatform.Web.Access;

/// <summary>Accepts an API key in a header.</summary>
internal sealed class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, IOptionsMonitor<ConsoleAccessOptions> access)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    private const string Bearer = "Bearer ";

    /// <summary>The key that a request shows, or null.</summary>
    public static string? KeyOf(HttpRequest request)
    {
        var authorization = request.Headers.Authorization.ToString();
        return request.Headers["X-Api-Key"].ToString() is { Length: > 0 } key ? key
            : authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? authorization[Bearer.Length..].Trim()
            : null;
    }

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(
        KeyOf(Request) is not { } shown ? AuthenticateResult.NoResult()
        : ApiKey.Find(access.CurrentValue.ApiKeys, shown) is { } key
            ? AuthenticateResult.Success(new AuthenticationTicket(ConsoleAccessOptions.PrincipalOf(key, Scheme.Name), Scheme.Name))
        : AuthenticateResult.Fail("The API key is not known."));
}
