using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using DataPlatform.ResourceScheduler;
using DataPlatform.ResourceScheduler.Recovery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlatform.Integration.ResourceScheduler;

/// <summary>The REST API over a real server on the loopback address.</summary>
public sealed class RestTests : IAsyncLifetime
{
    private readonly InMemoryStateStore _store = new();
    private ResourceManager _manager = null!;
    private WebApplication _host = null!;
    private HttpClient _client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var queues = QueueTree.Define().Queue("root.a").Queue("root.b", new QueueOptions
        {
            Max = new ResourceVector(1_000,
            1_000)
        }).Build();
        _manager = await ResourceManager.LeadAsync(queues, _store, new InProcessContainerDriver(), TimeProvider.System,
            NullLoggerFactory.Instance,
            cancellationToken: Token);
        foreach (var node in (string[])["n1", "n2", "n3"])
        {
            _manager.AddNode(node, new ResourceVector(2_000, 2_000));
        }

        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddResourceSchedulerApi();
        _host = builder.Build();
        _host.Use((context, next) =>
        {
            if (context.Request.Headers.TryGetValue("X-From", out var address))
            {
                context.Connection.RemoteIpAddress = IPAddress.Parse(address.ToString());
            }

            return next(context);
        });
        _host.MapResourceScheduler("/cluster", () => _manager);
        await _host.StartAsync(Token);
        _client = new HttpClient { BaseAddress = new Uri(_host.Urls.Single() + "/cluster/") };
        await Wait.UntilAsync(() => _manager.Snapshot().Nodes.Count == 3, "the nodes are there");
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _host.DisposeAsync();
        await _manager.DisposeAsync();
        await _store.DisposeAsync();
    }

    [Fact]
    public async Task An_application_is_submitted_seen_explained_and_killed()
    {
        var created = await SubmitAsync("root.b", count: 3);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var id = (await JsonAsync(created)).GetProperty("id").GetInt64();
        Assert.Equal($"/cluster/api/applications/{id}", created.Headers.Location!.ToString());

        var seen = await GetAsync($"api/applications/{id}");
        Assert.Equal(("Running", 1, 2), (seen.GetProperty("state").GetString(), seen.GetProperty("running").GetInt32(),
            seen.GetProperty("pending").GetInt32()));
        var why = Assert.Single((await GetAsync("api/explain?queue=root.b")).EnumerateArray());
        Assert.Contains("root.b", why.GetProperty("limit").GetString(), StringComparison.Ordinal);

        var refused = await _client.PostAsJsonAsync($"api/applications/{id}/kill", new { user = "eve" }, Token);
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await _client.PostAsJsonAsync($"api/applications/{id}/kill", new { user = "ana" },
            Token)).StatusCode);
        Assert.Equal("Killed", (await GetAsync($"api/applications/{id}")).GetProperty("state").GetString());
        Assert.Equal(id, (await GetAsync("api/applications/finished")).GetProperty("items")[0].GetProperty("id").GetInt64());
        Assert.Equal(HttpStatusCode.NotFound, (await _client.PostAsJsonAsync($"api/applications/{id}/kill", new { user = "ana" },
            Token)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _client.GetAsync("api/applications/999999", Token)).StatusCode);
    }

    [Fact]
    public async Task Lists_are_paged_by_key()
    {
        var first = await GetAsync("api/nodes?limit=2");
        Assert.Equal(["n1", "n2"], Names(first));
        Assert.Equal("n2", first.GetProperty("next").GetString());
        var second = await GetAsync("api/nodes?limit=2&after=n2");
        Assert.Equal(["n3"], Names(second));
        Assert.Equal(JsonValueKind.Null, second.GetProperty("next").ValueKind);
        Assert.Equal(3, (await GetAsync("api/queues")).GetProperty("items").GetArrayLength());
        Assert.Equal("root.a", (await GetAsync("api/queues/root.a")).GetProperty("path").GetString());
        Assert.Equal(6_000, (await GetAsync("api/metrics")).GetProperty("capacity").GetProperty("cpuMillis").GetInt64());
        Assert.Equal(_manager.Epoch, (await GetAsync("api/cluster")).GetProperty("epoch").GetInt64());

        for (var i = 0; i < 3; i++)
        {
            await SubmitAsync("root.a", count: 1);
        }

        var page = await GetAsync("api/applications?queue=root.a&limit=2");
        var rest = await GetAsync($"api/applications?queue=root.a&limit=2&after={page.GetProperty("next").GetInt64()}");
        Assert.Equal((2, 1), (page.GetProperty("items").GetArrayLength(), rest.GetProperty("items").GetArrayLength()));
    }

    [Fact]
    public async Task What_cannot_be_done_is_a_problem_that_names_it_and_changes_nothing()
    {
        await ProblemAsync(await SubmitAsync("root.nowhere", count: 1), HttpStatusCode.BadRequest, "root.nowhere");
        await ProblemAsync(await SubmitAsync("root.a", count: 1, cpuMillis: 9_000), HttpStatusCode.BadRequest, "no node is that large");
        await ProblemAsync(await SubmitAsync("root.a", count: 1, user: ""), HttpStatusCode.BadRequest, "user");
        await ProblemAsync(await _client.PostAsJsonAsync("api/nodes/none/maintenance", new { isOn = true }, Token),
            HttpStatusCode.Conflict, "'none'");
        var broken = await _client.PostAsync("api/applications", new StringContent("{\"name\":", Encoding.UTF8, "application/json"), Token);
        Assert.Equal(HttpStatusCode.BadRequest, broken.StatusCode);
        Assert.Empty(_manager.Snapshot().Applications);

        Assert.Equal(HttpStatusCode.NoContent, (await _client.PostAsJsonAsync("api/nodes/n1/maintenance", new { isOn = true },
            Token)).StatusCode);
        Assert.Equal("Maintenance", (await GetAsync("api/nodes?limit=1")).GetProperty("items")[0].GetProperty("state").GetString());
        Assert.Equal(HttpStatusCode.NoContent, (await _client.PostAsJsonAsync("api/nodes/n1/decommission", new { limitSeconds = 1 },
            Token)).StatusCode);
        Assert.Equal(2, _manager.Snapshot().Nodes.Count);
    }

    [Fact]
    public async Task Only_this_machine_is_served_and_no_other_site_may_change_anything()
    {
        foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Post])
        {
            using var remote = new HttpRequestMessage(method, method == HttpMethod.Get ? "api/cluster" : "api/applications");
            remote.Headers.Add("X-From", "203.0.113.5");
            remote.Content = method == HttpMethod.Get ? null : Body("root.a", 1);
            Assert.Equal(HttpStatusCode.Forbidden, (await _client.SendAsync(remote, Token)).StatusCode);
        }

        // A foreign site, a proxy that makes far callers look near, and a name that was bound to this machine's address.
        foreach (var (header, value) in (IReadOnlyList<(string, string)>)
            [("Origin", "https://elsewhere.example"), ("Sec-Fetch-Site", "cross-site"), ("X-Forwarded-For", "203.0.113.5"), ("Host", "elsewhere.example")])
        {
            using var foreign = new HttpRequestMessage(HttpMethod.Post, "api/applications") { Content = Body("root.a", 1) };
            foreign.Headers.Add(header, value);
            Assert.Equal(HttpStatusCode.Forbidden, (await _client.SendAsync(foreign, Token)).StatusCode);
        }

        Assert.Empty(_manager.Snapshot().Applications);
        using var own = new HttpRequestMessage(HttpMethod.Post, "api/applications") { Content = Body("root.a", 1) };
        own.Headers.Add("Origin", _host.Urls.Single());
        Assert.Equal(HttpStatusCode.Created, (await _client.SendAsync(own, Token)).StatusCode);
    }

    [Fact]
    public async Task A_manager_that_was_stopped_is_unavailable()
    {
        await _manager.DisposeAsync();

        await ProblemAsync(await SubmitAsync("root.a", count: 1), HttpStatusCode.ServiceUnavailable, "stopped");
    }

    [Fact]
    public async Task The_API_describes_itself()
    {
        var document = await GetAsync("openapi/resource-scheduler.json");
        var paths = document.GetProperty("paths").EnumerateObject().Select(path => path.Name).ToArray();
        Assert.Contains("/cluster/api/applications", paths);
        Assert.Contains("/cluster/api/nodes/{name}/decommission", paths);
        Assert.True(document.GetProperty("paths").GetProperty("/cluster/api/applications").TryGetProperty("post", out var submit));
        Assert.True(submit.GetProperty("responses").TryGetProperty("201", out _));
        Assert.True(document.GetProperty("components").GetProperty("schemas").TryGetProperty("QueueView", out _));
    }

    private static string?[] Names(JsonElement page) => [.. page.GetProperty("items").EnumerateArray().Select(item
        => item.GetProperty("name").GetString())];

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage response)
        => JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token)).RootElement.Clone();

    private static async Task ProblemAsync(HttpResponseMessage response, HttpStatusCode status, string text)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Contains(text, (await JsonAsync(response)).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private static JsonContent Body(string queue, int count, long cpuMillis = 1_000, string user = "ana") => JsonContent.Create(new
    {
        name = "job",
        queue,
        user,
        asks = new[] { new { resources = new { cpuMillis, memoryMiB = 100 }, count, command = new { file = "/bin/true" } } },
    });

    private Task<HttpResponseMessage> SubmitAsync(string queue, int count, long cpuMillis = 1_000, string user = "ana")
        => _client.PostAsync("api/applications", Body(queue, count, cpuMillis, user), Token);

    private async Task<JsonElement> GetAsync(string path) => JsonDocument.Parse(await _client.GetStringAsync(path,
        Token)).RootElement.Clone();
}
