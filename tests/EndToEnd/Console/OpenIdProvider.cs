using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DataPlatform.EndToEnd.Console;

/// <summary>
/// A small OpenID provider on loopback (OpenID Connect Core 1.0, RFC 7636, RFC 7517): discovery, keys, a log-in page, codes that are good once and
/// only with their verifier, and signed tokens.
/// </summary>
internal sealed class OpenIdProvider : IAsyncDisposable
{
    public const string Client = "console";
    public const string Secret = "kept by the console";
    public const string ApiAudience = "dp-api";

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private readonly WebApplication _host;
    private readonly RSA _key = RSA.Create(2048);
    private readonly RSA _foreignKey = RSA.Create(2048);
    private readonly ConcurrentDictionary<string, Grant> _grants = new();

    private OpenIdProvider(WebApplication host) => _host = host;

    /// <summary>Its people and the groups they are in.</summary>
    public static IReadOnlyDictionary<string, string[]> People { get; } = new Dictionary<string, string[]>
    {
        ["vera"] = ["everyone", "data-viewers"],
        ["otto"] = ["data-viewers", "data-operators"],
        ["ada"] = ["data-admins"],
        ["nobody"] = ["everyone"],
    };

    /// <summary>Where it is, without a slash at the end.</summary>
    public string Root => _host.Urls.Single();

    /// <summary>Where clients may be led back to; nowhere else.</summary>
    public string RedirectUri { get; set; } = string.Empty;

    /// <summary>Signs with a key that is not among the published ones, as somebody who is not the provider would.</summary>
    public bool Forges { get; set; }

    /// <summary>What clients asked the log-in page for last.</summary>
    public IReadOnlyDictionary<string, string> LastRequest { get; private set; } = new Dictionary<string, string>();

    public static async Task<OpenIdProvider> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var provider = new OpenIdProvider(builder.Build());
        var host = provider._host;
        host.Urls.Add("http://127.0.0.1:0");
        host.MapGet("/.well-known/openid-configuration", provider.Discovery);
        host.MapGet("/jwks", provider.Keys);
        host.MapGet("/authorize", provider.Page);
        host.MapPost("/authorize", (Delegate)provider.GrantAsync);
        host.MapPost("/token", (Delegate)provider.TokenAsync);
        await host.StartAsync(cancellationToken);
        return provider;
    }

    /// <summary>A token for the API, as a program gets one.</summary>
    public string ApiToken(string person, string audience = ApiAudience, TimeSpan? lifetime = null) => Sign(Claims(person, audience, lifetime ?? Lifetime));

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _key.Dispose();
        _foreignKey.Dispose();
    }

    private IResult Discovery() => Results.Json(new
    {
        issuer = Root,
        authorization_endpoint = Root + "/authorize",
        token_endpoint = Root + "/token",
        jwks_uri = Root + "/jwks",
        response_types_supported = new[] { "code" },
        response_modes_supported = new[] { "query" },
        subject_types_supported = new[] { "public" },
        id_token_signing_alg_values_supported = new[] { "RS256" },
        code_challenge_methods_supported = new[] { "S256" },
    });

    private IResult Keys()
    {
        var key = _key.ExportParameters(includePrivateParameters: false);
        return Results.Json(new
        {
            keys = new[] { new { kty = "RSA", use = "sig", alg = "RS256", kid = "one", n = Base64Url.EncodeToString(key.Modulus), e = Base64Url.EncodeToString(key.Exponent) } },
        });
    }

    private IResult Page(HttpContext http)
    {
        LastRequest = http.Request.Query.ToDictionary(entry => entry.Key, entry => entry.Value.ToString());
        if (LastRequest.GetValueOrDefault("client_id") != Client || LastRequest.GetValueOrDefault("redirect_uri") != RedirectUri
            || LastRequest.GetValueOrDefault("response_type") != "code" || LastRequest.GetValueOrDefault("code_challenge_method") != "S256"
            || !LastRequest.GetValueOrDefault("scope", string.Empty).Split(' ').Contains("openid"))
        {
            return Results.BadRequest("This client, its redirection or what it asks for is not known here.");
        }

        var fields = string.Concat(LastRequest.Select(entry =>
            $"<input type=hidden name=\"{WebUtility.HtmlEncode(entry.Key)}\" value=\"{WebUtility.HtmlEncode(entry.Value)}\">"));
        return Results.Content(
            $"<!doctype html><link rel=icon href=\"data:,\"><title>Who are you?</title><h1>Who are you?</h1><form method=post>{fields}<input name=person autofocus><button>Go on</button></form>",
            "text/html");
    }

    private async Task<IResult> GrantAsync(HttpContext http)
    {
        var form = await http.Request.ReadFormAsync();
        if (!People.ContainsKey(form["person"].ToString()) || form["redirect_uri"] != RedirectUri)
        {
            return Results.BadRequest("Nobody of that name is known here.");
        }

        var code = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(24));
        _grants[code] = new Grant(form["person"].ToString(), form["nonce"].ToString(), form["code_challenge"].ToString());
        return Results.Redirect($"{RedirectUri}?code={code}&state={Uri.EscapeDataString(form["state"].ToString())}");
    }

    private async Task<IResult> TokenAsync(HttpContext http)
    {
        var form = await http.Request.ReadFormAsync();
        var challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString())));
        if (form["grant_type"] != "authorization_code" || form["client_id"] != Client || form["client_secret"] != Secret
            || form["redirect_uri"] != RedirectUri || !_grants.TryRemove(form["code"].ToString(), out var grant) || grant.Challenge != challenge)
        {
            return Results.Json(new { error = "invalid_grant" }, statusCode: StatusCodes.Status400BadRequest);
        }

        var claims = Claims(grant.Person, Client, Lifetime);
        claims["nonce"] = grant.Nonce;
        return Results.Json(new { access_token = ApiToken(grant.Person), token_type = "Bearer", expires_in = (int)Lifetime.TotalSeconds, id_token = Sign(claims) });
    }

    private Dictionary<string, object> Claims(string person, string audience, TimeSpan lifetime)
    {
        var now = TimeProvider.System.GetUtcNow();
        return new()
        {
            ["iss"] = Root,
            ["aud"] = audience,
            ["sub"] = "subject-" + person,
            ["preferred_username"] = person,
            ["groups"] = People[person],
            ["iat"] = (now - TimeSpan.FromHours(1)).ToUnixTimeSeconds(),
            ["exp"] = (now + lifetime).ToUnixTimeSeconds(),
        };
    }

    private string Sign(Dictionary<string, object> claims)
    {
        var text = $"{Part(new { alg = "RS256", kid = "one", typ = "JWT" })}.{Part(claims)}";
        var signature = (Forges ? _foreignKey : _key).SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{text}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Part(object value) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value));

    private sealed record Grant(string Person, string Nonce, string Challenge);
}
