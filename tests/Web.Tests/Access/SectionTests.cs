using System.Net;
using System.Security.Claims;
using System.Text.RegularExpressions;
using DataPlatform.Web.Access;
using DataPlatform.Web.Pages;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Web.Tests.Access;

/// <summary>A section behind a log-in, over a real server: API keys, sessions, roles, forms and another log-in.</summary>
public sealed partial class SectionTests : IAsyncLifetime
{
    private readonly Dictionary<AccessRole, string> _secrets = [];
    private readonly List<ApiKey> _keys = [];
    private WebApplication _host = null!;
    private string _root = string.Empty;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        foreach (var role in Enum.GetValues<AccessRole>())
        {
            var (key, secret) = ApiKey.Create($"{role}-key", role);
            _keys.Add(key);
            _secrets[role] = secret;
        }

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddConsoleAccess(options =>
        {
            _keys.ForEach(options.ApiKeys.Add);
            options.ChallengeScheme = "other";
            options.RoleClaim = "groups";
            options.Roles["ops"] = AccessRole.Operator;
        }).AddScheme<AuthenticationSchemeOptions, OtherLogIn>("other", null);
        _host = builder.Build();
        _host.Urls.Add("http://127.0.0.1:0");
        var group = _host.MapConsole("/area/things", new ConsoleSection { Name = "Things", Nav = [new NavLink("All", "")] }, ConsoleAccess.LoggedIn);
        group.MapGet("/", (HttpContext http, CancellationToken _) => ConsolePage.NotFoundAsync(http, "thing"));
        group.MapGet("/who", async (HttpContext http, CancellationToken _) => Results.Text((await Caller.OfAsync(http)).ToString()));
        group.MapPost("/act", () => "done").RequireRole(AccessRole.Operator);
        group.MapPost("/set", () => "done").RequireRole(AccessRole.Admin);
        await _host.StartAsync(Token);
        _root = _host.Urls.Single() + "/area/things/";
    }

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData(null, 401, 401, 401)]
    [InlineData(AccessRole.Viewer, 200, 403, 403)]
    [InlineData(AccessRole.Operator, 200, 200, 403)]
    [InlineData(AccessRole.Admin, 200, 200, 200)]
    public async Task A_key_may_do_what_its_role_may(AccessRole? role, int look, int act, int set)
    {
        using var client = Client(role is { } known ? _secrets[known] : "dp_wrong");

        Assert.Equal((look, act, set), (await StatusAsync(client.GetAsync("who", Token)), await StatusAsync(client.PostAsync("act", null, Token)), await StatusAsync(client.PostAsync("set", null, Token))));
        if (role is not null)
        {
            Assert.Contains($"Name = {role}-key", await client.GetStringAsync("who", Token), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_browser_without_a_session_is_led_to_the_log_in_and_back_again()
    {
        using var client = Client(null);
        using var asked = await GetPageAsync(client, "who");
        Assert.Equal("/area/things/log-in?to=%2Farea%2Fthings%2Fwho", asked.Headers.Location!.PathAndQuery());

        using var refused = await LogInAsync(client, "dp_wrong", "/area/things/who");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        using var taken = await LogInAsync(client, _secrets[AccessRole.Operator], "/area/things/who");
        Assert.Equal(("/area/things/who", HttpStatusCode.Redirect), (taken.Headers.Location!.PathAndQuery(), taken.StatusCode));
        var cookie = taken.Headers.GetValues("Set-Cookie").Single(value => value.StartsWith("dp-session", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Operator-key", await client.GetStringAsync("who", Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task The_log_in_offers_the_ways_that_exist(bool hasKeys, bool hasOther)
    {
        using var client = Client(null);
        var options = _host.Services.GetRequiredService<Microsoft.Extensions.Options.IOptionsMonitor<ConsoleAccessOptions>>().CurrentValue;
        options.ChallengeScheme = hasOther ? options.ChallengeScheme : null;
        if (!hasKeys)
        {
            options.ApiKeys.Clear();
        }

        var page = await client.GetStringAsync("log-in", Token);

        Assert.Equal(
            (hasKeys, hasOther, !hasKeys && !hasOther),
            (page.Contains("name=\"key\"", StringComparison.Ordinal), page.Contains("log-in/other", StringComparison.Ordinal),
                page.Contains("Only programs are served", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example/")]
    public async Task A_log_in_never_leads_to_another_host(string to)
    {
        using var client = Client(null);

        using var answer = await LogInAsync(client, _secrets[AccessRole.Viewer], to);

        Assert.Equal("/area/things/", answer.Headers.Location!.PathAndQuery());
    }

    [Fact]
    public async Task A_session_s_cookie_alone_changes_nothing()
    {
        using var client = Client(null);
        using var _ = await LogInAsync(client, _secrets[AccessRole.Operator], "/");

        Assert.Equal(403, await StatusAsync(client.PostAsync("act", null, Token)));
        Assert.Equal(400, await StatusAsync(client.PostAsync("act", new FormUrlEncodedContent([]), Token)));
        Assert.Equal(200, await StatusAsync(SendAsync(client, "act", ("Origin", _host.Urls.Single()))));
        Assert.Equal(200, await StatusAsync(SendAsync(client, "act", ("Sec-Fetch-Site", "same-origin"))));
        Assert.Equal(403, await StatusAsync(SendAsync(client, "act", ("Sec-Fetch-Site", "same-site"))));
    }

    [Fact]
    public async Task A_session_ends_at_once_when_its_key_is_taken_away()
    {
        using var client = Client(null);
        using var _ = await LogInAsync(client, _secrets[AccessRole.Viewer], "/");
        Assert.Equal(200, await StatusAsync(client.GetAsync("who", Token)));

        var options = _host.Services.GetRequiredService<Microsoft.Extensions.Options.IOptionsMonitor<ConsoleAccessOptions>>().CurrentValue;
        options.ApiKeys.RemoveAt(0);

        Assert.Equal(401, await StatusAsync(client.GetAsync("who", Token)));
    }

    [Fact]
    public async Task Another_log_in_gives_the_role_of_its_claims()
    {
        using var client = Client(null);
        Assert.Contains("log-in/other?to=", await client.GetStringAsync("log-in", Token), StringComparison.Ordinal);

        using var challenged = await client.GetAsync("log-in/other?to=%2Farea%2Fthings%2Fwho", Token);
        Assert.Equal("/area/things/who", challenged.Headers.Location!.PathAndQuery());

        Assert.Contains("Name = ada", await client.GetStringAsync("who", Token), StringComparison.Ordinal);
        Assert.Equal(200, await StatusAsync(SendAsync(client, "act", ("Origin", _host.Urls.Single()))));
        Assert.Equal(403, await StatusAsync(SendAsync(client, "set", ("Origin", _host.Urls.Single()))));
    }

    [Fact]
    public void A_policy_without_authorization_services_is_refused_when_it_is_mounted()
    {
        var host = WebApplication.CreateSlimBuilder().Build();

        var refused = Assert.Throws<InvalidOperationException>(() => host.MapConsole("/x", new ConsoleSection { Name = "X" }, ConsoleAccess.Policies("mine")));

        Assert.Contains("AddConsoleAccess", refused.Message, StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> GetPageAsync(HttpClient client, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Accept", "text/html");
        return await client.SendAsync(request, Token);
    }

    private static async Task<HttpResponseMessage> LogInAsync(HttpClient client, string secret, string to)
    {
        var page = await client.GetStringAsync("log-in", Token);
        return await client.PostAsync("log-in", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["__RequestVerificationToken"] = WebUtility.HtmlDecode(TokenField().Match(page).Groups[1].Value),
            ["key"] = secret,
            ["to"] = to,
        }), Token);
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, string path, (string Name, string Value) header)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Headers.Add(header.Name, header.Value);
        return client.SendAsync(request, Token);
    }

    private static async Task<int> StatusAsync(Task<HttpResponseMessage> asked)
    {
        using var answer = await asked;
        return (int)answer.StatusCode;
    }

    private HttpClient Client(string? secret)
    {
        var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(_root) };
        if (secret is not null)
        {
            client.DefaultRequestHeaders.Add("Authorization", "Bearer " + secret);
        }

        return client;
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex TokenField();

    /// <summary>Stands where OpenID Connect would: it comes back at once with a person and its groups, signed in to the session.</summary>
    private sealed class OtherLogIn(
        Microsoft.Extensions.Options.IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, System.Text.Encodings.Web.UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(AuthenticateResult.NoResult());

        protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
        {
            var person = new ClaimsIdentity([new Claim(ClaimTypes.Name, "ada"), new Claim("groups", "ops")], "other");
            await Context.SignInAsync(ConsolePolicies.SessionScheme, new ClaimsPrincipal(person));
            Response.Redirect(properties.RedirectUri!);
        }
    }
}
