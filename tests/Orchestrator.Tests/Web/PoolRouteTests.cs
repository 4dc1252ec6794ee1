using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Web.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Orchestrator.Tests.Web;

/// <summary>Pools over the REST API: an admin's, and in the audit log.</summary>
public sealed class PoolRouteTests : IAsyncLifetime
{
    private EngineHarness _engine = null!;
    private WebApplication _host = null!;
    private HttpClient _admin = null!;
    private HttpClient _operator = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _engine = await EngineHarness.StartAsync(new DagBuilder("d").Task("a", (_, _) => Task.CompletedTask).Build());
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var (admin, adminSecret) = ApiKey.Create("ada", AccessRole.Admin);
        var (acting, actingSecret) = ApiKey.Create("otto", AccessRole.Operator);
        builder.Services.AddConsoleAccess(options =>
        {
            options.ApiKeys.Add(admin);
            options.ApiKeys.Add(acting);
        });
        _host = builder.Build();
        _host.Urls.Add("http://127.0.0.1:0");
        _host.MapOrchestrator("/dags", _engine.Engine, ConsoleAccess.LoggedIn);
        await _host.StartAsync(Token);
        (_admin, _operator) = (Client(adminSecret), Client(actingSecret));
    }

    public async ValueTask DisposeAsync()
    {
        _admin.Dispose();
        _operator.Dispose();
        await _host.DisposeAsync();
        await _engine.DisposeAsync();
    }

    [Fact]
    public async Task A_pool_is_made_set_and_deleted_by_an_admin_and_all_of_it_is_in_the_audit_log()
    {
        Assert.Equal(HttpStatusCode.Created, (await _admin.PostAsJsonAsync("pools", new { name = "db", slots = 2 }, Token)).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await _admin.PostAsJsonAsync("pools", new { name = "db", slots = 2 }, Token)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await _admin.PutAsJsonAsync("pools/db", new { slots = 5, description = "sessions <of> the warehouse" }, Token)).StatusCode);
        var pools = await _admin.GetFromJsonAsync<JsonElement>("pools", Token);
        Assert.Equal(["db 5 False", "default 128 True"], pools.EnumerateArray().Select(
            pool => $"{pool.GetProperty("name")} {pool.GetProperty("slots")} {pool.GetProperty("isConfigured").GetBoolean()}"));
        Assert.Equal(["sessions <of> the warehouse", null], pools.EnumerateArray().Select(pool => pool.GetProperty("description").GetString()));
        foreach (var page in (string[])["../pools", "../pools/change?name=db"])
        {
            Assert.Contains("sessions &lt;of&gt; the warehouse", await _admin.GetStringAsync(page, Token), StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.NoContent, (await _admin.DeleteAsync("pools/db", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await _admin.DeleteAsync("pools/default", Token)).StatusCode);

        var audit = await _engine.Store.Audit.ListAsync(new AuditQuery { Actor = "ada" }, Token);
        Assert.Equal(
            ["pool.delete Refused", "pool.delete Done", "pool.set Done", "pool.create Refused", "pool.create Done"],
            audit.Select(entry => $"{entry.Action} {entry.Outcome}"));
        Assert.Equal("""{"name":"db","slots":5,"description":"sessions \u003Cof\u003E the warehouse"}""", audit[2].Detail);
    }

    [Fact]
    public async Task An_operator_looks_at_pools_and_changes_none()
    {
        Assert.Equal(HttpStatusCode.OK, (await _operator.GetAsync("pools", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await _operator.PostAsJsonAsync("pools", new { name = "db", slots = 2 }, Token)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await _operator.PutAsJsonAsync("pools/default", new { slots = 2 }, Token)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await _operator.DeleteAsync("pools/default", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await _operator.GetAsync("../pools/new", Token)).StatusCode);
        Assert.DoesNotContain("pools/new", await _operator.GetStringAsync("../pools", Token), StringComparison.Ordinal);
        Assert.Contains("pools/new", await _admin.GetStringAsync("../pools", Token), StringComparison.Ordinal);
        Assert.Empty(await _engine.Store.Audit.ListAsync(new AuditQuery(), Token));
    }

    [Fact]
    public async Task A_form_without_its_token_is_refused_and_slots_that_are_no_number_too()
    {
        using var form = new FormUrlEncodedContent([new("name", "db"), new("slots", "2")]);
        Assert.Equal(HttpStatusCode.BadRequest, (await _admin.PostAsync("../pools/new", form, Token)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await _admin.PutAsJsonAsync("pools/default", new { slots = "many" }, Token)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await _admin.PutAsJsonAsync("pools/default", new { slots = -1 }, Token)).StatusCode);
        Assert.Equal(["default"], (await _engine.Engine.PoolsAsync(Token)).Select(pool => pool.Name));
    }

    private HttpClient Client(string secret)
    {
        var client = new HttpClient { BaseAddress = new Uri(_host.Urls.Single() + "/dags/api/") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        return client;
    }
}
