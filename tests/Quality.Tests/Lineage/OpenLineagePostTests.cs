using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using DataPlatform.Kernel.Storage;
using DataPlatform.Quality.Lineage;
using DataPlatform.Quality.Lineage.OpenLineage;
using DataPlatform.Quality.OpenLineage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Quality.Tests.Lineage;

/// <summary>Events over HTTP: our client against our endpoint, over a real connection.</summary>
public sealed class OpenLineagePostTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2001, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly LineageGraph _graph = new();
    private readonly FakeTimeProvider _time = new(Noon);
    private readonly HttpClient _http = new();
    private readonly KeptLineage _kept = new();
    private WebApplication? _app;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Uri Address => new(_app!.Urls.First() + "/api/v1/lineage");

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        var receiver = new OpenLineageReceiver(new OpenLineageReader(_graph, "dp"), new LineageKeeper(_graph, _kept));
        _app.MapOpenLineage("/api/v1/lineage", receiver, new OpenLineageReceiverOptions { BodyBytesMax = 10_000, EventsMax = 3 });
        await _app.StartAsync(Token);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app!.DisposeAsync();
    }

    [Fact]
    public async Task One_event_is_kept_before_it_is_answered_for_and_a_repeat_changes_nothing()
    {
        Assert.Equal(HttpStatusCode.Created, (await PostAsync(Event("a"))).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await PostAsync(Event("a"))).StatusCode);

        Assert.Equal("b", Assert.Single((await _kept.LoadAsync(Token)).Edges).Edge.Target.Dataset);
    }

    [Fact]
    public async Task A_list_is_answered_for_one_by_one()
    {
        var response = await PostAsync($"[{Event("a")},{{}},{Event("c")}]", "/batch");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var answer = (await response.Content.ReadFromJsonAsync<JsonObject>(Token))!;
        Assert.Equal((3, 2), ((int)answer["received"]!, (int)answer["taken"]!));
        Assert.Equal(1, (int)answer["refused"]![0]!["index"]!);
        Assert.Equal(2, _graph.History().Count);
    }

    [Theory]
    [InlineData("{}", 400, "eventTime")]
    [InlineData("[{},7]", 400, "None of 2")]
    [InlineData("no json", 400, "no JSON")]
    [InlineData("[1,2,3,4]", 400, "at most 3")]
    public async Task What_is_wrong_is_said(string body, int status, string said)
    {
        var response = await PostAsync(body);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Contains(said, await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_may_be_compressed_and_is_no_longer_than_allowed_when_unpacked()
    {
        Assert.Equal(HttpStatusCode.Created, (await PackedAsync("\uFEFF" + Event("a"), "gzip")).StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await PackedAsync(new string(' ', 1_000_000), "gzip")).StatusCode);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await PackedAsync(Event("b"), "br")).StatusCode);
        using var notPacked = Json(Event("c"));
        notPacked.Headers.ContentEncoding.Add("gzip");
        Assert.Equal(HttpStatusCode.BadRequest, (await _http.PostAsync(Address, notPacked, Token)).StatusCode);

        Assert.Equal("b", Assert.Single(_graph.History()).Edge.Target.Dataset);
    }

    private async Task<HttpResponseMessage> PackedAsync(string body, string encoding)
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(body), Token);
        }

        using var content = new ByteArrayContent(packed.ToArray());
        content.Headers.ContentType = new("application/json");
        content.Headers.ContentEncoding.Add(encoding);
        return await _http.PostAsync(Address, content, Token);
    }

    [Fact]
    public async Task Limits_and_strangers_are_turned_away()
    {
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await PostAsync(new string(' ', 20_000))).StatusCode);
        using var chunked = new HttpRequestMessage(HttpMethod.Post, Address) { Content = new StreamContent(new MemoryStream(new byte[20_000])) };
        chunked.Content.Headers.ContentType = new("application/json");
        chunked.Headers.TransferEncodingChunked = true;
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await _http.SendAsync(chunked, Token)).StatusCode);
        using var text = new StringContent(Event("a"), Encoding.UTF8, "text/plain");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await _http.PostAsync(Address, text, Token)).StatusCode);
        using var page = new HttpRequestMessage(HttpMethod.Post, Address) { Content = Json(Event("a")) };
        page.Headers.Add("Origin", "https://elsewhere.example");
        Assert.Equal(HttpStatusCode.Forbidden, (await _http.SendAsync(page, Token)).StatusCode);
        Assert.Empty(_graph.History());
    }

    [Fact]
    public async Task Events_that_cannot_be_kept_are_taken_when_they_come_again()
    {
        _kept.IsDown = true;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await PostAsync(Event("a"))).StatusCode);

        _kept.IsDown = false;
        Assert.Equal(HttpStatusCode.Created, (await PostAsync(Event("a"))).StatusCode);
        Assert.Single((await _kept.LoadAsync(Token)).Edges);
    }

    [Fact]
    public async Task A_client_posts_what_waits_in_order_puts_aside_what_is_no_event_and_waits_longer_and_longer()
    {
        var store = new InMemoryObjectStore();
        var outbox = new OpenLineageOutbox(store);
        using var client = new OpenLineageClient(_http, Address, outbox, time: _time);
        Assert.True(await outbox.AddAsync(JsonNode.Parse(Event("a"))!.AsObject(), Token));
        Assert.False(await outbox.AddAsync(JsonNode.Parse(Event("a"))!.AsObject(), Token));
        await outbox.AddAsync(new JsonObject { ["eventTime"] = "2001-01-01T00:00:00Z" }, Token);

        _kept.IsDown = true;
        Assert.Equal((0, 1), await client.SendAsync(Token));
        Assert.Equal(Noon.AddSeconds(5), client.NextAt);
        _kept.IsDown = false;
        Assert.Equal((0, 0), await client.SendAsync(Token));
        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal((1, 0), await client.SendAsync(Token));
        Assert.Equal((0, 0), await client.SendAsync(Token));
        Assert.Equal("openlineage/refused/", Assert.Single(await PathsAsync(store))[..20]);
    }

    [Fact]
    public async Task A_client_killed_before_it_noted_the_answer_posts_again_and_the_receiver_bears_it()
    {
        var store = new InMemoryObjectStore();
        var outbox = new OpenLineageOutbox(store);
        await outbox.AddAsync(JsonNode.Parse(Event("a"))!.AsObject(), Token);
        Assert.Equal(HttpStatusCode.Created, (await PostAsync(Event("a"))).StatusCode);

        using var client = new OpenLineageClient(_http, Address, new OpenLineageOutbox(store), time: _time);

        Assert.Equal((1, 0), await client.SendAsync(Token));
        Assert.Empty(await PathsAsync(store));
        Assert.Single(_graph.History());
    }

    [Fact]
    public async Task An_outbox_that_nobody_empties_says_so()
    {
        var store = new InMemoryObjectStore();
        await new OpenLineageOutbox(store, 1).AddAsync(JsonNode.Parse(Event("a"))!.AsObject(), Token);

        var full = await Assert.ThrowsAsync<QualityException>(
            async () => await new OpenLineageOutbox(store, 1).AddAsync(JsonNode.Parse(Event("b"))!.AsObject(), Token));

        Assert.Equal(Kernel.ErrorKind.Unavailable, full.Kind);
    }

    private static async Task<List<string>> PathsAsync(InMemoryObjectStore store)
    {
        List<string> paths = [];
        await foreach (var item in store.ListAsync("openlineage/", null, Token))
        {
            paths.Add(item.Path);
        }

        return paths;
    }

    private Task<HttpResponseMessage> PostAsync(string body, string route = "") => _http.PostAsync(new Uri(Address + route), Json(body), Token);

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private static string Event(string input) => $$"""
        {"eventType":"COMPLETE","eventTime":"2001-01-01T12:00:00Z","run":{"runId":"r"},"job":{"namespace":"dp","name":"job of {{input}}"},
        "inputs":[{"namespace":"dp","name":"{{input}}"}],"outputs":[{"namespace":"dp","name":"b"}]}
        """;

    private sealed class KeptLineage : ILineageStore
    {
        private readonly InMemoryLineageStore _inner = new();

        public bool IsDown { get; set; }

        public ValueTask SaveAsync(LineageChanges changes, CancellationToken cancellationToken = default)
            => IsDown ? throw new QualityException(Kernel.ErrorKind.Unavailable, "down") : _inner.SaveAsync(changes, cancellationToken);

        public ValueTask<LineageChanges> LoadAsync(CancellationToken cancellationToken = default) => _inner.LoadAsync(cancellationToken);

        public ValueTask<int> RemoveRetiredAsync(DateTimeOffset before, int edgesMax = 1_000, CancellationToken cancellationToken = default)
            => _inner.RemoveRetiredAsync(before, edgesMax, cancellationToken);
    }
}
