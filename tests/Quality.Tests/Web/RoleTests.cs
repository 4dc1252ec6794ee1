using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using DataPlatform.TestKit.Suites;
using DataPlatform.Web.Access;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Quality.Tests.Web;

public sealed class RoleTests
{
    private const string Suite = """{"suite":"by-key","table":"sales.orders","rules":[]}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Viewers_look_operators_act_and_try_and_only_admins_save()
    {
        await using var demo = await DemoQuality.MakeAsync(Token);
        var keys = Enum.GetValues<AccessRole>().ToDictionary(role => role, role => ApiKey.Create($"{role}-key", role));
        var root = await demo.ServeAsync(ConsoleAccess.LoggedIn, services => services.AddConsoleAccess(options =>
        {
            foreach (var (key, _) in keys.Values)
            {
                options.ApiKeys.Add(key);
            }
        }));
        var mark = new { series = "sales.orders/rows", at = "2001-02-28T00:00:00Z", says = "Real" };
        async Task<HttpStatusCode[]> StatusesAsync(string? secret)
        {
            using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = root };
            client.DefaultRequestHeaders.Authorization = secret is null ? null : new AuthenticationHeaderValue("Bearer", secret);
            using var look = await client.GetAsync("api/rules", Token);
            using var act = await client.PostAsJsonAsync("api/series/feedback", mark, Token);
            using var attempt = await client.PostAsJsonAsync("api/suites/try", new { text = Suite }, Token);
            using var edit = await client.GetAsync("suite/edit?name=sales.orders-daily", Token);
            using var save = await client.PutAsJsonAsync($"api/suite?name=by-key", new { text = Suite, baseVersion = 0 }, Token);
            return [look.StatusCode, act.StatusCode, attempt.StatusCode, edit.StatusCode, save.StatusCode];
        }

        var (yes, no) = (HttpStatusCode.OK, HttpStatusCode.Forbidden);
        Assert.All(await StatusesAsync(null), status => Assert.Contains(status, (HttpStatusCode[])[HttpStatusCode.Unauthorized, HttpStatusCode.Redirect, HttpStatusCode.Found]));
        Assert.Equal([yes, no, no, no, no], await StatusesAsync(keys[AccessRole.Viewer].Secret));
        Assert.Equal([yes, yes, yes, yes, no], await StatusesAsync(keys[AccessRole.Operator].Secret));
        Assert.Equal([yes, yes, yes, yes, yes], await StatusesAsync(keys[AccessRole.Admin].Secret));
        Assert.Equal("Admin-key", (await demo.Console.Suites!.FindAsync("by-key", cancellationToken: Token))!.Author);
        Assert.Contains(await demo.Console.Audit!.ReadAsync(null, null, 10, Token), e => e.Actor == "Operator-key" && e.Action == "mark real");
    }

    [Fact]
    public async Task A_viewer_sees_no_button_that_would_be_refused()
    {
        await using var demo = await DemoQuality.MakeAsync(Token);
        var (key, secret) = ApiKey.Create("reader", AccessRole.Viewer);
        using var client = new HttpClient { BaseAddress = await demo.ServeAsync(ConsoleAccess.LoggedIn, services => services.AddConsoleAccess(options => options.ApiKeys.Add(key))) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        var incident = (await demo.Console.Incidents!.ListAsync(cancellationToken: Token))[0];

        foreach (var path in new[] { "table?name=sales.orders&tab=history", "table?name=sales.orders&tab=profile", $"incident?id={incident.Id}", "lineage?dataset=sales/orders", "suite?name=sales.orders-daily" })
        {
            var page = await client.GetStringAsync(path, Token);
            Assert.DoesNotContain("value=\"acknowledge\"", page, StringComparison.Ordinal);
            Assert.DoesNotContain("action=\"./feedback\"", page, StringComparison.Ordinal);
            Assert.DoesNotContain("table/profile\"", page, StringComparison.Ordinal);
            Assert.DoesNotContain("annotate", page, StringComparison.Ordinal);
            Assert.DoesNotContain("suite/edit", page, StringComparison.Ordinal);
        }
    }
}
