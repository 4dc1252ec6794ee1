using System.Diagnostics;
using System.Text.Json;
using DataPlatform.EndToEnd.Lake;

namespace DataPlatform.EndToEnd.Suites;

/// <summary><c>dp quality serve</c> as its user runs it.</summary>
public sealed class ServeTests
{
    private const string Suite = """{"suite":"numbers-daily","table":"numbers","rules":[{"kind":"range","column":"n","min":0,"max":3}]}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Results_of_another_process_are_shown_and_a_suite_is_tried_on_a_table()
    {
        using var folder = new TemporaryFolder();
        var (store, table, suite) = (Path.Combine(folder.Path, "results.db"), Path.Combine(folder.Path, "numbers.csv"), Path.Combine(folder.Path, "suite.json"));
        await File.WriteAllTextAsync(table, "n\n1\n2\n5\n", Token);
        await File.WriteAllTextAsync(suite, Suite, Token);
        using var serving = DpProcess.Start("quality", "serve", store, "--port", "0", "--json", "--table", $"numbers={table}");
        using var client = new HttpClient { BaseAddress = new Uri(await AddressAsync(serving.Process)) };

        var (exit, _, error) = await DpProcess.RunAsync(Token, "quality", "run", suite, table, "--store", store);
        var page = await client.GetStringAsync("rules?outcome=fail", Token);
        using var body = new StringContent($$"""{"text":{{JsonSerializer.Serialize(Suite)}}}""", System.Text.Encoding.UTF8, "application/json");
        using var trial = await client.PostAsync("api/suites/try", body, Token);
        var (refused, _, reason) = await DpProcess.RunAsync(Token, "quality", "serve", suite);

        Assert.True(exit == 1, error);
        Assert.Contains("n is between 0 and 3", page, StringComparison.Ordinal);
        Assert.Contains("\"violations\":1", await trial.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Equal(1, refused);
        Assert.Contains("cannot be opened as a quality database", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lineage_that_another_process_imports_while_pages_are_served_shows_up()
    {
        using var folder = new TemporaryFolder();
        var (store, events) = (Path.Combine(folder.Path, "results.db"), Path.Combine(folder.Path, "events.jsonl"));
        using var serving = DpProcess.Start("quality", "serve", store, "--port", "0", "--json");
        using var client = new HttpClient { BaseAddress = new Uri(await AddressAsync(serving.Process)) };
        Assert.DoesNotContain("shop.customers", await client.GetStringAsync("lineage?dataset=shop.orders", Token), StringComparison.Ordinal);
        await File.WriteAllTextAsync(events, """
            {"eventType":"COMPLETE","eventTime":"2026-01-05T12:00:00Z","run":{"runId":"01890000-0000-7000-8000-000000000001"},"job":{"namespace":"dataplatform","name":"nightly"},"producer":"urn:test","schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json","inputs":[{"namespace":"dataplatform","name":"shop.customers"}],"outputs":[{"namespace":"dataplatform","name":"shop.orders"}]}
            """, Token);

        var (exit, _, error) = await DpProcess.RunAsync(Token, "lineage", "import", events, "--graph", store);

        Assert.True(exit == 0, error);
        Assert.Contains("shop.customers", await client.GetStringAsync("lineage?dataset=shop.orders", Token), StringComparison.Ordinal);
        Assert.Contains("shop.customers", await client.GetStringAsync("api/lineage/origins?dataset=shop.orders", Token), StringComparison.Ordinal);
    }

    private static async Task<string> AddressAsync(Process serving)
    {
        var text = string.Empty;
        while (await serving.StandardOutput.ReadLineAsync(Token) is { } line)
        {
            text += line;
            if (line == "}")
            {
                return JsonDocument.Parse(text).RootElement.GetProperty("address").GetString()!;
            }
        }

        throw new InvalidOperationException($"It ended: {text} {await serving.StandardError.ReadToEndAsync(Token)}");
    }
}
