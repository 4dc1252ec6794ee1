using System.Text.Json;

namespace DataPlatform.Conformance.Quality;

/// <summary>
/// Finds the cases: the file that DP_CASES_LINEAGE names, else our own copy and the hostile ones, in which each statement is chosen to be
/// hard and its edges were derived from the conventions by hand; the public one beside the checkout when it differs.
/// </summary>
internal static class LineageCases
{
    public const string Variable = "DP_CASES_LINEAGE";
    private const string FileName = "lineage-cases.json";
    private const string HostileFileName = "lineage-hostile-cases.json";

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { PropertyNameCaseInsensitive = true };

    /// <summary>Families of cases by name; a family that is not there has no cases and says so in its name.</summary>
    public static IReadOnlyList<(string Family, IReadOnlyList<LineageCase> Cases)> Load() => Loaded.Value;

    /// <summary>Our own cases, whatever the variable says.</summary>
    public static IReadOnlyList<LineageCase> Own() => Read(OwnPath());

    /// <summary>Where our own cases lie.</summary>
    public static string OwnPath() => Find(Path.Combine("tests", "Conformance", "Data", FileName))
        ?? throw new FileNotFoundException($"tests/Conformance/Data/{FileName} is not above '{AppContext.BaseDirectory}': run from a checkout.");

    private static readonly Lazy<IReadOnlyList<(string Family, IReadOnlyList<LineageCase> Cases)>> Loaded = new(LoadFiles);

    private static List<(string Family, IReadOnlyList<LineageCase> Cases)> LoadFiles()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            return [(named, Read(named))];
        }

        var own = OwnPath();
        List<(string, IReadOnlyList<LineageCase>)> families = [("own", Read(own)), ("hostile", Read(Path.Combine(Path.GetDirectoryName(own)!, HostileFileName)))];
        if (Find(Path.Combine("shared", FileName)) is { } beside && !File.ReadAllBytes(beside).AsSpan().SequenceEqual(File.ReadAllBytes(own)))
        {
            families.Add(("shared", Read(beside)));
        }

        return families;
    }

    private static List<LineageCase> Read(string path) => JsonSerializer.Deserialize<List<LineageCase>>(File.ReadAllText(path), Options)!;

    private static string? Find(string relative)
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            var found = Path.Combine(at.FullName, relative);
            if (File.Exists(found))
            {
                return found;
            }
        }

        return null;
    }
}
