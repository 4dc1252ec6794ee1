using DataPlatform.Orchestrator.Metadata;
using DataPlatform.TestKit.Browser;
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
        await page.HasTextAsync("h1", "Log in");
        await BrowserFixture.KeepAsync(page, "action-log-in");
        await page.FillAsync("[name=key]", "dp_wrong");
        await page.FollowAsync("main form button");
        await page.HasTextAsync("[role=alert]", "This API key is not known.");
        await page.FillAsync("[name=key]", viewerSecret);
        await page.FollowAsync("main form button");
        await page.UntilAsync("location.pathname.endsWith('/dag/daily/schedule')");
        await page.HasCountAsync("main form[method=post]", 0);

        await page.FollowAsync("form[action$=log-out] button");
        await page.FillAsync("[name=key]", actingSecret);
        await page.FollowAsync("main form button");
        await page.GoAsync(site.Root + "dag/daily");
        await page.FollowAsync("form[action$=pause] button");

        Assert.Equal("otto", Assert.Single(await site.Store.Audit.ListAsync(new AuditQuery(), Token)).Actor);
        await page.ShowsAsync(".who", "otto");
        await page.GoAsync(site.Root + "audit?actor=vera");
        await page.HasCountAsync("tr[data-audit]", 0);
        await page.GoAsync(site.Root + "audit?actor=otto");
        await page.HasCountAsync("tr[data-audit]", 1);
    }

    [Fact]
    public async Task The_colour_scheme_follows_the_system_until_it_is_chosen_and_the_choice_stays()
    {
        const string Background = "getComputedStyle(document.body).backgroundColor";
        await using var page = await fixture.OpenAsync(isDark: false);
        await using var site = await ConsoleSite.StartAsync(Token);
        await page.GoAsync(site.Root);
        var light = (await page.EvaluateAsync(Background)).GetString()!;
        await page.ClickAsync("[data-theme-switch]");
        await page.UntilAsync("document.documentElement.dataset.theme === 'dark'");
        await page.UntilAsync($"{Background} !== '{light}'");

        await page.GoAsync(site.Root + "runs");
        await page.GivesAsync("document.documentElement.dataset.theme", "dark");
        await page.SizeAsync(1400, 900, isDark: true);
        await page.ClickAsync("[data-theme-switch]");
        await page.UntilAsync("document.documentElement.dataset.theme === 'light'");
        await page.GivesAsync(Background, light);
    }
}
