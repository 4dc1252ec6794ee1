using System.Text.Json;

namespace DataPlatform.EndToEnd.Dags;

/// <summary><c>dp dag</c> over files from outside: what it prints and how it fails.</summary>
public sealed class DagCommandTests : IDisposable
{
    private const string Mart = """
        dag: mart
        schedule: { cron: "0 6 * * *", zone: Europe/Berlin }
        params: { day: { default: today, choices: [today, yesterday] } }
        tasks:
          extract: { command: [extract, "{{ params.day }}"], returns: list of text }
        groups:
          each:
            map: { over: extract }
            tasks:
              load: { command: [load, "{{ item | sh }}"], item: text }
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Two_versions_are_checked_planned_and_compared()
    {
        var (old, young) = (Written("old.yaml", Mart), Written("young.yaml", Mart.Replace("0 6", "0 7", StringComparison.Ordinal).Replace("[load,", "[load, --fast,", StringComparison.Ordinal)));

        Assert.Contains("cron '0 6 * * *' in Europe/Berlin", await TextAsync("check", old), StringComparison.Ordinal);
        Assert.Contains("06:00:00 +02:00", await TextAsync("plan", old, "mart", "--from", "2026-07-01T00:00:00Z", "--count", "1"), StringComparison.Ordinal);
        Assert.Equal(
            ["~ timetable.expression: 0 6 * * * -> 0 7 * * *", "~ task each.load", "    command.arguments: {{ item | sh }} -> --fast, {{ item | sh }}"],
            (await TextAsync("diff", old, young)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd()));
        using var json = JsonDocument.Parse(await TextAsync("diff", old, young, "--json"));
        Assert.Equal("each.load", json.RootElement.GetProperty("tasks")[0].GetProperty("id").GetString());
        Assert.Equal("no difference", (await TextAsync("diff", old, old)).Trim());
    }

    [Fact]
    public async Task What_is_wrong_is_said_with_its_place()
    {
        var file = Written("wrong.yaml", Mart.Replace("item: text", "item: integer", StringComparison.Ordinal).Replace("params.day", "params.dag", StringComparison.Ordinal));

        var (code, _, error) = await DpProcess.RunAsync(_cancel, "dag", "check", file);

        Assert.NotEqual(0, code);
        Assert.Contains("wrong.yaml(5,12): task 'extract': '{{ params.dag }}' names the parameter 'dag'", error, StringComparison.Ordinal);
        Assert.Contains("wrong.yaml(10,13): DAG 'mart': task 'each.load' takes an item as long, but 'extract' gives items of string", error, StringComparison.Ordinal);
        var (noStore, _, remedy) = await DpProcess.RunAsync(_cancel, "dag", "diff", Written("right.yaml", Mart), "4f2a");
        Assert.NotEqual(0, noStore);
        Assert.Contains("--store", remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_arguments_are_named_with_the_remedy()
    {
        var file = Written("mart.yaml", Mart);
        var store = Path.Combine(_folder.Path, "o.db");
        using (await ServedProcess.ServeAsync(_cancel, store, file))
        {
            // It makes the store.
        }

        await RefusedAsync(2, "--from takes an instant such as 2026-03-28T00:00:00Z, not 'tomorrow'", "plan", file, "mart", "--from", "tomorrow");
        await RefusedAsync(2, "knows no DAG 'mort'; it knows mart", "plan", file, "mort");
        await RefusedAsync(2, "knows no run 7", "tasks", store, "7");
        await RefusedAsync(2, "knows no DAG 'mort'; it knows mart", "runs", store, "--dag", "mort");
        await RefusedAsync(2, "DAG 'mart' stands 2 times", "check", file, file);
        await RefusedAsync(2, "There is no file", "check", "absent.yaml");
        await RefusedAsync(1, "absent.db", "list", Path.Combine(_folder.Path, "absent.db"));

        async Task RefusedAsync(int expected, string text, params string[] arguments)
        {
            var (code, output, error) = await DpProcess.RunAsync(_cancel, ["dag", .. arguments]);
            Assert.Contains(text, error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
            Assert.Equal((expected, string.Empty), (code, output));
        }
    }

    private string Written(string name, string text)
    {
        var path = Path.Combine(_folder.Path, name);
        File.WriteAllText(path, text);
        return path;
    }

    private async Task<string> TextAsync(params string[] arguments)
    {
        var (code, output, error) = await DpProcess.RunAsync(_cancel, ["dag", .. arguments]);
        Assert.True(code == 0, error);
        return output;
    }
}
