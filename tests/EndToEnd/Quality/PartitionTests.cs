using DataPlatform.TestKit.Suites;

namespace DataPlatform.EndToEnd.QualityPages;

/// <summary>From the map of partitions to the rows that broke a rule in one of them.</summary>
public sealed class PartitionTests(BrowserFixture fixture)
{
    private const string Map = "#rules-by-partition svg a";

    [Fact]
    public async Task A_cell_of_the_map_leads_to_the_rows_that_break_the_rule_in_that_partition()
    {
        await using var visit = await fixture.OpenAsync();
        await visit.GoAsync("table?name=sales.orders&tab=partitions");
        Assert.Equal(4 * 30, await visit.Page.CountAsync(Map));
        await BrowserFixture.KeepAsync(visit.Page, "partition-map");

        await GoThroughAsync(visit, $"{Map}[href*='range-0'][href*='{DemoQuality.BrokenPartition["day=".Length..]}']");

        Assert.Contains(DemoQuality.BrokenPartition, await visit.Page.TextAsync("#state"), StringComparison.Ordinal);
        Assert.Contains("131 of", await visit.Page.TextAsync("#state"), StringComparison.Ordinal);
        Assert.Contains("-12.5", await visit.Page.TextAsync("#sample"), StringComparison.Ordinal);
        await BrowserFixture.KeepAsync(visit.Page, "partition");
        await visit.Page.FollowAsync("#state a[href*='rule?']");
        Assert.Equal(30, await visit.Page.CountAsync("#partitions tbody tr"));
        await BrowserFixture.KeepAsync(visit.Page, "rule-partitions");
    }

    [Fact]
    public async Task Partitions_by_version_show_when_one_of_them_changed()
    {
        await using var visit = await fixture.OpenAsync();
        await visit.GoAsync("table?name=sales.orders&tab=partitions");
        const string restated = "#partitions-by-version svg a[aria-label^='" + DemoQuality.RestatedPartition + ",']";
        Assert.Contains(": 0 %", await LabelAsync(restated, first: true), StringComparison.Ordinal);
        Assert.DoesNotContain(": 0 %", await LabelAsync(restated, first: false), StringComparison.Ordinal);

        await visit.Page.FillAsync("#partitions-by-version select[name=rule]", "sales.orders-daily/not-null-0");
        await visit.Page.UntilAsync("location.search.includes('not-null-0') && document.querySelector('#partitions-by-version svg')");
        Assert.Contains("id is not null", (await visit.Page.EvaluateAsync("document.querySelector('#partitions-by-version svg').ariaLabel")).GetString(), StringComparison.Ordinal);

        await visit.GoAsync("table?name=sales.orders&tab=partitions");
        await GoThroughAsync(visit, restated);
        Assert.Equal(2, await visit.Page.CountAsync("#changes tbody tr"));
        Assert.Equal(["fail", "pass"], await visit.Page.TextsAsync("#changes .badge"));

        async Task<string> LabelAsync(string cells, bool first)
            => (await visit.Page.EvaluateAsync($"Array.from(document.querySelectorAll(\"{cells}\")).at({(first ? 0 : -1)}).getAttribute('aria-label')")).GetString()!;
    }

    /// <summary>By keyboard: a link inside a picture takes the focus as any other.</summary>
    private static async Task GoThroughAsync(Visit visit, string link)
    {
        await visit.Page.EvaluateAsync($"document.querySelector(\"{link}\").focus()");
        await visit.Page.PressAsync("Enter");
        await visit.Page.UntilAsync("location.pathname.endsWith('/partition') && document.readyState === 'complete' && document.querySelector('#state')");
    }
}
