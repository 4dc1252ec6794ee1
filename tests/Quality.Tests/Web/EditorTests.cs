using System.Net;
using DataPlatform.TestKit.Suites;

namespace DataPlatform.Quality.Tests.Web;

public sealed class EditorTests(PagesFixture pages) : IClassFixture<PagesFixture>
{
    private const string Good = "table: sales.orders\nsuite: mine\nrules:\n  - kind: range\n    column: amount\n    min: 0\n";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Check_says_what_is_wrong_by_line_and_keeps_what_was_typed()
    {
        var page = await DoAsync("check", Good.Replace("min: 0", "min: [0]", StringComparison.Ordinal));

        Assert.Contains("6:5", page, StringComparison.Ordinal);
        Assert.Contains("min: [0]", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Try_runs_the_rules_on_a_sample_and_says_what_follows_for_the_table()
    {
        var page = await DoAsync("try", Good, ("rows", "2000"));

        Assert.Contains("A sample of 2,000 rows of sales/orders@160", page, StringComparison.Ordinal);
        Assert.Contains("of rows would break it", page, StringComparison.Ordinal);
        Assert.Contains("-1.5", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_suggestion_is_added_by_one_button_and_not_suggested_again()
    {
        var suggested = await DoAsync("suggest", Good);
        var taken = await DoAsync("take:{\"kind\":\"not-null\",\"column\":\"id\"}", Good);

        Assert.Contains("{\"kind\":\"not-null\",\"column\":\"id\"}", suggested, StringComparison.Ordinal);
        Assert.Contains("kind: not-null", taken, StringComparison.Ordinal);
        Assert.DoesNotContain("take:{\"kind\":\"not-null\",\"column\":\"id\"}", taken, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_form_adds_changes_and_removes_rules_of_the_text()
    {
        var added = await DoAsync("add", Good, ("kind", "set"), ("f-column", "currency"), ("f-values", "EUR, USD"), ("f-threshold", "0.5%"));
        var changed = await DoAsync("apply", Good, ("severity-0", "warning"), ("threshold-0", "3"));
        var removed = await DoAsync("remove:0", Good);
        var missing = await DoAsync("remove:7", Good);

        Assert.Contains("- EUR", added, StringComparison.Ordinal);
        Assert.Contains("2 rules, nothing is wrong", added, StringComparison.Ordinal);
        Assert.Contains("severity: warning", changed, StringComparison.Ordinal);
        Assert.Contains("threshold: 3", changed, StringComparison.Ordinal);
        Assert.Contains("0 rules, nothing is wrong", removed, StringComparison.Ordinal);
        Assert.Contains("has no rule 8", missing, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_text_is_written_in_the_other_notation_without_losing_a_rule()
    {
        var page = await DoAsync("write:json", Good);

        Assert.Contains("\"kind\": \"range\"", page, StringComparison.Ordinal);
        Assert.Contains("1 rules, nothing is wrong", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Saving_makes_a_version_with_author_and_reason_and_refuses_what_was_overtaken_or_is_wrong()
    {
        var text = Good.Replace("mine", "saved", StringComparison.Ordinal);
        var saved = await DoAsync("save", text, ("reason", "a start"));
        var again = await DoAsync("save", text, ("base", "saved"), ("version", "1"), ("reason", "more"));
        var late = await DoAsync("save", text, ("base", "saved"), ("version", "1"), ("reason", "too late"));
        var wrong = await DoAsync("save", "table: x", ("reason", ""));

        Assert.Contains("Saved as version 1.", saved, StringComparison.Ordinal);
        Assert.Contains("Saved as version 2.", again, StringComparison.Ordinal);
        Assert.Contains("is at version 2; 2 was to be saved", late, StringComparison.Ordinal);
        Assert.Contains("The text has 1 problems", wrong, StringComparison.Ordinal);
        Assert.Equal(["more", "a start"], (await pages.Demo.Console.Suites!.VersionsAsync("saved", null, 10, Token)).Select(v => v.Reason));
    }

    [Fact]
    public async Task A_number_of_rows_and_a_share_are_both_thresholds_that_the_form_can_add()
    {
        var rows = await DoAsync("add", Good, ("kind", "not-null"), ("f-column", "id"), ("f-threshold", "5"));
        var share = await DoAsync("add", Good, ("kind", "not-null"), ("f-column", "id"), ("f-threshold", "0.1%"));

        Assert.Contains("2 rules, nothing is wrong", rows, StringComparison.Ordinal);
        Assert.Contains("2 rules, nothing is wrong", share, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_without_its_token_or_from_another_site_does_nothing()
    {
        using var client = new HttpClient { BaseAddress = pages.Client.BaseAddress };
        var form = new Dictionary<string, string> { ["do"] = "save", ["notation"] = "yaml", ["text"] = Good, ["version"] = "0" };
        using var bare = await client.PostAsync("suite/edit", new FormUrlEncodedContent(form), Token);
        using var foreign = new HttpRequestMessage(HttpMethod.Post, "suite/edit") { Content = new FormUrlEncodedContent(form) };
        foreign.Headers.Add("Origin", "https://elsewhere.example");
        using var refused = await client.SendAsync(foreign, Token);

        Assert.Equal(HttpStatusCode.BadRequest, bare.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Null(await pages.Demo.Console.Suites!.FindAsync("mine", cancellationToken: Token));
    }

    private async Task<string> DoAsync(string action, string text, params (string Name, string Value)[] fields)
    {
        using var session = new FormSession(pages.Client.BaseAddress!);
        (string, string)[] all = [("do", action), ("text", text), ("notation", "yaml"), .. fields];
        var (status, page) = await session.SendAsync("suite/edit", "suite/edit", all);
        Assert.Equal(HttpStatusCode.OK, status);
        return page;
    }
}
