using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.TestKit.Browser;

namespace DataPlatform.EndToEnd.Console;

/// <summary>Every page, light and dark, on a phone and on a desk: it fits, no script fails, nothing comes from elsewhere.</summary>
public sealed class LookTests(BrowserFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_page_fits_its_screen_without_an_error_light_and_dark_narrow_and_wide()
    {
        await using var page = await fixture.OpenAsync();
        await using var site = await ConsoleSite.StartAsync(Token);
        var mart = await site.RunAsync("mart", Token);
        await site.RunAsync("mart", Token);
        var wide = await site.RunAsync("wide", Token);
        site.Feed.Publish(new DatasetVersion(new DatasetId("lake/orders"), 3));
        var slow = await site.Engine.TriggerAsync("slow", cancellationToken: Token);
        var (backfill, _) = await site.Engine.BackfillAsync("daily", new BackfillRequest
        {
            From = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
            To = new DateTimeOffset(2026, 1, 20, 0, 0, 0, TimeSpan.Zero),
            MaxActiveRuns = 4,
        }, Token);
        await ConsoleSite.UntilAsync(async () => (await site.Store.History.FindBackfillAsync(backfill!.Id, Token))!.State == BackfillState.Completed, Token);
        var versions = await site.Store.History.ListVersionsAsync("mart", null, 10, Token);
        (string Name, string Path)[] pages =
        [
            ("dags", ""), ("grid", "dag/mart"), ("grid-wide", "dag/wide"), ("graph", "dag/mart/graph"), ("graph-wide", "dag/wide/graph"),
            ("graph-open", "dag/wide/graph?groups=open"), ("runs", "dag/mart/runs"), ("calendar", "dag/daily/calendar?year=2026"),
            ("schedule", "dag/mart/schedule"), ("versions", $"dag/mart/versions?from={versions[1].Hash}&to={versions[0].Hash}"),
            ("dag-backfills", "dag/daily/backfills"), ("trigger", "dag/report/trigger"), ("run", $"run/{mart.Id}"), ("run-slow", $"run/{slow}"),
            ("run-wide", $"run/{wide.Id}"), ("run-graph", $"run/{mart.Id}/graph"), ("gantt", $"run/{wide.Id}/gantt"), ("task", $"run/{mart.Id}/task?task=fails"),
            ("task-waiting", $"run/{slow}/task?task=wants"), ("log", $"run/{mart.Id}/log?task=gate"), ("clear", $"run/{mart.Id}/clear?task=gate"),
            ("mark", $"run/{mart.Id}/mark?task=fails&state=Success"), ("all-runs", "runs"), ("backfills", "backfills"), ("backfill", $"backfill/{backfill!.Id}"),
            ("backfill-new", "backfills/new?dag=daily"), ("pools", "pools"), ("pool", "pools/change?name=narrow"), ("pool-new", "pools/new"), ("datasets", "datasets"), ("audit", "audit"), ("missing", "run/99999"),
        ];
        foreach (var (name, path) in pages)
        {
            foreach (var (width, isDark) in (IReadOnlyList<(int, bool)>)[(1400, false), (1400, true), (360, false), (360, true)])
            {
                await page.SizeAsync(width, width < 600 ? 760 : 900, isDark);
                await page.GoAsync(site.Root + path);
                await SettledAsync(page, path);
                await page.GivesAsync($"/* {name} at {width} px */ Math.max(0, document.documentElement.scrollWidth - innerWidth)", "0");
                await BrowserFixture.KeepAsync(page, $"{name}-{width}-{(isDark ? "dark" : "light")}");
            }
        }

        Assert.DoesNotContain(page.Errors, error => !error.Contains("404", StringComparison.Ordinal));
    }

    private static async Task SettledAsync(BrowserPage page, string path)
    {
        await page.HasCountAsync("main h1", 1);
        if (path is "dag/mart" or "dag/wide")
        {
            await page.UntilAsync("document.querySelector('.matrix .row')");
        }
    }
}
