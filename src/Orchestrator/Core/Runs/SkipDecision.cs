using System.Text.Json;

namespace DataPlatform.Orchestrator.Runs;

/// <summary>What a branch or short circuit decided, stored with its success, so that a cleared downstream task is skipped again.</summary>
/// <param name="Chosen">Direct downstream tasks that go on.</param>
/// <param name="IsTransitive">True: everything downstream of the task is skipped, whatever its rules.</param>
internal sealed record SkipDecision(IReadOnlyList<string> Chosen, bool IsTransitive)
{
    /// <summary>The XCom it is kept in.</summary>
    public const string Key = "skip_decision";

    public string ToJson() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);

    /// <summary>Reads what was stored; null for what is no decision, because a task may push anything under any name.</summary>
    public static SkipDecision? Parse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<SkipDecision>(json, JsonSerializerOptions.Web) is { Chosen: not null } decision ? decision : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
