using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Schedules;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Orchestrator.Tests.Web;

public sealed class ApiTests : IAsyncLifetime
{
    private static readonly Func<TaskContext, CancellationToken, Task> Nothing = (_, _) => Task.CompletedTask;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private EngineHarness _engine = null!;
    private WebApplication _host = null!;
    private HttpClient _client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var mart = new DagBuilder("mart").Schedule(Timetable.Cron("@daily"), start: new DateTimeOffset(2025, 12, 1, 0, 0, 0, TimeSpan.Zero))
            .Task("gate", Nothing)
            .Task("list", (_, _) => Task.FromResult(new[] { 1, 2 }), t => t.After("gate"))
            .MapTask<int>("each", MapSource.Over("list"), (_, _, _) => Task.CompletedTask)
            .Task("fails", (_, _) => throw new InvalidOperationException("as told"), t => t.After("gate")).Build();
        var typed = new DagBuilder("typed").Tags("hand").Param("rows", ParamType.Integer).Task("a", Nothing).Build();
        var fed = new DagBuilder("fed").OnDataset(new DatasetId("lake/a")).Task("a", Nothing).Build();
        _engine = await EngineHarness.StartAsync([mart, typed, fed]);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddOrchestratorApi();
        _host = builder.Build();
        _host.Urls.Add("http://127.0.0.1:0");
        _host.MapOrchestrator("/dags", _engine.Engine);
        await _host.StartAsync(Token);
        _client = new HttpClient { BaseAddress = new Uri(_host.Urls.Single() + "/dags/api/") };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _host.DisposeAsync();
        await _engine.DisposeAsync();
    }

    [Fact]
    public async Task A_run_is_triggered_looked_at_cleared_marked_and_all_of_it_is_in_the_audit_log()
    {
        using var created = await _client.PostAsJsonAsync("dags/mart/runs", new { conf = new { x = 1 }, idempotencyKey = "k" }, Token);
        var id = (await created.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("id").GetInt64();
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal($"/dags/api/runs/{id}", created.Headers.Location!.ToString());
        await _engine.Engine.WaitForRunAsync(id, Token);

        Assert.Equal(["each", "each", "fails", "gate", "list"], Names(await GetAsync($"runs/{id}/tasks"), "taskId").Order(StringComparer.Ordinal));
        Assert.Equal("Failed", (await GetAsync($"runs/{id}/tasks?task=fails")).GetProperty("items")[0].GetProperty("state").GetString());
        Assert.Equal(4, (await PostAsync($"runs/{id}/clear/preview", new { taskIds = new[] { "list", "fails" } })).GetArrayLength());
        Assert.Equal(1, (await PostAsync($"runs/{id}/clear", new { onlyFailed = true })).GetProperty("count").GetInt32());
        await _engine.Engine.WaitForRunAsync(id, Token);
        Assert.Equal(2, (await GetAsync($"runs/{id}/tries?task=fails")).GetArrayLength());
        Assert.Equal(1, (await PostAsync($"runs/{id}/tasks/mark", new { taskId = "fails", state = "Success" })).GetProperty("count").GetInt32());
        Assert.Equal("Success", (await GetAsync($"runs/{id}")).GetProperty("state").GetString());
        Assert.False((await PostAsync($"runs/{id}/cancel", null)).GetProperty("done").GetBoolean());
        Assert.Equal("[1,2]", (await GetAsync($"runs/{id}/xcoms?task=list"))[0].GetProperty("value").GetRawText());
        Assert.Equal(1, (await GetAsync($"runs/{id}/xcoms?task=list&map=-1")).GetArrayLength());
        Assert.Equal(0, (await GetAsync($"runs/{id}/xcoms?task=list&map=0")).GetArrayLength());
        Assert.Equal(0, (await GetAsync($"runs/{id}/why?task=list&map=0")).GetArrayLength());
        Assert.Equal(0, (await GetAsync($"runs/{id}/why")).GetArrayLength());

        var audit = (await GetAsync($"audit?dag=mart")).GetProperty("items");
        Assert.Equal(["run.cancel Refused", "task.mark Done", "run.clear Done", "dag.trigger Done"],
            audit.EnumerateArray().Select(e => $"{e.GetProperty("action").GetString()} {e.GetProperty("outcome").GetString()}"));
        Assert.All(audit.EnumerateArray(), entry => Assert.Equal(("local", "api 127.0.0.1"), (entry.GetProperty("actor").GetString(), entry.GetProperty("from").GetString())));
        Assert.Equal("k", audit[3].GetProperty("detail").GetProperty("idempotencyKey").GetString());
    }

    [Fact]
    public async Task Lists_are_paged_by_key_without_gap_or_repetition()
    {
        for (var i = 0; i < 7; i++)
        {
            await _engine.RunAsync("fed");
        }

        Assert.Equal(await AllAsync("runs?dag=fed&limit=100", "before", "id"), await AllAsync("runs?dag=fed&limit=2", "before", "id"));
        Assert.Equal(["fed", "mart", "typed"], await AllAsync("dags?limit=1", "after", "id"));
        var run = await _engine.RunAsync("mart");
        Assert.Equal(5, (await AllAsync($"runs/{run.Id}/tasks?limit=2", "after", "taskId")).Count);
        for (var i = 0; i < 3; i++)
        {
            await _client.PostAsync("dags/fed/pause", null, Token);
        }

        Assert.Equal(3, (await AllAsync("audit?dag=fed&limit=1", "before", "id")).Distinct().Count());
    }

    [Fact]
    public async Task The_grid_has_a_byte_a_cell_and_counts_for_mapped_tasks()
    {
        var run = await _engine.RunAsync("mart");

        var grid = await GetAsync("dags/mart/grid?limit=5");

        Assert.Equal(["each", "fails", "gate", "list"], Names(grid.GetProperty("tasks"), "id").Order(StringComparer.Ordinal));
        var columns = grid.GetProperty("runs").GetArrayLength();
        Assert.Equal(run.Id, grid.GetProperty("runs")[columns - 1].GetProperty("id").GetInt64());
        var cells = grid.GetProperty("cells").GetBytesFromBase64();
        Assert.Equal(4 * columns, cells.Length);
        var rows = Names(grid.GetProperty("tasks"), "id").ToList();
        Assert.Equal((byte)TaskState.Failed, cells[(rows.IndexOf("fails") * columns) + columns - 1]);
        Assert.Equal((byte)TaskState.Success, cells[(rows.IndexOf("each") * columns) + columns - 1]);
        var mapped = grid.GetProperty("mapped").EnumerateArray().Single(cell => cell.GetProperty("run").GetInt32() == columns - 1);
        Assert.Equal((rows.IndexOf("each"), 2), (mapped.GetProperty("task").GetInt32(), mapped.GetProperty("counts").GetProperty("8").GetInt32()));
    }

    [Fact]
    public async Task A_backfill_is_tried_made_and_followed_by_its_dates()
    {
        var range = new { from = "2025-12-05T00:00:00Z", to = "2025-12-08T00:00:00Z", maxActiveRuns = 2 };
        var dry = await PostAsync("dags/mart/backfills", new { range.from, range.to, isDryRun = true });
        Assert.Equal(JsonValueKind.Null, dry.GetProperty("id").ValueKind);
        Assert.Equal(4, dry.GetProperty("datesInAll").GetInt32());
        Assert.Equal(0, (await GetAsync("backfills")).GetProperty("items").GetArrayLength());
        Assert.Equal(0, (await GetAsync("audit")).GetProperty("items").GetArrayLength());

        var id = (await PostAsync("dags/mart/backfills", range)).GetProperty("id").GetInt64();
        await EngineHarness.UntilAsync(async () => (await GetAsync($"backfills/{id}")).GetProperty("state").GetString() == "Completed" ? "ended" : null);

        var backfill = await GetAsync($"backfills/{id}");
        Assert.Equal(("Completed", 4), (backfill.GetProperty("state").GetString(), backfill.GetProperty("progress").GetProperty("failed").GetInt32()));
        Assert.Equal(["0", "1", "2", "3"], await AllAsync($"backfills/{id}/dates?limit=3", "after", "ordinal"));
        Assert.Equal(4, (await GetAsync("dags/mart/calendar?year=2025")).EnumerateArray().Where(day => day.GetProperty("day").GetString()!.StartsWith("2025-12-0", StringComparison.Ordinal))
            .Sum(day => day.GetProperty("count").GetInt32()));
        Assert.False((await PostAsync($"backfills/{id}/state", new { state = "Cancelled" })).GetProperty("done").GetBoolean());
    }

    [Fact]
    public async Task Pools_datasets_versions_and_plans_are_told()
    {
        Assert.Equal(("default", 128), (await GetAsync("pools"))[0] is var pool ? (pool.GetProperty("name").GetString(), pool.GetProperty("free").GetInt32()) : default);
        Assert.Equal("fed", (await GetAsync("datasets"))[0].GetProperty("consumers")[0].GetProperty("dagId").GetString());
        var version = Assert.Single((await GetAsync("dags/mart/versions")).GetProperty("items").EnumerateArray()).GetProperty("hash").GetString();
        Assert.Equal(0, (await GetAsync($"dags/mart/diff?from={version}&to={version}")).GetProperty("tasks").GetArrayLength());
        Assert.Equal(3, (await GetAsync("dags/mart/plan?count=3")).GetArrayLength());
        Assert.Equal("Integer", (await GetAsync("dags/typed")).GetProperty("params")[0].GetProperty("type").GetString());
        Assert.Equal("mart", (await GetAsync("dags/mart")).GetProperty("model").GetProperty("id").GetString());
        Assert.Equal(["typed"], Names(await GetAsync("dags?tag=hand"), "id"));
    }

    [Theory]
    [InlineData("POST", "dags/none/runs", "{}", 400, "there is no DAG 'none'")]
    [InlineData("POST", "dags/typed/runs", """{"conf":{"rows":"many"}}""", 400, "rows")]
    [InlineData("POST", "dags/mart/runs", """{"conf":""", 400, "")]
    [InlineData("POST", "runs/99/clear", "{}", 400, "there is no run 99")]
    [InlineData("POST", "runs/99/cancel", "", 400, "there is no run 99")]
    [InlineData("POST", "dags/mart/backfills", """{"from":"2025-12-05T00:00:00Z","to":"2025-12-01T00:00:00Z"}""", 400, "make no sense")]
    [InlineData("POST", "backfills/9/state", """{"state":"Paused"}""", 400, "there is no backfill 9")]
    [InlineData("POST", "dags/typed/runs", """{"conf":[1]}""", 400, "JSON object")]
    [InlineData("POST", "dags/mart/backfills", """{"from":"2025-12-05T00:00:00Z","to":"2025-12-06T00:00:00Z","conf":"x"}""", 400, "JSON object")]
    [InlineData("POST", "runs/1/clear", """{"tasks":["gate"]}""", 400, "no other names")]
    [InlineData("POST", "runs/1/mark", "{}", 400, "all that is required")]
    [InlineData("POST", "runs/1/mark", """{"success":true}""", 400, "all that is required")]
    [InlineData("POST", "runs/1/tasks/mark", """{"taskId":"gate"}""", 400, "all that is required")]
    [InlineData("POST", "backfills/9/state", "{}", 400, "all that is required")]
    [InlineData("PUT", "pools/default", "{}", 400, "all that is required")]
    [InlineData("POST", "pools", """{"name":"p"}""", 400, "all that is required")]
    [InlineData("GET", "runs/99/tasks", "", 400, "there is no run 99")]
    [InlineData("GET", "runs/99/xcoms", "", 400, "there is no run 99")]
    [InlineData("GET", "runs/99/why", "", 400, "there is no run 99")]
    [InlineData("GET", "backfills/99/dates", "", 400, "there is no backfill 99")]
    [InlineData("GET", "runs?limit=x", "", 400, "not of its type")]
    [InlineData("GET", "runs/1/tasks?after=x", "", 400, "no place to go on after")]
    public async Task Bad_input_is_a_problem_that_names_it(string method, string path, string body, int status, string text)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body.Length > 0)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        using var response = await _client.SendAsync(request, Token);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        Assert.Contains(text, (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_description_is_the_one_that_was_agreed()
    {
        var golden = Path.Combine(AppContext.BaseDirectory, "Web", "openapi.json");
        var document = await GetAsync("../openapi/orchestrator.json");
        var text = JsonSerializer.Serialize(document, Indented);
        text = text.ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable("DP_GOLDEN") is { Length: > 0 } folder)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "openapi.json"), text + "\n", Token);
        }

        // A change of the API is a decision: look at the difference, then write the new document with DP_GOLDEN=tests/Orchestrator.Tests/Web.
        Assert.Equal((await File.ReadAllTextAsync(golden, Token)).TrimEnd(), text);
    }

    private static IEnumerable<string> Names(JsonElement list, string name) =>
        (list.ValueKind == JsonValueKind.Array ? list : list.GetProperty("items")).EnumerateArray().Select(item => item.GetProperty(name).ToString());

    private async Task<List<string>> AllAsync(string path, string cursor, string name)
    {
        var all = new List<string>();
        for (var next = (string?)null; ;)
        {
            var page = await GetAsync(next is null ? path : $"{path}&{cursor}={next}");
            all.AddRange(Names(page, name));
            if (page.GetProperty("next") is not { ValueKind: not JsonValueKind.Null } key)
            {
                return all;
            }

            next = key.ToString();
        }
    }

    private async Task<JsonElement> GetAsync(string path) => await _client.GetFromJsonAsync<JsonElement>(path, Token);

    private async Task<JsonElement> PostAsync(string path, object? body)
    {
        using var response = await _client.PostAsync(path, body is null ? null : JsonContent.Create(body), Token);
        return (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(Token))!;
    }
}
