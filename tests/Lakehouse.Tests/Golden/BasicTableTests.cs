using System.Text.Json;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.DuckDb;

namespace DataPlatform.Lakehouse.Tests.Golden;

/// <summary>The family "basic" of the golden tables, where they lie beside the checkout; the conformance runner reads them all.</summary>
public sealed class BasicTableTests
{
    public static TheoryData<string> Tables()
    {
        var data = new TheoryData<string>();
        if (Root() is { } root)
        {
            foreach (var folder in Directory.GetDirectories(root).Where(IsBasic))
            {
                data.Add(Path.GetFileName(folder));
            }
        }

        return data;
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Tables))]
    public async Task A_table_of_another_writer_shows_the_rows_its_authors_state(string name)
    {
        var folder = Path.Combine(Root()!, name);
        using var expected = Expected(folder);
        var table = await DeltaTable.OpenAsync(new LocalObjectStore(Path.Combine(folder, "delta")), null, TestContext.Current.CancellationToken);
        await using var lake = LakeQuery.Open();
        lake.Register("t", table.Snapshot);

        Assert.Equal(expected.RootElement.GetProperty("version").GetInt64(), table.Snapshot.Version);
        Assert.Equal(expected.RootElement.GetProperty("activeFiles").GetInt32(), table.Snapshot.Files.Count);
        Assert.Equal(
            expected.RootElement.GetProperty("rows").GetInt64(),
            await lake.ScalarAsync<long>("select count(*) from t", TestContext.Current.CancellationToken));
    }

    private static string? Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "shared", "delta-golden");
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }

    private static bool IsBasic(string folder)
    {
        using var expected = Expected(folder);
        return expected.RootElement.GetProperty("family").GetString() == "basic";
    }

    private static JsonDocument Expected(string folder) => JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")));
}
