using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using DataPlatform.TestKit.Suites;

namespace DataPlatform.Quality.Tests.Web;

public sealed class ApiTests(PagesFixture pages) : IClassFixture<PagesFixture>
{
    private const string Suite = """{"suite":"by-api","table":"sales.orders","rules":[{"kind":"range","column":"amount","min":0}]}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("api/overview", "rules")]
    [InlineData("api/overview?domain=sales", "worst")]
    [InlineData("api/tables?bad=true", "items")]
    [InlineData("api/table?name=sales.orders", "rules")]
    [InlineData("api/rules?outcome=fail&limit=2", "next")]
    [InlineData("api/rule?key=sales.orders-daily/range-0", "verdict")]
    [InlineData("api/runs?table=sales.orders&limit=3", "next")]
    [InlineData("api/series/points?name=sales.orders%2Frows", "points")]
    [InlineData("api/partitions?table=sales.orders&limit=5", "next")]
    [InlineData("api/partition?key=sales.orders-daily/range-0&name=day%3D2001-02-28", "changes")]
    [InlineData("api/profile?table=sales.orders", "columns")]
    [InlineData("api/lineage?dataset=sales/orders&column=amount", "nodes")]
    [InlineData("api/suite?name=sales.orders-daily", "text")]
    [InlineData("api/suites", "items")]
    [InlineData("api/suite/versions?name=sales.orders-daily", "items")]
    [InlineData("api/suites/schema", "properties")]
    [InlineData("api/incidents?limit=1", "next")]
    [InlineData("api/audit", "items")]
    public async Task Every_read_answers_with_json(string path, string property)
        => Assert.True((await GetAsync(path)).TryGetProperty(property, out _));

    [Theory]
    [InlineData("api/rule/history?key=sales.orders-daily/range-0")]
    [InlineData("api/series?table=sales.orders")]
    [InlineData("api/lineage/impact?dataset=sales/orders&column=amount")]
    [InlineData("api/lineage/origins?dataset=mart_revenue&column=amount")]
    [InlineData("api/suites/suggestions?table=sales.orders&sampleRows=2000")]
    public async Task Every_list_answers_with_json(string path) => Assert.NotEmpty((await GetAsync(path)).EnumerateArray());

    [Fact]
    public async Task Pages_of_rules_go_on_where_the_one_before_ended()
    {
        HashSet<string> seen = [];
        string? next = null;
        do
        {
            var page = await GetAsync($"api/rules?limit=10{(next is null ? "" : $"&after={next}")}");
            Assert.All(page.GetProperty("items").EnumerateArray(), r => Assert.True(seen.Add(r.GetProperty("key").GetRawText())));
            next = page.GetProperty("next").GetString();
        }
        while (next is not null);

        Assert.Equal(63, seen.Count);
    }

    [Fact]
    public async Task Pages_of_incidents_go_on_where_the_one_before_ended()
    {
        List<string> seen = [];
        for (string? next = null; next is not null || seen.Count == 0;)
        {
            var page = await GetAsync($"api/incidents?limit=1{(next is null ? "" : $"&after={next}")}");
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetString()!));
            next = page.GetProperty("next").GetString();
        }

        Assert.Equal((await pages.Demo.Console.Incidents!.ListAsync(cancellationToken: Token)).Select(i => i.Id), seen);
    }

    [Fact]
    public async Task Enumerations_are_words_whatever_the_host_is_set_to()
        => Assert.Equal("Fail", (await GetAsync("api/rule?key=sales.orders-daily/range-0")).GetProperty("verdict").GetProperty("outcome").GetString());

    [Theory]
    [InlineData("api/table?name=none", HttpStatusCode.NotFound)]
    [InlineData("api/rule?key=nonsense", HttpStatusCode.BadRequest)]
    [InlineData("api/rules?outcome=nonsense", HttpStatusCode.BadRequest)]
    [InlineData("api/suites/suggestions?table=none", HttpStatusCode.BadRequest)]
    public async Task What_is_wrong_is_told_as_a_problem(string path, HttpStatusCode status)
    {
        using var answer = await pages.Client.GetAsync(path, Token);

        Assert.Equal(status, answer.StatusCode);
        if (status != HttpStatusCode.NotFound)
        {
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        }
    }

    [Fact]
    public async Task Suites_are_checked_tried_and_saved_and_a_late_writer_gets_a_conflict()
    {
        var check = await PostAsync("api/suites/check", new { text = "{\n \"table\": 3 }" });
        var trial = await PostAsync("api/suites/try", new { text = Suite, sampleRows = 1_000 });
        using var first = await pages.Client.PutAsJsonAsync("api/suite?name=by-api", new { text = Suite, baseVersion = 0, reason = "begin" }, Token);
        using var late = await pages.Client.PutAsJsonAsync("api/suite?name=by-api", new { text = Suite, baseVersion = 0 }, Token);

        Assert.Equal(2, check.GetProperty("problems")[0].GetProperty("at").GetProperty("line").GetInt32());
        Assert.Equal(1_000, trial.GetProperty("rows").GetInt32());
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, late.StatusCode);
        Assert.Equal(1, (await GetAsync("api/suite?name=by-api")).GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task Actions_say_what_they_did()
    {
        await using var demo = await DemoQuality.MakeAsync(Token);
        using var client = new HttpClient { BaseAddress = await demo.ServeAsync() };
        var incident = (await demo.Console.Incidents!.ListAsync(cancellationToken: Token))[0];
        async Task<string> Said(string path, object body)
        {
            using var answer = await client.PostAsJsonAsync(path, body, Token);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Token));
            return (await answer.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("said").GetString()!;
        }

        Assert.Contains("Acknowledged", await Said($"api/incident/act?id={incident.Id}", new { @do = "acknowledge", reason = "on it" }), StringComparison.Ordinal);
        Assert.Contains("baseline", await Said("api/series/feedback", new { series = "sales.orders/rows", at = "2001-02-28T00:00:00Z", says = "Real" }), StringComparison.Ordinal);
        Assert.Contains("you said so", await Said("api/lineage/annotations", new { source = new { dataset = "a", column = "x" }, target = new { dataset = "b", column = "y" }, kind = "Direct" }), StringComparison.Ordinal);
        Assert.Contains("6 columns", await Said("api/profile?table=sales.orders", new { }), StringComparison.Ordinal);
        Assert.Equal(5, (await demo.Console.Audit!.ReadAsync(null, null, 100, Token)).Count(e => e.Action != "save") + 1);
    }

    [Fact]
    public async Task The_description_names_every_route_and_no_page()
    {
        var document = await GetAsync("openapi/quality.json");
        var paths = document.GetProperty("paths").EnumerateObject().Select(p => p.Name).ToList();

        Assert.Contains(paths, p => p.EndsWith("/api/rules", StringComparison.Ordinal));
        Assert.Contains(paths, p => p.EndsWith("/api/suites/try", StringComparison.Ordinal));
        Assert.All(paths, p => Assert.Contains("/api/", p, StringComparison.Ordinal));
        Assert.All(document.GetProperty("paths").EnumerateObject().SelectMany(p => p.Value.EnumerateObject()), o => Assert.True(o.Value.TryGetProperty("summary", out _)));
    }

    private async Task<JsonElement> GetAsync(string path) => await pages.Client.GetFromJsonAsync<JsonElement>(path, Token);

    private async Task<JsonElement> PostAsync(string path, object body)
    {
        using var answer = await pages.Client.PostAsJsonAsync(path, body, Token);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Token));
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
    }
}
