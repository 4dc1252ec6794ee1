using System.Net;
using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.Catalog;
using DataPlatform.Quality.Lineage;
using DataPlatform.Quality.Profiles;
using DataPlatform.TestKit.Suites;

namespace DataPlatform.Quality.Tests.Web;

public sealed class PageTests(PagesFixture pages) : IClassFixture<PagesFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Paths => new()
    {
        { "", "7 tables" },
        { "?domain=sales", "3 tables" },
        { "?domain=-", "1 tables" },
        { "rules?outcome=fail", "amount is between 0 and 10,000" },
        { "rules?q=weather", "updated_at is at most 26 h old" },
        { "rules?tag=money", "net + tax = gross" },
        { "tables", "lake/flights" },
        { "tables?bad=1", "mart_revenue" },
        { "table?name=sales.orders", "Newest 30 runs" },
        { "table?name=sales.orders&tab=history", "email: share of NULL" },
        { "table?name=sales.orders&tab=partitions", "Columns by partition" },
        { "table?name=sales.orders&tab=partitions&metric=rows", "% of median" },
        { "table?name=sales.orders&tab=profile", "Percentiles" },
        { "table?name=sales.orders&tab=runs", "v160" },
        { "rule?key=sales.orders-daily/range-0", "Rows that break it" },
        { "incidents", "sales.orders: amount is between 0 and 10,000" },
        { "lineage?dataset=sales/orders", "Neighbourhood" },
        { "lineage?dataset=sales/orders&column=amount&depth=3", "reports/board" },
        { "lineage?dataset=nothing", "Nothing is known" },
        { "lineage", "What depends on what" },
        { "suites", "sales.orders-daily" },
        { "suite?name=sales.orders-daily", "larger orders are allowed now" },
        { "suite?name=sales.orders-daily&version=1", "max: 10000" },
        { "suite/edit?name=sales.orders-daily", "nothing is wrong with the text" },
        { "suite/edit?table=web.sessions", "web.sessions" },
        { "audit", "save" },
    };

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Every_page_answers_under_a_base_path_and_leads_only_to_pages_that_answer(string path, string words)
    {
        var html = FormSession.Unescape(await pages.Client.GetStringAsync(path, Token));

        Assert.Contains(words, html, StringComparison.Ordinal);
        Assert.DoesNotContain("src=\"http", html, StringComparison.Ordinal);
        foreach (var target in LinksOf(html).Select(link => new Uri(new Uri(pages.Client.BaseAddress!, path), link)).Where(pages.Followed.Add))
        {
            Assert.StartsWith(pages.Client.BaseAddress!.AbsoluteUri, target.AbsoluteUri, StringComparison.Ordinal);
            using var answer = await pages.Client.GetAsync(target, Token);
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path} leads to {target}: {answer.StatusCode}");
        }
    }

    [Fact]
    public async Task A_table_without_partitions_shows_its_columns_over_time_and_each_cell_of_its_rules_leads_to_a_run()
    {
        const string Table = "sales.customers";
        var profiles = pages.Demo.Console.Profiles!;
        var columns = (await profiles.ListAsync("sales.orders", cancellationToken: Token))[0].Columns;
        foreach (var day in new[] { 3, 1, 2 })
        {
            await profiles.PutAsync(new StoredProfile(Table, string.Empty, null, new DateTimeOffset(2001, 1, day, 8, 30, 0, TimeSpan.Zero), columns), Token);
        }

        var html = FormSession.Unescape(await pages.Client.GetStringAsync($"table?name={Table}&tab=partitions", Token));

        Assert.Contains("3 profiles of the whole table", html, StringComparison.Ordinal);
        Assert.DoesNotContain("Columns by partition", html, StringComparison.Ordinal);
        string[] times = ["profile 01-01 08:30", "profile 01-02 08:30", "profile 01-03 08:30"];
        Assert.Equal(times, times.OrderBy(t => html.IndexOf($"email, {t}", StringComparison.Ordinal)).Where(t => html.Contains($"email, {t}", StringComparison.Ordinal)));
        var run = (await pages.Demo.Console.Catalog.RunsAsync(Table, null, 1, Token))[0].RunId;
        Assert.Contains($"run?id={run}", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("table?name=none")]
    [InlineData("rule?key=a/b")]
    [InlineData("run?id=none")]
    [InlineData("incident?id=none")]
    [InlineData("suite?name=none")]
    [InlineData("suite/edit?name=none")]
    public async Task What_is_not_there_is_said_to_be_not_there(string path)
    {
        using var answer = await pages.Client.GetAsync(path, Token);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("There is no", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rules?severity=loud")]
    [InlineData("rules?after=x")]
    [InlineData("rule?key=x")]
    public async Task What_an_address_says_wrongly_is_said_on_a_page(string path)
    {
        using var answer = await pages.Client.GetAsync(path, Token);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("This cannot be shown", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_mount_without_its_slash_leads_to_the_one_with_it()
    {
        using var answer = await pages.Client.GetAsync(new Uri(pages.Client.BaseAddress!.AbsoluteUri.TrimEnd('/')), Token);

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal("/base/quality/", answer.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task What_is_in_the_data_is_escaped()
    {
        const string evil = "<script>alert(1)</script>";
        await using var demo = await DemoQuality.MakeAsync(Token);
        using var client = new HttpClient { BaseAddress = await demo.ServeAsync() };
        var verdict = new Verdict { RuleId = "x", Rule = evil, Kind = evil, Severity = Severity.Critical, Outcome = Outcome.Fail, Message = evil, Owner = evil, Tags = [evil], Sample = new RowSample([evil], [[evil]]) };
        await demo.Results.AppendAsync(
            new SuiteResult { RunId = "evil", Suite = evil, Table = evil, StartedAt = DemoQuality.Now, Duration = TimeSpan.Zero, Verdicts = [verdict], Queries = new QueryCounts() }, Token);
        var name = Uri.EscapeDataString(evil);

        foreach (var path in new[] { "", "rules", "tables", $"table?name={name}", $"table?name={name}&tab=partitions", $"rule?key={name}%2Fx", "run?id=evil", "run/report?id=evil", $"lineage?dataset={name}" })
        {
            Assert.DoesNotContain("<script>alert", await client.GetStringAsync(path, Token), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Feedback_on_a_point_changes_the_baseline_of_those_after_it_and_is_kept()
    {
        var series = SeriesName.Of("sales.orders", SeriesMeasure.Rows);
        var at = new DateTimeOffset(DemoQuality.Now.AddDays(-12).Date, TimeSpan.Zero);
        using var session = new FormSession(pages.Client.BaseAddress!);
        var before = await session.GetAsync("table?name=sales.orders&tab=history");

        var (status, after) = await session.SendAsync(
            "table?name=sales.orders&tab=history", "feedback", ("series", series), ("at", at.UtcDateTime.ToString("O")), ("says", "Real"), ("table", "sales.orders"));

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("kept out of baselines", after, StringComparison.Ordinal);
        Assert.Contains("said to be real", after, StringComparison.Ordinal);
        Assert.NotEqual(BandOf(before), BandOf(after));
        Assert.Equal(PointFeedback.Real, (await pages.Demo.Console.Series!.BeforeAsync(series, DemoQuality.Now, cancellationToken: Token)).Single(p => p.At == at).Feedback);
        Assert.Contains("mark real", await session.GetAsync("audit"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_incident_shows_lineage_causes_rows_and_history_and_is_acknowledged_muted_and_resolved_with_a_reason()
    {
        await using var demo = await DemoQuality.MakeAsync(Token);
        using var session = new FormSession(await demo.ServeAsync());
        var incident = (await demo.Console.Incidents!.ListAsync(cancellationToken: Token)).Single(i => i.Members.Count == 3);
        var path = $"incident?id={incident.Id}";

        var page = FormSession.Unescape(await session.GetAsync(path));
        var (_, acknowledged) = await session.SendAsync(path, "incident/act", ("id", incident.Id), ("do", "acknowledge"), ("reason", "on it"));
        var (_, muted) = await session.SendAsync(path, "incident/act", ("id", incident.Id), ("do", "mute"), ("hours", "4"), ("reason", ""));
        var (_, resolved) = await session.SendAsync(path, "incident/act", ("id", incident.Id), ("do", "resolve"), ("reason", "loaded again"));
        var (refused, _) = await session.SendAsync(path, "incident/act", ("id", incident.Id), ("do", "explode"), ("reason", ""));

        Assert.Contains("Likely causes", page, StringComparison.Ordinal);
        Assert.Contains("-12.5", page, StringComparison.Ordinal);
        Assert.Equal(3, page.Split("data-node=").Length - 1);
        Assert.Contains("<b>acknowledge by local</b> on it", acknowledged, StringComparison.Ordinal);
        Assert.Contains("muted until 2001-03-01 13:30", muted, StringComparison.Ordinal);
        Assert.Contains("opened anew", resolved, StringComparison.Ordinal);
        Assert.Equal(Quality.Alerts.AlertState.Resolved, (await demo.Alerts.FindAsync(incident.AlertKey, Token))!.State);
        Assert.Equal(HttpStatusCode.BadRequest, refused);
    }

    [Fact]
    public async Task What_a_person_says_of_lineage_is_drawn_kept_and_can_be_taken_back()
    {
        await using var demo = await DemoQuality.MakeAsync(Token);
        using var session = new FormSession(await demo.ServeAsync());
        (string, string)[] said = [("source", "sales/orders"), ("sourceColumn", "currency"), ("target", "lake/rates"), ("targetColumn", "currency"), ("reason", "a spreadsheet")];

        var (_, drawn) = await session.SendAsync("lineage?dataset=sales/orders", "lineage/annotate", [.. said, ("kind", "Direct")]);
        var kept = new LineageGraph();
        await new LineageKeeper(kept, new Quality.Sqlite.SqliteLineageStore(demo.Database)).LoadAsync(Token);
        var (_, denied) = await session.SendAsync("lineage?dataset=sales/orders", "lineage/annotate", [.. said, ("kind", "Denied")]);
        var (refused, _) = await session.SendAsync("lineage?dataset=sales/orders", "lineage/annotate", [.. said, ("kind", "Maybe")]);

        Assert.Contains("said by hand", drawn, StringComparison.Ordinal);
        Assert.Contains(kept.Index.Downstream(new ColumnId("sales/orders", "currency")), r => r.Column.Dataset == "lake/rates");
        Assert.DoesNotContain("said by hand", denied, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, refused);
    }

    [Fact]
    public async Task The_live_stream_tells_that_something_was_kept_by_whomever()
    {
        await using var demo = await DemoQuality.MakeAsync(Token);
        using var client = new HttpClient { BaseAddress = await demo.ServeAsync() };
        await using var stream = await client.GetStreamAsync("live", Token);
        using var reader = new StreamReader(stream);
        Assert.Equal(": listening", await reader.ReadLineAsync(Token));

        // The watch takes its first look after the reader came in: what is kept before it is no change to it.
        var writing = Task.Run(async () =>
        {
            while (!Token.IsCancellationRequested)
            {
                await demo.RunAgainAsync("sales.orders", Token);
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Token);
            }
        }, Token);
        string? line;
        do
        {
            line = await reader.ReadLineAsync(Token);
        }
        while (line is not null && !line.StartsWith("event:", StringComparison.Ordinal));

        Assert.Equal("event: changed", line);
        Assert.False(writing.IsFaulted);
    }

    private static IEnumerable<string> LinksOf(string html)
        => html.Split(" href=\"").Skip(1).Select(part => part[..part.IndexOf('"', StringComparison.Ordinal)]).Where(link => !link.StartsWith('#') && !link.StartsWith("data:", StringComparison.Ordinal)).Distinct();

    /// <summary>The area of the band of the rows' chart.</summary>
    private static string BandOf(string html)
    {
        var chart = html[html.IndexOf("aria-label=\"rows over time", StringComparison.Ordinal)..];
        return chart[chart.IndexOf("color-mix", StringComparison.Ordinal)..chart.IndexOf('Z', StringComparison.Ordinal)];
    }
}
