using System.Text.Json;
using DataPlatform.EndToEnd.Lake;

namespace DataPlatform.EndToEnd.Suites;

/// <summary><c>dp lineage</c> over texts as people have them: several statements, wrong ones, none.</summary>
public sealed class LineageCommandTests
{
    private const string Script = """
        CREATE TABLE raw (id int, delay int, city varchar);
        -- what is late
        CREATE TABLE stage AS SELECT id, delay * 2 AS d FROM raw WHERE city = 'x';

        INSERT INTO mart SELECT id, d FROM stage;
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_script_is_told_statement_by_statement_with_its_lines()
    {
        using var folder = new TemporaryFolder();

        var (exit, text, error) = await DpProcess.RunAsync(Token, "lineage", await WriteAsync(folder, Script), "--json");

        Assert.True(exit == 0, error);
        var rows = JsonDocument.Parse(text).RootElement.EnumerateArray().ToList();
        Assert.Equal(
            ["2 stage.id <- raw.id", "2 stage.d <- raw.delay", "2 stage <- raw.city", "5 mart.id <- stage.id", "5 mart.d <- stage.d"],
            rows.Select(r => $"{r.GetProperty("line")} {r.GetProperty("target").GetString()} <- {r.GetProperty("sources").GetString()}"));
        Assert.Contains("mart does not exist", rows[^1].GetProperty("problem").GetString()!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SELECT 1 AS a;\nSELEC 2;\n", 1, "1 of 2 statements do not parse; the first is at line 2: syntax error")]
    [InlineData("\n\nINSERT INTO t SELECT a FROM (", 1, "the first is at line 3")]
    [InlineData("SELECT nope FROM ghosts", 0, "")]
    [InlineData("BEGIN; SET threads = 1; COMMIT;", 0, "")]
    [InlineData("", 0, "")]
    public async Task A_text_that_would_not_run_is_a_failure_that_names_the_line(string sql, int expected, string said)
    {
        using var folder = new TemporaryFolder();

        var (exit, text, error) = await DpProcess.RunAsync(Token, "lineage", await WriteAsync(folder, sql), "--json");

        Assert.Equal(expected, exit);
        Assert.Contains(said, error, StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Array, JsonDocument.Parse(text).RootElement.ValueKind);
    }

    [Theory]
    [InlineData(2, "not for both", "--impact", "raw.id", "--root", "mart.id")]
    [InlineData(2, "at least 1", "--impact", "raw.id", "--depth", "0")]
    [InlineData(2, "is no column", "--impact", "raw")]
    [InlineData(1, "of 'raw' these are known: city, delay, id", "--impact", "raw.dealy")]
    [InlineData(1, "nor another column of 'row'", "--root", "row.id")]
    public async Task A_question_that_cannot_be_answered_is_refused(int expected, string said, params string[] arguments)
    {
        using var folder = new TemporaryFolder();

        var (exit, _, error) = await DpProcess.RunAsync(Token, ["lineage", await WriteAsync(folder, Script), .. arguments]);

        Assert.True(exit == expected && error.Contains(said, StringComparison.Ordinal), $"{exit}: {error}");
    }

    [Fact]
    public async Task A_file_that_is_none_is_said_to_be_none()
    {
        using var folder = new TemporaryFolder();

        Assert.Contains("is a folder", (await DpProcess.RunAsync(Token, "lineage", folder.Path)).Error, StringComparison.Ordinal);
        Assert.Contains("There is no SQL text", (await DpProcess.RunAsync(Token, "lineage", Path.Combine(folder.Path, "none.sql"))).Error, StringComparison.Ordinal);
    }

    private static async Task<string> WriteAsync(TemporaryFolder folder, string sql)
    {
        var path = Path.Combine(folder.Path, "job.sql");
        await File.WriteAllTextAsync(path, sql, Token);
        return path;
    }
}
