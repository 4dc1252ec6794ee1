using System.Text.Json;

namespace DataPlatform.Conformance.Streaming;

/// <summary>One family of cases.</summary>
public sealed record CaseFile(string Family, IReadOnlyList<JsonElement> Cases)
{
    /// <summary>All files of the folder that <c>DP_CASES_STREAMING</c> names, or that one file, or the product's own.</summary>
    public static IReadOnlyList<CaseFile> Load()
    {
        var place = Environment.GetEnvironmentVariable("DP_CASES_STREAMING") is { Length: > 0 } named ? named : Path.Combine(AppContext.BaseDirectory, "Cases");
        string[] files = File.Exists(place) ? [place] : Directory.Exists(place)
            ? [.. Directory.GetFiles(place, "*.json").Order(StringComparer.Ordinal)]
            : throw new FileNotFoundException($"'{place}' is neither a file nor a folder of cases.");
        return [.. files.Select(Read)];
    }

    private static CaseFile Read(string path)
    {
        try
        {
            var root = JsonDocument.Parse(File.ReadAllBytes(path)).RootElement;
            return new CaseFile(root.GetProperty("family").GetString()!, [.. root.GetProperty("cases").EnumerateArray()]);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException($"'{path}' is no file of cases: {e.Message}", e);
        }
    }
}

/// <summary>Short ways to read a case.</summary>
internal static class CaseElement
{
    public static string Text(this JsonElement element, string name, string otherwise = "")
        => element.TryGetProperty(name, out var value) ? value.ToString() : otherwise;

    public static long Number(this JsonElement element, string name, long otherwise = 0)
        => element.TryGetProperty(name, out var value) ? value.GetInt64() : otherwise;

    public static bool Flag(this JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.GetBoolean();

    public static string[] Texts(this JsonElement element, string name)
        => element.TryGetProperty(name, out var value) ? [.. value.EnumerateArray().Select(static v => v.GetString()!)] : [];

    public static IEnumerable<JsonElement> Steps(this JsonElement element) => element.GetProperty("steps").EnumerateArray();

    /// <summary>Says what differs; null when nothing does.</summary>
    public static string? Difference(JsonElement step, string what, IEnumerable<string> expected, IEnumerable<string> actual)
    {
        var (wanted, got) = (string.Join(" ", expected), string.Join(" ", actual));
        return wanted == got ? null : $"after {step.GetRawText()}: {what} should be '{wanted}' and is '{got}'";
    }
}
