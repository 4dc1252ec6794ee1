using System.Text.Json;
using DataPlatform.EndToEnd.Lake;

namespace DataPlatform.EndToEnd.Suites;

/// <summary><c>dp quality</c> as its user runs it: what it reads, what it keeps, what it says and how it fails.</summary>
public sealed class QualityCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task With_states_only_new_files_are_read_and_each_partition_is_told_of()
    {
        var (table, suite, store) = (At("orders"), At("suite.json"), At("results.db"));
        await File.WriteAllTextAsync(suite, """
            {"suite":"daily","table":"orders","rules":[
              {"kind":"range","column":"price","min":0,"max":20,"severity":"warning"},
              {"kind":"row-count-match","reference":"previous","tolerance":"200%"}]}
            """, Token);
        await DoneAsync("lake", "create", table, "--as", "select i as id, i * 1.5 as price, date '2001-01-01' + (i % 2)::int as day from range(20) t(i)", "--partition-by", "day");
        string[] run = ["quality", "run", suite, table, "--states", At("states"), "--store", store, "--previous", "0"];

        Assert.Contains("2 of 2 data files were read", await DoneAsync(run), StringComparison.Ordinal);
        Assert.Contains("0 of 2 data files were read", await DoneAsync(run), StringComparison.Ordinal);
        using var told = JsonDocument.Parse(await DoneAsync("quality", "partitions", store, "orders", "--bad", "--json"));
        Assert.Equal(
            [("day=2001-01-02", 3), ("day=2001-01-01", 3)],
            told.RootElement.EnumerateArray().Select(r => (r.GetProperty("partition").GetString()!, r.GetProperty("violations").GetInt32())));
        using var history = JsonDocument.Parse(await DoneAsync("quality", "history", store, "daily", "--limit", "1", "--json"));
        Assert.Equal(1, history.RootElement.GetArrayLength());
        Assert.Contains("0 of 2 data files", await DoneAsync("quality", "run", suite, table, "--states", At("states"), "--previous", "0"), StringComparison.Ordinal);
        Assert.Contains("2 of 2 data files", await DoneAsync("quality", "run", suite, table, "--states", At("states.db"), "--previous", "0"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sample_judges_what_it_can_and_refuses_the_rest_unless_that_may_read_all()
    {
        var (table, suite) = (At("many.csv"), At("suite.yaml"));
        await File.WriteAllLinesAsync(table, ["n", .. Enumerable.Range(0, 20_000).Select(i => i.ToString(System.Globalization.CultureInfo.InvariantCulture))], Token);
        await File.WriteAllTextAsync(suite, "suite: s\ntable: t\nrules:\n  - kind: not-null\n    column: n\n    threshold: 5%\n  - kind: unique\n    columns: [n]\n", Token);

        using var sampled = JsonDocument.Parse((await FailsAsync(1, "quality", "run", suite, table, "--sample", "2000", "--confidence", "0.95", "--json")).Output);
        using var whole = JsonDocument.Parse(await DoneAsync("quality", "run", suite, table, "--sample", "2000", "--whole-where-unsound", "--json"));

        Assert.Equal(["Pass", "Error"], sampled.RootElement.EnumerateArray().Select(r => r.GetProperty("outcome").GetString()));
        Assert.Contains("95", sampled.RootElement[0].GetProperty("seen").GetString(), StringComparison.Ordinal);
        Assert.Equal(["Pass", "Pass"], whole.RootElement.EnumerateArray().Select(r => r.GetProperty("outcome").GetString()));
    }

    [Fact]
    public async Task Runs_fill_series_that_anomaly_rules_judge_by_and_people_mark()
    {
        var (table, suite, store) = (At("n.csv"), At("suite.json"), At("results.db"));
        await File.WriteAllTextAsync(suite, """{"suite":"s","table":"t","rules":[{"kind":"anomaly","measure":"rows","direction":"low"}]}""", Token);
        foreach (var (day, rows) in new[] { 50, 51, 49, 50, 52, 50, 3 }.Index())
        {
            await File.WriteAllLinesAsync(table, ["n", .. Enumerable.Range(0, rows).Select(i => $"{i}")], Token);
            string[] run = ["quality", "run", suite, table, "--store", store, "--at", $"2001-01-{day + 1:00}T00:00:00Z", "--json"];
            if (rows > 3)
            {
                await DoneAsync(run);
            }
            else
            {
                Assert.Contains("lies outside", (await FailsAsync(1, run)).Output, StringComparison.Ordinal);
            }
        }

        using var list = JsonDocument.Parse(await DoneAsync("quality", "series", store, "t", "--json"));
        Assert.Equal(("t/rows", 3), (list.RootElement[0].GetProperty("series").GetString(), list.RootElement[0].GetProperty("value").GetInt32()));
        using var points = JsonDocument.Parse(await DoneAsync("quality", "series", store, "t", "--name", "t/rows", "--mark", "real", "--at", "2001-01-07T00:00:00Z", "--json"));
        Assert.Equal(("Violation", "Real"), (points.RootElement[6].GetProperty("state").GetString(), points.RootElement[6].GetProperty("said").GetString()));

        // The band is the one that the rule judged by, which looks for too little only, and not the one of default settings.
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Number), (points.RootElement[6].GetProperty("upper").ValueKind, points.RootElement[6].GetProperty("lower").ValueKind));
        Assert.Contains("rows", points.RootElement[6].GetProperty("rule").GetString(), StringComparison.Ordinal);
        Assert.Contains("no point at", (await FailsAsync(1, "quality", "series", store, "t", "--name", "t/rows", "--mark", "real", "--at", "2002-01-07T00:00:00Z")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_baseline_is_kept_and_later_values_are_held_against_it()
    {
        var (right, other, suite, folder) = (At("right.csv"), At("other.csv"), At("suite.json"), At("baselines"));
        await File.WriteAllLinesAsync(right, ["x", .. Enumerable.Range(0, 2_000).Select(i => $"{i % 100}")], Token);
        await File.WriteAllLinesAsync(other, ["x", .. Enumerable.Range(0, 2_000).Select(i => $"{i % 10}")], Token);
        await File.WriteAllTextAsync(suite, """{"suite":"s","table":"t","rules":[{"kind":"distribution","column":"x","test":"psi","reference":"x"}]}""", Token);

        await DoneAsync("quality", "baseline", right, "x", "--table", "t", "--out", folder);

        await DoneAsync("quality", "run", suite, right, "--baselines", folder);
        Assert.Contains("FAILED", (await FailsAsync(1, "quality", "run", suite, other, "--baselines", folder)).Output, StringComparison.Ordinal);
        Assert.Contains("has no column 'y'", (await FailsAsync(1, "quality", "baseline", right, "y", "--out", folder)).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("give --sample ROWS too", "--confidence", "0.9")]
    [InlineData("give one of them", "--sample", "2000", "--states", "states")]
    [InlineData("A sample has 1,000", "--sample", "5")]
    [InlineData("need a Delta table", "--states", "states")]
    [InlineData("need a Delta table", "--previous", "3")]
    [InlineData("takes name=path", "--reference", "nothing")]
    public async Task Switches_that_make_no_sense_are_refused_with_what_to_do(string says, params string[] switches)
    {
        var (table, suite) = (At("n.csv"), At("suite.json"));
        await File.WriteAllTextAsync(table, "n\n1\n", Token);
        await File.WriteAllTextAsync(suite, """{"suite":"s","table":"t","rules":[{"kind":"not-null","column":"n"}]}""", Token);

        var (_, error) = await FailsAsync(2, ["quality", "run", suite, table, .. switches]);

        Assert.Contains(says, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_day_is_that_day_in_utc_wherever_the_machine_stands()
    {
        var (table, suite, store) = (At("n.csv"), At("suite.json"), At("results.db"));
        await File.WriteAllTextAsync(table, "n\n1\n", Token);
        await File.WriteAllTextAsync(suite, """{"suite":"s","table":"t","rules":[{"kind":"row-count","min":1}]}""", Token);

        Assert.Equal(0, (await DpProcess.RunInZoneAsync("Asia/Tokyo", Token, "quality", "run", suite, table, "--store", store, "--at", "2001-01-31")).ExitCode);

        using var list = JsonDocument.Parse(await DoneAsync("quality", "series", store, "t", "--json"));
        Assert.Equal(new DateTimeOffset(2001, 1, 31, 0, 0, 0, TimeSpan.Zero), list.RootElement[0].GetProperty("newest").GetDateTimeOffset());
        Assert.Contains("'noon' is no instant", (await FailsAsync(2, "quality", "run", suite, table, "--at", "noon")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_that_is_wrong_with_a_suite_is_said_by_line_and_column()
    {
        var (table, suite) = (At("n.csv"), At("suite.yaml"));
        await File.WriteAllTextAsync(table, "n\n1\n", Token);
        await File.WriteAllTextAsync(suite, "table: t\nrules:\n  - kind: ranje\n    column: n\n  - kind: freshness\n    column: n\n    within: 24h\n", Token);

        var (_, error) = await FailsAsync(1, "quality", "run", suite, table);

        Assert.Contains($"{suite}:3:5: Rule 1: 'kind' must be one of", error, StringComparison.Ordinal);
        Assert.Contains($"{suite}:7:5: Rule 2 (freshness): 'within' must be a duration", error, StringComparison.Ordinal);
    }

    private static async Task<string> DoneAsync(params string[] arguments)
    {
        var (exit, output, error) = await DpProcess.RunAsync(Token, arguments);
        Assert.True(exit == 0, $"{exit}: {error}{output}");
        return output;
    }

    private static async Task<(string Output, string Error)> FailsAsync(int expected, params string[] arguments)
    {
        var (exit, output, error) = await DpProcess.RunAsync(Token, arguments);
        Assert.True(exit == expected, $"{exit}: {error}{output}");
        return (output, error);
    }

    private string At(string name) => Path.Combine(_folder.Path, name);
}
