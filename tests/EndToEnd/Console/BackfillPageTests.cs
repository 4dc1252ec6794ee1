using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.TestKit.Browser;

namespace DataPlatform.EndToEnd.Console;

/// <summary>Backfills in a browser.</summary>
public sealed class BackfillPageTests(BrowserFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_backfill_is_tried_dry_then_made_and_followed_to_its_end()
    {
        await using var page = await fixture.OpenAsync();
        await using var site = await ConsoleSite.StartAsync(Token);
        await page.GoAsync(site.Root + "dag/daily");
        await page.FollowAsync("a[href*='backfills/new']");
        await page.GivesAsync("document.querySelector('[name=dag]').value", "daily");
        await page.FillAsync("[name=from]", "2026-01-01T00:00");
        await page.FillAsync("[name=to]", "2026-01-05T00:00");
        await page.FillAsync("[name=active]", "2");
        await page.FollowAsync("button[value=dry]");
        await page.HasTextAsync("#plan h2", "It would run 5 of 5 dates");
        await page.GivesAsync("document.querySelector('[name=active]').value", "2");
        Assert.Empty(await site.Store.ListBackfillsAsync(null, Token));

        await page.FollowAsync("button[value=start]");

        await page.UntilAsync("document.querySelector('#progress .badge.good')?.innerText === 'completed'");
        await page.HasTextAsync("#progress .dim", "5 of 5 dates");
        await page.HasCountAsync("tr[data-date] a", 5);
        Assert.Equal(5, (await site.Store.ListRunsAsync(new RunQuery { DagId = "daily" }, Token)).Count(run => run.Kind == DagRunKind.Backfill));
        await page.GoAsync(site.Root + "backfills");
        await page.HasCountAsync("tr[data-backfill]", 1);
        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task A_backfill_is_paused_resumed_and_cancelled()
    {
        await using var page = await fixture.OpenAsync();
        await using var site = await ConsoleSite.StartAsync(Token);
        var (backfill, _) = await site.Engine.BackfillAsync("held", new BackfillRequest
        {
            From = new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero),
            To = new DateTimeOffset(2026, 11, 6, 0, 0, 0, TimeSpan.Zero),
            MaxActiveRuns = 2,
        }, Token);
        await page.GoAsync(site.Root + $"backfill/{backfill!.Id}");
        foreach (var (verb, state) in (IReadOnlyList<(string, BackfillState)>)
            [("pause", BackfillState.Paused), ("resume", BackfillState.Running), ("cancel", BackfillState.Cancelled)])
        {
            await page.FollowAsync($"form[action$={verb}] button");
            await page.HasTextAsync("#progress .badge", state.ToString().ToLowerInvariant());
            Assert.Equal(state, (await site.Store.History.FindBackfillAsync(backfill.Id, Token))!.State);
        }

        await page.HasCountAsync(".title form", 0);
        Assert.Equal(3, (await site.Store.Audit.ListAsync(new AuditQuery { DagId = "held" }, Token)).Count(entry => entry.Outcome == AuditOutcome.Done));
    }

    [Fact]
    public async Task A_range_that_cannot_be_is_said_in_the_form()
    {
        await using var page = await fixture.OpenAsync();
        await using var site = await ConsoleSite.StartAsync(Token);
        await page.GoAsync(site.Root + "backfills/new?dag=daily");
        await page.FillAsync("[name=from]", "2026-01-05T00:00");
        await page.FillAsync("[name=to]", "2026-01-01T00:00");

        await page.FollowAsync("button[value=start]");

        await page.ShowsAsync("[role=alert]", "make no sense");
        Assert.Empty(await site.Store.ListBackfillsAsync(null, Token));
    }
}
