using System.Net;
using System.Text.RegularExpressions;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Runs;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Orchestrator.Tests.Web;

public sealed partial class PageTests : IAsyncLifetime
{
    private EngineHarness _engine = null!;
    private WebApplication _host = null!;
    private HttpClient _client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var dag = new DagBuilder("mart").Description("<b>escaped</b>").Schedule(Orchestrator.Schedules.Timetable.Cron("@daily"))
            .Task("gate", (context, _) =>
            {
                context.Log("<looked> at it");
                return Task.CompletedTask;
            })
            .Task("list", (_, _) => Task.FromResult(new[] { 1, 2 }), t => t.After("gate"))
            .MapTask<int>("each", MapSource.Over("list"), (_, _, _) => Task.CompletedTask)
            .Task("fails", (_, _) => throw new InvalidOperationException("as told"), t => t.After("gate"))
            .Task("report", (_, _) => Task.CompletedTask, t => t.After("each", "fails")).Build();
        var options = new OrchestratorOptions { Logs = new Orchestrator.Logs.TaskLogs(new Kernel.Storage.InMemoryObjectStore()) };
        _engine = await EngineHarness.StartAsync([dag], time: null, options: options);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _host = builder.Build();
        _host.Urls.Add("http://127.0.0.1:0");
        _host.Use((context, next) =>
        {
            if (context.Request.Headers.TryGetValue("X-From", out var address))
            {
                context.Connection.RemoteIpAddress = IPAddress.Parse(address.ToString());
            }

            return next(context);
        });
        _host.UsePathBase("/base");
        _host.UseRouting();
        _host.MapOrchestrator("/dags", _engine.Engine);
        await _host.StartAsync(Token);
        _client = new HttpClient { BaseAddress = new Uri(_host.Urls.Single() + "/base/dags/") };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _host.DisposeAsync();
        await _engine.DisposeAsync();
    }

    [Fact]
    public async Task Every_page_answers_under_a_base_path_and_shows_what_happened()
    {
        var run = await _engine.RunAsync("mart");

        var list = await _client.GetStringAsync("", Token);
        var page = await _client.GetStringAsync("dag/mart/graph", Token);
        var runPage = await _client.GetStringAsync($"run/{run.Id}", Token);

        Assert.Contains("href=\"./dag/mart\"", list, StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;escaped&lt;/b&gt;", page, StringComparison.Ordinal);
        Assert.Equal(5, page.Split("class=\"node\"").Length - 1);
        Assert.Contains("each[1]", runPage, StringComparison.Ordinal);
        Assert.Contains("as told", runPage, StringComparison.Ordinal);
        Assert.DoesNotContain("src=\"http", list + page + runPage, StringComparison.Ordinal);
        foreach (var path in (string[])["dag/none", "run/99", "run/99/graph", "backfill/7", $"run/{run.Id}/log?task=none"])
        {
            Assert.Equal(HttpStatusCode.NotFound, (await _client.GetAsync(path, Token)).StatusCode);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("dag/mart")]
    [InlineData("dag/mart/graph?focus=gate")]
    [InlineData("dag/mart/runs?state=Failed&day=2026-01-05")]
    [InlineData("dag/mart/calendar?year=2026")]
    [InlineData("dag/mart/schedule")]
    [InlineData("dag/mart/versions")]
    [InlineData("dag/mart/backfills")]
    [InlineData("dag/mart/trigger")]
    [InlineData("run/1/graph")]
    [InlineData("run/1/gantt")]
    [InlineData("run/1/task?task=fails")]
    [InlineData("run/1/clear?task=gate")]
    [InlineData("run/1/mark?task=fails&state=Success")]
    [InlineData("runs")]
    [InlineData("backfills")]
    [InlineData("backfills/new?dag=mart")]
    [InlineData("pools")]
    [InlineData("datasets")]
    [InlineData("audit")]
    public async Task A_page_is_whole_and_its_links_lead_to_pages(string path)
    {
        await _engine.RunAsync("mart");

        using var response = await _client.GetAsync(path, Token);
        var page = await response.Content.ReadAsStringAsync(Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.StartsWith("<!doctype html>", page, StringComparison.Ordinal);
        Assert.EndsWith("</html>", page.TrimEnd(), StringComparison.Ordinal);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Contains("frame-ancestors 'none'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", page, StringComparison.Ordinal);
        foreach (var link in Links().Matches(page).Select(match => WebUtility.HtmlDecode(match.Groups[1].Value)).Where(link => !link.StartsWith("data:", StringComparison.Ordinal)).Distinct())
        {
            var target = new Uri(new Uri(_client.BaseAddress!, path), link);
            Assert.StartsWith("/base/dags/", target.AbsolutePath, StringComparison.Ordinal);
            Assert.True((await _client.GetAsync(target, Token)).IsSuccessStatusCode, $"{path} links to {link}");
        }
    }

    [Fact]
    public async Task The_mount_without_its_slash_leads_to_it_so_that_relative_links_hold()
    {
        using var handler = new HttpClientHandler { AllowAutoRedirect = false };
        using var client = new HttpClient(handler);

        using var response = await client.GetAsync(new Uri(_client.BaseAddress!.ToString().TrimEnd('/')), Token);

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal("/base/dags/", response.Headers.Location!.ToString());
    }

    [Fact]
    public async Task The_log_of_a_try_is_read_as_text_as_a_page_and_line_by_line()
    {
        var run = await _engine.RunAsync("mart");

        var page = await _client.GetStringAsync($"run/{run.Id}/log?task=gate", Token);
        var live = await _client.GetStringAsync($"api/runs/{run.Id}/log/live?task=gate&try=1", Token);

        Assert.EndsWith("Z <looked> at it\n", await _client.GetStringAsync($"api/runs/{run.Id}/log?task=gate", Token), StringComparison.Ordinal);
        Assert.Matches(@"^: listening\n\ndata: \S+ <looked> at it\n\nevent: end\n", live);
        Assert.Contains($"data-log=\"../../api/runs/{run.Id}/log/live?task=gate&amp;map=-1&amp;try=1\"", page, StringComparison.Ordinal);
        Assert.Contains($"../run/{run.Id}/log?task=gate", await _client.GetStringAsync($"run/{run.Id}", Token), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await _client.GetAsync($"api/runs/99/log?task=gate", Token)).StatusCode);
    }

    [Fact]
    public async Task A_form_of_the_page_is_taken_and_one_without_its_token_or_from_another_site_is_not()
    {
        async Task<HttpStatusCode> PostAsync(string? token, string? origin, string? site = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "dag/mart/pause")
            {
                Content = new FormUrlEncodedContent(token is null ? [] : new Dictionary<string, string> { ["__RequestVerificationToken"] = token }),
            };
            foreach (var (name, value) in (IEnumerable<(string, string?)>)[("Origin", origin), ("Sec-Fetch-Site", site)])
            {
                if (value is not null)
                {
                    request.Headers.Add(name, value);
                }
            }

            return (await _client.SendAsync(request, Token)).StatusCode;
        }

        var token = WebUtility.HtmlDecode(TokenField().Match(await _client.GetStringAsync("dag/mart", Token)).Groups[1].Value);
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(null, null));
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(token[..^4] + "AAAA", null));
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(token, "https://evil.example"));
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(token, null, "cross-site"));
        Assert.False((await _engine.Store.ListDagsAsync(Token))[0].IsPaused);

        Assert.Equal(HttpStatusCode.OK, await PostAsync(token, null));
        Assert.True((await _engine.Store.ListDagsAsync(Token))[0].IsPaused);
    }

    [Theory]
    [InlineData("Host", "evil.example")]
    [InlineData("X-Forwarded-For", "10.1.2.3")]
    [InlineData("Forwarded", "for=10.1.2.3")]
    [InlineData("X-From", "10.1.2.3")]
    public async Task Without_a_policy_only_this_machine_is_served_and_told_the_remedy(string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "");
        request.Headers.TryAddWithoutValidation(header, value);

        using var response = await _client.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Contains("AddConsoleAccess", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_index_is_refused_and_not_taken_for_all_of_them()
    {
        var run = await _engine.RunAsync("mart");

        using var clear = await _client.GetAsync($"run/{run.Id}/clear?task=each&map=x", Token);
        using var mark = await _client.GetAsync($"run/{run.Id}/mark?task=each&map=x&state=Failed", Token);

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (clear.StatusCode, mark.StatusCode));
        Assert.Contains("is no map index", await clear.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_last_day_of_the_calendar_is_a_day() =>
        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync("runs?day=9999-12-31", Token)).StatusCode);

    [Fact]
    public async Task What_happens_is_sent_to_pages_that_listen()
    {
        using var response = await _client.GetAsync("live", HttpCompletionOption.ResponseHeadersRead, Token);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
        Assert.Equal(": listening", await reader.ReadLineAsync(Token));

        // The stream follows a moment after its first line: runs are made until one is heard.
        var heard = reader.ReadLineAsync(Token).AsTask();
        for (var next = heard; ; next = reader.ReadLineAsync(Token).AsTask())
        {
            while (!next.IsCompleted)
            {
                await _engine.RunAsync("mart");
            }

            if (await next is { Length: > 0 } line)
            {
                Assert.Equal("event: changed", line);
                return;
            }
        }
    }

    [GeneratedRegex("(?:href|src)=\"([^\"]*)\"")]
    private static partial Regex Links();

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex TokenField();
}
