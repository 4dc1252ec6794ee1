using DataPlatform.TestKit.Browser;

namespace DataPlatform.EndToEnd.QualityPages;

/// <summary>Every page, light and dark, on a phone and on a wall: it fits, no script fails, nothing comes from elsewhere.</summary>
public sealed class LookTests(BrowserFixture fixture)
{
    [Fact]
    public async Task Every_page_fits_its_screen_without_an_error_light_and_dark_narrow_and_wide()
    {
        await using var visit = await fixture.OpenAsync();
        var page = visit.Page;
        var incident = (await visit.Demo.Console.Incidents!.ListAsync(cancellationToken: TestContext.Current.CancellationToken)).Single(i => i.Members.Count == 3);
        var run = (await visit.Demo.Console.Catalog.RunsAsync("sales.orders", null, 1, TestContext.Current.CancellationToken))[0];
        (string Name, string Path)[] pages =
        [
            ("overview", ""), ("overview-domain", "?domain=sales"), ("rules", "rules"), ("tables", "tables"), ("table", "table?name=sales.orders"),
            ("table-history", "table?name=sales.orders&tab=history"), ("table-partitions", "table?name=sales.orders&tab=partitions"),
            ("table-profile", "table?name=sales.orders&tab=profile"), ("table-runs", "table?name=sales.orders&tab=runs"), ("rule", "rule?key=sales.orders-daily/range-0"),
            ("run", $"run?id={run.RunId}"), ("incidents", "incidents"), ("incident", $"incident?id={incident.Id}"), ("lineage", "lineage?dataset=sales/orders&depth=3"),
            ("lineage-column", "lineage?dataset=sales/orders&column=amount&depth=3"), ("lineage-start", "lineage"), ("suites", "suites"),
            ("suite", "suite?name=sales.orders-daily"), ("editor", "suite/edit?name=sales.orders-daily"), ("audit", "audit"), ("missing", "table?name=none"),
        ];
        foreach (var (name, path) in pages)
        {
            foreach (var (width, isDark) in (IReadOnlyList<(int, bool)>)[(1400, false), (1400, true), (360, false), (360, true), (2560, false)])
            {
                await page.SizeAsync(width, width < 600 ? 760 : 900, isDark);
                await visit.GoAsync(path);
                await page.GivesAsync($"/* {name} at {width} px */ Math.max(0, document.documentElement.scrollWidth - innerWidth)", "0");
                await BrowserFixture.KeepAsync(page, $"{name}-{width}-{(isDark ? "dark" : "light")}");
            }
        }

        Assert.DoesNotContain(page.Errors, error => !error.Contains("404", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_page_is_walked_by_keyboard_from_the_link_that_skips_the_head()
    {
        await using var visit = await fixture.OpenAsync();
        await visit.GoAsync("rules");

        await visit.Page.PressAsync("Tab");
        await visit.Page.GivesAsync("document.activeElement.innerText", "Skip to the page");
        await visit.Page.PressAsync("/");
        await visit.Page.UntilAsync("document.activeElement.name === 'q'");
        await visit.Page.FillAsync("input[name=q]", "weather");
        await visit.Page.PressAsync("Enter");

        await visit.Page.UntilAsync("location.search.includes('q=weather') && document.querySelector('.rules')");
        await visit.Page.UntilAsync("[...document.querySelectorAll('.rules td.rule')].every(rule => rule.innerText.includes('weather'))");
    }
}
