using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Web.Access;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.EndToEnd.Console;

/// <summary>Logging in, what a role sees, and the colour scheme, in a browser.</summary>
public sealed class LogInTests(BrowserFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_person_logs_in_sees_what_the_role_may_and_is_named_in_the_audit_log()
    {
        var (viewer, viewerSecret) = ApiKey.Create("vera", AccessRole.Viewer);
        var (acting, actingSecret) = ApiKey.Create("otto", AccessRole.Operator);
        await using var page = await fixture.OpenAsync();
        await using var site = await ConsoleSite.StartAsync(Token, ConsoleAccess.LoggedIn, builder => builder.Services.AddConsoleAccess(options =>
        {
            options.ApiKeys.Add(viewer);
            options.ApiKeys.Add(acting);
        }));
        await page.GoAsync(site.Root + "dag/daily/schedule");
        Assert.Equal("Log in", await page.TextAsync("h1"));
        await BrowserFixture.KeepAsync(page, "action-log-in");
        await page.FillAsync("[name=key]", "dp_wrong");
        await page.FollowAsync("main form button");
        Assert.Equal("This API key is not known.", await page.TextAsync("[role=alert]"));
        await page.FillAsync("[name=key]", viewerSecret);
        await page.FollowAsync("main form button");
        Assert.EndsWith("/dag/daily/schedule", (await page.EvaluateAsync("location.pathname")).GetString(), StringComparison.Ordinal);
        Assert.Equal(0, await page.CountAsync("main form[method=post]"));

        await page.FollowAsync("form[action$=log-out] button");
        await page.FillAsync("[name=key]", actingSecret);
        await page.FollowAsync("main form button");
        await page.GoAsync(site.Root + "dag/daily");
        await page.FollowAsync("form[action$=pause] button");

        Assert.Equal("otto", Assert.Single(await site.Store.Audit.ListAsync(new AuditQuery(), Token)).Actor);
        Assert.Contains("otto", await page.TextAsync(".who"), StringComparison.Ordinal);
        await page.GoAsync(site.Root + "audit?actor=vera");
        Assert.Equal(0, await page.CountAsync("tr[data-audit]"));
        await page.GoAsync(site.Root + "audit?actor=otto");
        Assert.Equal(1, await page.CountAsync("tr[data-audit]"));
    }

    [Fact]
    public async Task The_colour_scheme_follows_the_system_until_it_is_chosen_and_the_choice_stays()
    {
        const string Background = "getComputedStyle(document.body).backgroundColor";
        await using var page = await fixture.OpenAsync(isDark: false);
        await using var site = await ConsoleSite.StartAsync(Token);
        await page.GoAsync(site.Root);
        var light = (await page.EvaluateAsync(Background)).GetString();
        await page.ClickAsync("[data-theme-switch]");
        await page.UntilAsync("document.documentElement.dataset.theme === 'dark'");
        Assert.NotEqual(light, (await page.EvaluateAsync(Background)).GetString());

        await page.GoAsync(site.Root + "runs");
        Assert.Equal("dark", (await page.EvaluateAsync("document.documentElement.dataset.theme")).GetString());
        await page.SizeAsync(1400, 900, isDark: true);
        await page.ClickAsync("[data-theme-switch]");
        await page.UntilAsync("document.documentElement.dataset.theme === 'light'");
        Assert.Equal(light, (await page.EvaluateAsync(Background)).GetString());
    }
}
