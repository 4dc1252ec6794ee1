using System.Net;
using System.Text;

namespace DataPlatform.Quality.Tests.Web;

/// <summary>Whatever an address or a body says wrongly is the caller's error and never the server's.</summary>
public sealed class BadRequestTests(PagesFixture pages) : IClassFixture<PagesFixture>
{
    private static readonly string[] Odd = ["", "%20", "-1", "99999999999999999999", "abc", "%00", "a/b/c/d", "%27%22%3Cscript%3E", "%F0%9F%98%80", "NaN"];

    private static readonly string[] Addresses =
    [
        "api/overview?domain=", "api/tables?q=", "api/tables?after=", "api/tables?limit=", "api/table?name=", "api/rules?after=", "api/rules?outcome=", "api/rules?severity=", "api/rules?limit=",
        "api/rule?key=", "api/rule/history?key=", "api/partitions?table=", "api/partitions?table=sales.orders&before=", "api/partition?name=x&key=", "api/runs?before=", "api/run?id=",
        "api/series?table=", "api/series/points?name=", "api/profile?table=", "api/incidents?after=", "api/incident?id=", "api/lineage?dataset=", "api/lineage?dataset=a&depth=",
        "api/lineage/impact?dataset=a&column=", "api/audit?before=", "api/audit?subject=", "api/suites?after=", "api/suite?name=", "api/suite?name=sales.orders-daily&version=", "api/suite/versions?name=",
        "api/suites/suggestions?table=", "api/suites/suggestions?table=sales.orders&sampleRows=", "table?name=", "table?name=sales.orders&tab=", "table?name=sales.orders&metric=", "rule?key=", "partition?name=x&key=", "rules?after=",
        "rules?outcome=", "tables?after=", "run?id=", "run/report?id=", "incidents?after=", "incident?id=", "lineage?dataset=", "lineage?dataset=a&depth=", "lineage?dataset=a&level=", "audit?before=", "suites?after=", "suite?name=",
        "suite?name=sales.orders-daily&version=", "suite/edit?name=", "suite/edit?table=", "?domain=",
    ];

    private static readonly string[] Bodies = ["", "{}", "[]", "null", "3", "{\"text\":", "{\"text\":null}", "{\"at\":\"noon\"}", "{\"do\":\"mute\",\"hours\":1e300}", "{\"do\":\"mute\",\"hours\":-1}", "{\"text\":\"{}\",\"sampleRows\":-5}", "{\"source\":{},\"target\":{},\"kind\":\"Direct\"}", "{\"series\":null,\"at\":\"2001-01-01T00:00:00Z\",\"says\":\"Real\"}"];

    private static readonly string[] Posts =
        ["api/series/feedback", "api/incident/act?id=x", "api/lineage/annotations", "api/profile?table=", "api/profile?table=none", "api/suites/check", "api/suites/try", "api/suite?name=x"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_address_is_an_error_of_the_server()
    {
        List<string> wrong = [];
        foreach (var address in Addresses.SelectMany(a => Odd.Select(o => a + o)))
        {
            using var answer = await pages.Client.GetAsync(address, Token);
            if (answer.StatusCode >= HttpStatusCode.InternalServerError)
            {
                wrong.Add($"{address}: {(int)answer.StatusCode}");
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task No_body_is_an_error_of_the_server()
    {
        List<string> wrong = [];
        foreach (var (address, body) in Posts.SelectMany(p => Bodies.Select(b => (p, b))))
        {
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            using var answer = address.StartsWith("api/suite?", StringComparison.Ordinal)
                ? await pages.Client.PutAsync(address, content, Token)
                : await pages.Client.PostAsync(address, content, Token);
            if (answer.StatusCode >= HttpStatusCode.InternalServerError)
            {
                wrong.Add($"{address} {body}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Token)}");
            }
        }

        Assert.Empty(wrong);
    }
}
