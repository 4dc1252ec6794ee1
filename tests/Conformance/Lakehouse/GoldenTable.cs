using System.Text.Json;

namespace DataPlatform.Conformance.Lakehouse;

/// <summary>A Delta table of another writer and what its authors state about it.</summary>
internal sealed record GoldenTable(string Name, string Folder, JsonElement Expected)
{
    public string Family => Expected.GetProperty("family").GetString()!;

    public string Outcome => Expected.GetProperty("outcome").GetString()!;

    public string Root => Path.Combine(Folder, "delta");

    public long? Number(string name) => Expected.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : null;

    public JsonElement? Find(string name)
        => Expected.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public string? FileOrNull(string name) => File.Exists(Path.Combine(Folder, name)) ? Path.Combine(Folder, name) : null;
}

/// <summary>Finds the golden tables: those of this repository, and the public ones beside the checkout or where DP_CASES_DELTA points.</summary>
internal static class GoldenTables
{
    private static readonly Lazy<IReadOnlyDictionary<string, GoldenTable>> Loaded = new(Load);

    public static IReadOnlyDictionary<string, GoldenTable> All => Loaded.Value;

    /// <summary>The folder of the public tables, or null.</summary>
    public static string? PublicRoot { get; } = Environment.GetEnvironmentVariable("DP_CASES_DELTA") is { Length: > 0 } named
        ? named : Above(Path.Combine("shared", "delta-golden"));

    private static Dictionary<string, GoldenTable> Load()
    {
        Dictionary<string, GoldenTable> tables = new(StringComparer.Ordinal);
        foreach (var root in new[] { PublicRoot, Above(Path.Combine("tests", "Conformance", "Data", "delta-golden")) }.OfType<string>())
        {
            foreach (var folder in Directory.GetDirectories(root).Where(d => File.Exists(Path.Combine(d, "expected.json"))))
            {
                using var expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")));
                tables[Path.GetFileName(folder)] = new GoldenTable(Path.GetFileName(folder), folder, expected.RootElement.Clone());
            }
        }

        return tables;
    }

    private static string? Above(string path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (Directory.Exists(Path.Combine(folder.FullName, path)))
            {
                return Path.Combine(folder.FullName, path);
            }
        }

        return null;
    }
}
