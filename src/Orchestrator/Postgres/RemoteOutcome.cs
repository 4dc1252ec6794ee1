using System.Text.Json;
using System.Text.Json.Serialization;
using DataPlatform.Orchestrator.Execution;

namespace DataPlatform.Orchestrator.Postgres;

/// <summary>Outcomes as JSON in the queue of remote workers.</summary>
internal static class RemoteOutcome
{
    public static string Write(TaskOutcome outcome) => JsonSerializer.Serialize(
        new Document(outcome.Kind, outcome.Note, outcome.MayRetry, outcome.WakeAfter.Ticks, outcome.XComs)
        {
            Lineage = LineageText.Write(outcome.Lineage),
        },
        JsonSerializerOptions.Web);

    public static TaskOutcome Read(string json)
    {
        var document = JsonSerializer.Deserialize<Document>(json, JsonSerializerOptions.Web)!;
        return new TaskOutcome(document.Kind, document.Note, document.MayRetry)
        {
            WakeAfter = new TimeSpan(document.WakeAfterTicks),
            XComs = document.XComs,
            Lineage = LineageText.Read(document.Lineage),
        };
    }

    private sealed record Document(
        TaskOutcomeKind Kind, string? Note, bool MayRetry, long WakeAfterTicks, IReadOnlyDictionary<string, string> XComs)
    {
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Lineage { get; init; }
    }
}
