using System.Net;
using System.Net.Http.Headers;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.TestKit.Browser;
using DataPlatform.Web.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.EndToEnd.Console;

/// <summary>Logging in with an OpenID provider, and its tokens at the API: roles come from a claim.</summary>
public sealed class OpenIdTests(BrowserFixture fixture) : IAsyncLifetime
{
    private readonly (ApiKey Key, string Secret) _key = ApiKey.Create("a-key", AccessRole.Admin);
    private OpenIdProvider _provider = null!;
    private ConsoleSite _site = null!;

    /// <summary>Where the provider led the last person back to.</summary>
    private Uri? _led;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Origin => new Uri(_site.Root).GetLeftPart(UriPartial.Authority);

    public async ValueTask InitializeAsync()
    {
        _provider = await OpenIdProvider.StartAsync(Token);
        _site = await ConsoleSite.StartAsync(Token, ConsoleAccess.LoggedIn, Wire);
        _provider.RedirectUri = Origin + "/base/signin-oidc";
    }

    public async ValueTask DisposeAsync()
    {
        await _site.DisposeAsync();
        await _provider.DisposeAsync();
    }

    [Theory]
    [InlineData("vera", 403, 403)]
    [InlineData("otto", 204, 403)]
    [InlineData("ada", 204, 201)]
    public async Task A_person_logs_in_with_a_code_and_may_what_the_groups_give(string person, int pauses, int makesPool)
    {
        using var client = Client(out var handler);

        using var landed = await LogInAsync(client, person, "dag/daily/schedule");

        Assert.Equal(HttpStatusCode.OK, landed.StatusCode);
        Assert.EndsWith("/dag/daily/schedule", landed.RequestMessage!.RequestUri!.AbsolutePath, StringComparison.Ordinal);
        Assert.Contains($"{person} · log out", await landed.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.NotEmpty(_provider.LastRequest["nonce"]);
        Assert.NotEmpty(_provider.LastRequest["code_challenge"]);
        Assert.Equal(pauses, await StatusAsync(client, HttpMethod.Post, "api/dags/daily/pause"));
        Assert.Equal(makesPool, await StatusAsync(client, HttpMethod.Post, "api/pools", """{"name":"db","slots":1}"""));
        Assert.All(await _site.Store.Audit.ListAsync(new AuditQuery(), Token), entry => Assert.Equal(person, entry.Actor));

        // The cookie alone, as a foreign page would send it, does nothing.
        using var foreign = new HttpRequestMessage(HttpMethod.Post, "api/dags/daily/resume");
        Assert.Equal(HttpStatusCode.Forbidden, (await client.SendAsync(foreign, Token)).StatusCode);
        Assert.Equal(1, handler.CookieContainer.GetCookies(new Uri(_site.Root)).Count(cookie => cookie.Name == "dp-session"));
    }

    [Fact]
    public async Task A_person_in_no_group_of_the_console_is_told_so()
    {
        using var client = Client(out _);

        using var refused = await LogInAsync(client, "nobody", "");

        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains("'nobody' may not do this: it needs another role", await refused.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_the_provider_did_not_sign_and_a_code_that_was_used_open_no_session()
    {
        using var client = Client(out var handler);
        _provider.Forges = true;
        using (var forged = await LogInAsync(client, "ada", ""))
        {
            Assert.False(forged.IsSuccessStatusCode);
        }

        _provider.Forges = false;
        using var good = await LogInAsync(client, "ada", "");
        Assert.Equal(HttpStatusCode.OK, good.StatusCode);

        // The address a browser was led back to, asked for again: its code and state are used up.
        using var again = Client(out var stranger);
        using var replayed = await again.GetAsync(_led!, Token);
        Assert.False(replayed.IsSuccessStatusCode);
        Assert.DoesNotContain(stranger.CookieContainer.GetCookies(new Uri(_site.Root)), cookie => cookie.Name == "dp-session");
        Assert.Contains(handler.CookieContainer.GetCookies(new Uri(_site.Root)), cookie => cookie.Name == "dp-session");
    }

    [Fact]
    public async Task A_program_shows_a_token_to_the_api_and_has_the_role_of_its_groups()
    {
        Assert.Equal((200, 403, 403), await AsAsync(_provider.ApiToken("vera")));
        Assert.Equal((200, 204, 403), await AsAsync(_provider.ApiToken("otto")));
        Assert.Equal((200, 204, 201), await AsAsync(_provider.ApiToken("ada")));
        Assert.Equal((403, 403, 403), await AsAsync(_provider.ApiToken("nobody")));
        Assert.Equal((401, 401, 401), await AsAsync(_provider.ApiToken("ada", audience: "another")));
        Assert.Equal((401, 401, 401), await AsAsync(_provider.ApiToken("ada", lifetime: TimeSpan.FromMinutes(-30))));
        _provider.Forges = true;
        Assert.Equal((401, 401, 401), await AsAsync(_provider.ApiToken("ada")));
        Assert.Equal((401, 401, 401), await AsAsync("dp_wrong"));
        Assert.Equal((200, 204, 409), await AsAsync(_key.Secret));
        Assert.Equal(
            ["a-key", "a-key", "ada", "ada", "otto"], (await _site.Store.Audit.ListAsync(new AuditQuery(), Token)).Select(entry => entry.Actor));
    }

    [Fact]
    public async Task The_log_in_works_in_a_browser_and_back()
    {
        await using var page = await fixture.OpenAsync();
        await page.GoAsync(_site.Root + "dag/daily/schedule");
        await BrowserFixture.KeepAsync(page, "openid-log-in");
        await page.FollowAsync("a[href*='log-in/other']");
        await page.HasTextAsync("h1", "Who are you?");
        await page.FillAsync("[name=person]", "otto");
        await page.FollowAsync("button");

        await page.UntilAsync("location.pathname.endsWith('/dag/daily/schedule')");
        await page.ShowsAsync(".who", "otto");
        await BrowserFixture.KeepAsync(page, "openid-logged-in");
        await page.FollowAsync("form[action$=pause] button");
        Assert.Equal("otto", Assert.Single(await _site.Store.Audit.ListAsync(new AuditQuery(), Token)).Actor);
        await page.FollowAsync("form[action$=log-out] button");
        await page.HasTextAsync("h1", "Log in");
        Assert.Empty(page.Errors);
    }

    /// <summary>As the README says it, and without TLS, which a provider elsewhere must have.</summary>
    private void Wire(WebApplicationBuilder builder) => builder.Services.AddConsoleAccess(options =>
        {
            options.ApiKeys.Add(_key.Key);
            (options.ChallengeScheme, options.BearerScheme, options.RoleClaim) = ("oidc", "jwt", "groups");
            options.Roles["data-viewers"] = AccessRole.Viewer;
            options.Roles["data-operators"] = AccessRole.Operator;
            options.Roles["data-admins"] = AccessRole.Admin;
        })
        .AddOpenIdConnect("oidc", options =>
        {
            (options.Authority, options.ClientId, options.ClientSecret) = (_provider.Root, OpenIdProvider.Client, OpenIdProvider.Secret);
            (options.ResponseType, options.ResponseMode, options.MapInboundClaims) = ("code", "query", false);
            options.TokenValidationParameters.NameClaimType = "preferred_username";
            options.RequireHttpsMetadata = false;
            foreach (var cookie in (CookieBuilder[])[options.CorrelationCookie, options.NonceCookie])
            {
                (cookie.SameSite, cookie.SecurePolicy) = (SameSiteMode.Lax, CookieSecurePolicy.SameAsRequest);
            }
        })
        .AddJwtBearer("jwt", options =>
        {
            (options.Authority, options.Audience, options.MapInboundClaims) = (_provider.Root, OpenIdProvider.ApiAudience, false);
            options.TokenValidationParameters.NameClaimType = "preferred_username";
            options.RequireHttpsMetadata = false;
        });

    private HttpClient Client(out HttpClientHandler handler)
    {
        handler = new HttpClientHandler();
        var client = new HttpClient(handler) { BaseAddress = new Uri(_site.Root) };
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
        return client;
    }

    /// <summary>Goes to a page, over the log-in page and the provider, and back: redirections are followed as a browser does.</summary>
    private async Task<HttpResponseMessage> LogInAsync(HttpClient client, string person, string page)
    {
        using var asked = await client.GetAsync(page, Token);
        Assert.EndsWith("/log-in", asked.RequestMessage!.RequestUri!.AbsolutePath, StringComparison.Ordinal);
        var to = Uri.EscapeDataString(new Uri(_site.Root + page).AbsolutePath);
        using var provider = await client.GetAsync($"log-in/other?to={to}", Token);
        Assert.StartsWith(_provider.Root, provider.RequestMessage!.RequestUri!.AbsoluteUri, StringComparison.Ordinal);
        using var form = new FormUrlEncodedContent(_provider.LastRequest.Append(new("person", person)));
        using var manual = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        using var granted = await manual.PostAsync(_provider.Root + "/authorize", form, Token);
        _led = granted.Headers.Location;
        return await client.GetAsync(_led, Token);
    }

    private async Task<int> StatusAsync(HttpClient client, HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Add("Origin", Origin);
        request.Content = body is null ? null : new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await client.SendAsync(request, Token);
        return (int)response.StatusCode;
    }

    private async Task<(int Looks, int Pauses, int MakesPool)> AsAsync(string token)
    {
        using var client = new HttpClient { BaseAddress = new Uri(_site.Root) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var body = new StringContent("""{"name":"db","slots":1}""", System.Text.Encoding.UTF8, "application/json");
        return (
            (int)(await client.GetAsync("api/dags", Token)).StatusCode,
            (int)(await client.PostAsync("api/dags/daily/pause", null, Token)).StatusCode,
            (int)(await client.PostAsync("api/pools", body, Token)).StatusCode);
    }
}
