using System.Text.Json;

namespace DataPlatform.Conformance.Orchestrator;

/// <summary>One case of the file.</summary>
internal sealed record Case(string Kind, string Name, JsonElement Data)
{
    public const string Variable = "DP_CASES_ORCHESTRATOR";

    public static IReadOnlyList<Case> Read()
    {
        var path = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named
            ? named
            : Path.Combine(AppContext.BaseDirectory, "orchestrator-cases.json");
        using var document = JsonDocument.Parse(
            File.ReadAllBytes(path), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip });
        Console.WriteLine($"orchestrator cases: {path}");
        return
        [
            .. document.RootElement.GetProperty("cases").EnumerateArray().Select(item => new Case(
                item.GetProperty("kind").GetString()!, item.GetProperty("name").GetString()!, item.Clone())),
        ];
    }

    public string Text(string name) => Data.GetProperty(name).GetString()!;
}
