using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Runs;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Orchestrator.Tests.Web;

public sealed class PageTests : IAsyncLifetime
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
        var page = await _client.GetStringAsync("dag/mart", Token);
        var runPage = await _client.GetStringAsync($"run/{run.Id}", Token);

        Assert.Contains("href=\"dag/mart\"", list, StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;escaped&lt;/b&gt;", page, StringComparison.Ordinal);
        Assert.Equal(5, page.Split("class=\"node\"").Length - 1);
        Assert.Contains("each[1]", runPage, StringComparison.Ordinal);
        Assert.Contains("as told", runPage, StringComparison.Ordinal);
        Assert.DoesNotContain("src=\"http", list + page + runPage, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await _client.GetAsync("dag/none", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _client.GetAsync("run/99", Token)).StatusCode);
    }

    [Fact]
    public async Task The_log_of_a_try_is_read_as_text_as_a_page_and_line_by_line()
    {
        var run = await _engine.RunAsync("mart");

        var page = await _client.GetStringAsync($"run/{run.Id}/log?task=gate", Token);
        var live = await _client.GetStringAsync($"api/runs/{run.Id}/log/live?task=gate&try=1", Token);

        Assert.EndsWith("Z <looked> at it\n", await _client.GetStringAsync($"api/runs/{run.Id}/log?task=gate", Token), StringComparison.Ordinal);
        Assert.Matches(@"^data: \S+ <looked> at it\n\nevent: end\n", live);
        Assert.Contains($"data-live=\"../../api/runs/{run.Id}/log/live?task=gate&amp;map=-1&amp;try=1\"", page, StringComparison.Ordinal);
        Assert.Contains($"{run.Id}/log?task=gate", await _client.GetStringAsync($"run/{run.Id}", Token), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await _client.GetAsync($"run/{run.Id}/log?task=none", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _client.GetAsync($"api/runs/99/log?task=gate", Token)).StatusCode);
    }

    [Fact]
    public async Task The_api_triggers_pauses_clears_and_says_what_is_wrong()
    {
        var made = await (await _client.PostAsJsonAsync("api/dags/mart/runs", new { conf = new { x = 1 }, idempotencyKey = "k" }, Token))
            .Content.ReadFromJsonAsync<JsonElement>(Token);
        var runId = made.GetProperty("id").GetInt64();
        await _engine.Engine.WaitForRunAsync(runId, Token);
        var tasks = await _client.GetFromJsonAsync<JsonElement>($"api/runs/{runId}/tasks", Token);
        Assert.Equal(6, tasks.GetArrayLength());
        Assert.Equal("Failed", tasks.EnumerateArray().Single(task => task.GetProperty("taskId").GetString() == "fails").GetProperty("state")
            .GetString());

        var cleared = await (await _client.PostAsJsonAsync($"api/runs/{runId}/clear", new { onlyFailed = true }, Token))
            .Content.ReadFromJsonAsync<JsonElement>(Token);
        Assert.Equal(2, cleared.GetProperty("cleared").GetInt32());
        Assert.Equal(HttpStatusCode.NoContent, (await _client.PostAsync("api/dags/mart/pause", null, Token)).StatusCode);
        Assert.True((await _client.GetFromJsonAsync<JsonElement>("api/dags", Token))[0].GetProperty("isPaused").GetBoolean());
        Assert.Equal(HttpStatusCode.BadRequest, (await _client.PostAsJsonAsync("api/dags/none/runs", new { }, Token)).StatusCode);
        Assert.Equal(10, (await _client.GetFromJsonAsync<JsonElement>("api/dags/mart/plan", Token)).GetArrayLength());
        Assert.Equal(1, (await _client.GetFromJsonAsync<JsonElement>("api/runs?limit=1", Token)).GetProperty("runs").GetArrayLength());
    }

    [Fact]
    public async Task A_form_from_another_site_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "dag/mart/pause");
        request.Headers.Add("Origin", "https://evil.example");

        Assert.Equal(HttpStatusCode.Forbidden, (await _client.SendAsync(request, Token)).StatusCode);
        Assert.False((await _engine.Store.ListDagsAsync(Token))[0].IsPaused);
    }

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
                Assert.StartsWith("event: ", line, StringComparison.Ordinal);
                return;
            }
        }
    }
}
