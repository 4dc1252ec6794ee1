using System.Text.Json;

namespace DataPlatform.EndToEnd.Lake;

/// <summary><c>dp lake</c> from outside: what it prints, what it leaves on disk, how it fails.</summary>
public sealed class LakeCommandTests : IDisposable
{
    private const string Orders = """
        select i::bigint as id, case when i % 4 = 0 then null else 'name, "' || i || '"' end as name, date '2001-01-01' + (i % 3)::int as day,
               (i * 1.25)::decimal(12,2) as price, [i, i + 1] as tags
        from range(30) t(i)
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_table_is_made_looked_at_merged_and_checked()
    {
        var path = Path.Combine(_folder.Path, "orders");
        using var created = await JsonAsync(
            "create", path, "--as", Orders, "--partition-by", "day", "--property", "delta.enableChangeDataFeed=true", "--json");
        Assert.Equal((30, 3), (created.RootElement.GetProperty("rows").GetInt64(), created.RootElement.GetProperty("files").GetInt64()));

        using var shown = await JsonAsync("show", path, "--json");
        Assert.Equal("true", shown.RootElement.GetProperty("properties").GetProperty("delta.enableChangeDataFeed").GetString());
        Assert.Equal("day", shown.RootElement.GetProperty("partitionColumns")[0].GetString());
        Assert.Contains("decimal(12,2)", await TextAsync("schema", path), StringComparison.Ordinal);

        using var files = await JsonAsync("files", path, "--where", "day = DATE '2001-01-02'", "--json");
        Assert.Equal(1, files.RootElement.EnumerateArray().Count(f => f.GetProperty("pruned").ValueKind == JsonValueKind.Null));
        Assert.Contains("cannot hold: day is DATE '2001-01-01'", await TextAsync("files", path, "--where", "day = DATE '2001-01-02'"),
            StringComparison.Ordinal);

        var lines = (await TextAsync("read", path, "--where", "id < 5", "--format", "jsonl")).Split(
            '\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            ["0/0.00/[0,1]", "1/1.25/[1,2]", "2/2.50/[2,3]", "3/3.75/[3,4]", "4/5.00/[4,5]"],
            lines.Select(l => JsonDocument.Parse(l).RootElement).OrderBy(r => r.GetProperty("id").GetInt64())
                .Select(r => $"{r.GetProperty("id")}/{r.GetProperty("price")}/{r.GetProperty("tags")}"));
        var csv = (await TextAsync("read", path, "--where", "id IN (4, 5)", "--columns", "id,name", "--format", "csv")).Split(
            '\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("id,name", csv[0]);
        Assert.Equal(["4,", "5,\"name, \"\"5\"\"\""], csv.Skip(1).Order(StringComparer.Ordinal));

        using var sum = await JsonAsync("query", path, "select count(*) as n, sum(id)::bigint as s from t", "--json");
        Assert.Equal((30, 435), (sum.RootElement[0].GetProperty("n").GetInt64(), sum.RootElement[0].GetProperty("s").GetInt64()));
        using var changes = await JsonAsync("cdf", path, "--from", "0", "--json");
        Assert.Equal(30, changes.RootElement.GetArrayLength());
        Assert.Contains("sound", await TextAsync("check", path), StringComparison.Ordinal);
        Assert.Contains("nothing to merge", await TextAsync("compact", path), StringComparison.Ordinal);
        using var checkpoint = await JsonAsync("checkpoint", path, "--json");
        Assert.Equal(0, checkpoint.RootElement.GetProperty("version").GetInt64());
        Assert.Contains("CREATE TABLE AS SELECT", await TextAsync("history", path), StringComparison.Ordinal);

        using var replaced = await JsonAsync(
            "create", path, "--schema", "id bigint not null, at struct<x: int, y: array<string>>", "--or-replace", "--json");
        Assert.Equal(1, replaced.RootElement.GetProperty("version").GetInt64());
        Assert.Equal("30", (await TextAsync("query", path, "select count(*) from t", "--version", "0", "--format", "csv")).Split('\n')[1]);
    }

    [Fact]
    public async Task A_folder_of_Parquet_files_is_imported_and_a_damaged_table_fails_its_check()
    {
        var path = Path.Combine(_folder.Path, "imported");
        using (await JsonAsync("create", path, "--as", Orders, "--partition-by", "day", "--json"))
        {
            Directory.Delete(Path.Combine(path, "_delta_log"), recursive: true);
        }

        using var imported = await JsonAsync("import", path, "--partition", "day:date", "--json");
        Assert.Equal((3, 30), (imported.RootElement.GetProperty("files").GetInt64(), imported.RootElement.GetProperty("rows").GetInt64()));
        File.Delete(Directory.GetFiles(path, "*.parquet", SearchOption.AllDirectories)[0]);
        var (code, output, _) = await DpProcess.RunAsync(_cancel, "lake", "check", path, "--json");
        using var report = JsonDocument.Parse(output);
        Assert.Equal((1, false), (code, report.RootElement.GetProperty("sound").GetBoolean()));
        Assert.Equal("MissingFile", report.RootElement.GetProperty("findings")[0].GetProperty("problem").GetString());
    }

    [Theory]
    [InlineData(1, "There is no folder", "show", "{folder}/none")]
    [InlineData(1, "is not a Delta table", "show", "{folder}")]
    [InlineData(2, "--schema needs a type", "create", "{folder}/x", "--schema", "id colour")]
    [InlineData(2, "--schema, or the rows with --as", "create", "{folder}/x")]
    [InlineData(2, "'2001' takes", "create", "{folder}/x", "--schema", "id int", "--property", "2001")]
    [InlineData(1, "cannot partition", "create", "{folder}/x", "--schema", "id int, m array<int>", "--partition-by", "m")]
    [InlineData(1, "no Parquet file", "import", "{folder}")]
    [InlineData(2, "is required", "cdf", "{folder}")]
    public async Task Wrong_use_names_the_thing_and_the_remedy_and_leaves_nothing(int exitCode, string message, params string[] arguments)
    {
        var (code, output, error) = await DpProcess.RunAsync(
            _cancel, ["lake", .. arguments.Select(a => a.Replace("{folder}", _folder.Path, StringComparison.Ordinal))]);
        Assert.Equal((exitCode, string.Empty), (code, output));
        Assert.Contains(message.Replace("'2001' takes", "takes name=value, not '2001'", StringComparison.Ordinal), error,
            StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    private async Task<string> TextAsync(params string[] arguments)
    {
        var (code, output, error) = await DpProcess.RunAsync(_cancel, ["lake", .. arguments]);
        Assert.True(code == 0, error);
        return output;
    }

    private async Task<JsonDocument> JsonAsync(params string[] arguments) => JsonDocument.Parse(await TextAsync(arguments));
}
