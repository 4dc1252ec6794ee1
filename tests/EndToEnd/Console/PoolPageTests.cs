using DataPlatform.Orchestrator.Metadata;
using DataPlatform.TestKit.Browser;
using DataPlatform.Web.Access;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.EndToEnd.Console;

/// <summary>Pools in a browser.</summary>
public sealed class PoolPageTests(BrowserFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pool_is_made_changed_and_deleted()
    {
        await using var page = await fixture.OpenAsync();
        await using var site = await ConsoleSite.StartAsync(Token);
        await page.GoAsync(site.Root + "pools");
        await page.FollowAsync("a[href$='pools/new']");
        await page.FillAsync("[name=name]", "narrow");
        await page.FillAsync("[name=slots]", "4");
        await page.FollowAsync("main form button.primary");
        await page.HasTextAsync("[role=alert]", "there is a pool 'narrow' already.");
        await page.GivesAsync("document.querySelector('[name=slots]').value", "4");
        await BrowserFixture.KeepAsync(page, "action-pool-refused");
        await page.FillAsync("[name=name]", "warehouse");
        await page.FillAsync("[name=description]", "sessions of the warehouse");
        await page.FollowAsync("main form button.primary");
        await page.HasTextAsync(".notice", "Pool warehouse was made.");
        await page.HasTextsAsync("tr[data-pool] td:first-child", "default", "narrow", "warehouse");

        await page.FollowAsync("tr[data-pool=warehouse] a");
        await page.FillAsync("[name=slots]", "7");
        await page.FollowAsync("main form button.primary");
        await page.HasTextsAsync("tr[data-pool=warehouse] td.num", "7", "0", "7", "0");
        await page.HasTextAsync("tr[data-pool=warehouse] td.wrap", "sessions of the warehouse");
        await BrowserFixture.KeepAsync(page, "action-pool-changed");

        await page.FollowAsync("tr[data-pool=warehouse] a");
        await BrowserFixture.KeepAsync(page, "action-pool");
        await page.FollowAsync("form[action$='pools/delete'] button");
        await page.HasTextAsync(".notice", "Pool warehouse is gone.");
        await page.HasTextsAsync("tr[data-pool] td:first-child", "default", "narrow");
        Assert.Equal(
            ["pool.delete Done", "pool.set Done", "pool.create Done", "pool.create Refused"],
            (await site.Store.Audit.ListAsync(new AuditQuery(), Token)).Select(entry => $"{entry.Action} {entry.Outcome}"));
        Assert.DoesNotContain(page.Errors, error => !error.Contains("409", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pool_that_grows_lets_what_waited_run_and_a_configured_one_cannot_be_deleted()
    {
        await using var page = await fixture.OpenAsync();
        await using var site = await ConsoleSite.StartAsync(Token);
        var id = await site.Engine.TriggerAsync("slow", cancellationToken: Token);
        await page.GoAsync(site.Root + "pools");
        await page.HasTextsAsync("tr[data-pool=narrow] td.num", "1", "1", "0", "1");
        await page.FollowAsync("tr[data-pool=narrow] a");
        await page.HasCountAsync("form[action$='pools/delete']", 0);

        await page.FillAsync("[name=slots]", "2");
        await page.FollowAsync("main form button.primary");

        await page.HasTextsAsync("tr[data-pool=narrow] td.num", "2", "1", "1", "0");
        await ConsoleSite.UntilAsync(async () => (await site.Store.ListTaskInstancesAsync(id, Token)).Any(
            task => task is { TaskId: "wants", State: Orchestrator.Runs.TaskState.Success }), Token);
        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task An_operator_sees_pools_and_no_way_to_change_them()
    {
        var (acting, secret) = ApiKey.Create("otto", AccessRole.Operator);
        await using var page = await fixture.OpenAsync();
        await using var site = await ConsoleSite.StartAsync(
            Token, ConsoleAccess.LoggedIn, builder => builder.Services.AddConsoleAccess(options => options.ApiKeys.Add(acting)));
        await page.GoAsync(site.Root + "pools");
        await page.FillAsync("[name=key]", secret);
        await page.FollowAsync("main form button");

        await page.HasTextsAsync("tr[data-pool] td:first-child", "default", "narrow");
        await page.HasCountAsync("a[href*='pools/new'], a[href*='pools/change']", 0);
        await page.GoAsync(site.Root + "pools/change?name=narrow");
        await page.HasCountAsync("form[action*=pools]", 0);
    }
}
