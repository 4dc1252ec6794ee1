using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Orchestrator.Tests.Web;

public sealed class EventRouteTests : IAsyncLifetime
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_614_265_330));
    private EngineHarness _engine = null!;
    private WebApplication _host = null!;
    private HttpClient _client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _engine = await EngineHarness.StartAsync([
            new DagBuilder("bill").OnEvent("order.closed").Task("a", (_, _) => Task.CompletedTask).Build(),
            new DagBuilder("local").OnEvent("local").Param("n", ParamType.Integer, 1).Task("a", (_, _) => Task.CompletedTask).Build()]);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _host = builder.Build();
        _host.Urls.Add("http://127.0.0.1:0");
        var options = new EventOptions { BodyBytesMax = 100, Secrets = { ["order.closed"] = Secret, ["forgotten"] = Secret } };
        _host.MapOrchestratorEvents("/events", _engine.Engine, options, _time);
        await _host.StartAsync(Token);
        _client = new HttpClient { BaseAddress = new Uri(_host.Urls.Single() + "/events/") };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _host.DisposeAsync();
        await _engine.DisposeAsync();
    }

    [Fact]
    public async Task A_signed_event_starts_a_run_once_however_often_it_is_sent()
    {
        var (status, runs) = await PostAsync("order.closed", "{\"order\":7}", "msg-1");
        var again = await PostAsync("order.closed", "{\"order\":7}", "msg-1");
        var other = await PostAsync("order.closed", "{\"order\":8}", "msg-2");

        Assert.Equal((HttpStatusCode.Accepted, runs), (again.Status, again.Runs));
        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.NotEqual(runs, other.Runs);
        var all = await _engine.RunsAsync("bill");
        Assert.Equal(["{\"order\":7}", "{\"order\":8}"], all.Select(run => run.Conf));
    }

    [Fact]
    public void The_signature_is_that_of_the_specification()
    {
        // The example of the Standard Webhooks libraries.
        var wrong = EventSignature.Refuse(
            EventSignature.KeyOf("e", Secret), "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", "v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            "{\"test\": 2432232314}"u8, _time.GetUtcNow(), TimeSpan.FromMinutes(5));

        Assert.Null(wrong);
    }

    [Theory]
    [InlineData("unsigned", HttpStatusCode.Unauthorized)]
    [InlineData("other body", HttpStatusCode.Unauthorized)]
    [InlineData("other id", HttpStatusCode.Unauthorized)]
    [InlineData("too old", HttpStatusCode.Unauthorized)]
    [InlineData("from the future", HttpStatusCode.Unauthorized)]
    [InlineData("too long", HttpStatusCode.RequestEntityTooLarge)]
    [InlineData("no json", HttpStatusCode.BadRequest)]
    [InlineData("unknown", HttpStatusCode.NotFound)]
    [InlineData("local with another type", HttpStatusCode.BadRequest)]
    [InlineData("local from a page", HttpStatusCode.Forbidden)]
    [InlineData("local", HttpStatusCode.Accepted)]
    [InlineData("local without a body", HttpStatusCode.Accepted)]
    public async Task What_is_wrong_with_a_request_is_told_by_its_status(string what, HttpStatusCode expected)
    {
        var (status, _) = what switch
        {
            "unsigned" => await SendAsync(Request("order.closed", "{}")),
            "other body" => await PostAsync("order.closed", "{\"order\":7}", "m", sent: "{\"order\":8}"),
            "other id" => await PostAsync("order.closed", "{}", "m", sentId: "n"),
            "too old" => await PostAsync("order.closed", "{}", "m", TimeSpan.FromSeconds(-301)),
            "from the future" => await PostAsync("order.closed", "{}", "m", TimeSpan.FromSeconds(301)),
            "too long" => await PostAsync("order.closed", $"\"{new string('x', 100)}\"", "m"),
            "no json" => await PostAsync("order.closed", "{order}", "m"),
            "unknown" => await PostAsync("forgotten", "{}", "m"),
            "local with another type" => await SendAsync(Request("local", "{\"n\":\"one\"}")),
            "local from a page" => await SendAsync(Request("local", "{}", ("Origin", "https://elsewhere"))),
            "local" => await SendAsync(Request("local", "{\"n\":2}", ("Idempotency-Key", "k"))),
            _ => await SendAsync(Request("local", "")),
        };

        Assert.Equal(expected, status);
        Assert.Equal(expected == HttpStatusCode.Accepted ? 1 : 0, (await _engine.RunsAsync("bill")).Count + (await _engine.RunsAsync("local")).Count);
    }

    [Fact]
    public void A_secret_that_is_none_is_refused_when_the_route_is_mapped()
    {
        var options = new EventOptions { Secrets = { ["e"] = "short" } };

        Assert.Contains("'e'", Assert.Throws<ArgumentException>(() => _host.MapOrchestratorEvents("/other", _engine.Engine, options)).Message, StringComparison.Ordinal);
    }

    private Task<(HttpStatusCode Status, string Runs)> PostAsync(
        string name, string body, string id, TimeSpan off = default, string? sent = null, string? sentId = null)
    {
        var timestamp = (_time.GetUtcNow() + off).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = Convert.ToBase64String(HMACSHA256.HashData(
            Convert.FromBase64String(Secret["whsec_".Length..]), Encoding.UTF8.GetBytes($"{id}.{timestamp}.{body}")));
        return SendAsync(Request(
            name, sent ?? body, ("webhook-id", sentId ?? id), ("webhook-timestamp", timestamp), ("webhook-signature", $"v1,{signature}")));
    }

    private static HttpRequestMessage Request(string name, string body, params ReadOnlySpan<(string Name, string Value)> headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, name) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        foreach (var (header, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(header, value);
        }

        return request;
    }

    private async Task<(HttpStatusCode, string)> SendAsync(HttpRequestMessage request)
    {
        using var sent = request;
        using var response = await _client.SendAsync(request, Token);
        var text = await response.Content.ReadAsStringAsync(Token);
        return (response.StatusCode, response.StatusCode == HttpStatusCode.Accepted
            ? JsonDocument.Parse(text).RootElement.GetProperty("runs").GetRawText()
            : text);
    }
}
