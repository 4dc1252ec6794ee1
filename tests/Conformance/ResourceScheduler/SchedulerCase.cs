using System.Text.Json;

namespace DataPlatform.Conformance.ResourceScheduler;

/// <summary>One case: an input, what is expected of it, and how close numbers must be.</summary>
internal sealed record SchedulerCase(string Id, string Kind, JsonElement Input, JsonElement Expected, double Tolerance)
{
    public string Mode => Input.Text("mode") ?? "";

    public static SchedulerCase From(JsonElement element) => new(
        element.GetProperty("id").GetString()!,
        element.GetProperty("kind").GetString()!,
        element.GetProperty("input").Clone(),
        element.GetProperty("expected").Clone(),
        element.TryGetProperty("tolerance", out var tolerance) ? tolerance.GetDouble() : 0);
}
