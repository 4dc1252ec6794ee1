using System.Globalization;
using System.Text.Json;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Conformance.Orchestrator;

/// <summary>What a store says, in the words of a case: only what the case asks for.</summary>
internal static class ScenarioReport
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static string Expected(JsonElement runs) => string.Join(" | ", runs.EnumerateArray().Select(run =>
        string.Join(' ', run.EnumerateObject().Select(member => member.Name + "=" + (member.Value.ValueKind == JsonValueKind.Object
            ? "{" + string.Join(' ', member.Value.EnumerateObject().Select(task => $"{task.Name}:{task.Value}")) + "}"
            : member.Value.ToString())))));

    public static async Task<string> MakeAsync(IOrchestratorStore store, JsonElement expected)
    {
        var actual = (await store.ListRunsAsync(new RunQuery { Limit = 1000 }, Token)).Reverse().ToList();
        var lines = new List<string>();
        for (var i = 0; i < Math.Max(actual.Count, expected.GetArrayLength()); i++)
        {
            lines.Add(i >= actual.Count ? "no run" : await LineAsync(store, actual[i], i < expected.GetArrayLength() ? expected[i]
                : default));
        }

        return string.Join(" | ", lines);
    }

    private static async Task<string> LineAsync(IOrchestratorStore store, DagRun run, JsonElement expected)
    {
        if (expected.ValueKind != JsonValueKind.Object)
        {
            return $"unexpected run {run.Id} {run.LogicalDate:u} {run.State}";
        }

        var parts = new List<string>();
        foreach (var member in expected.EnumerateObject())
        {
            parts.Add(member.Name + "=" + member.Name switch
            {
                "state" => run.State.ToString(),
                "kind" => run.Kind.ToString(),
                "logical" => run.LogicalDate.UtcDateTime.ToString("HH:mm", CultureInfo.InvariantCulture),
                "after" => string.Join(',', run.Changes.Select(change => $"{change.Dataset}:{change.AfterVersion}-{change.Version}")),
                "tasks" => await TasksAsync(store, run.Id, member.Value),
                _ => throw new InvalidOperationException($"'{member.Name}' is nothing a case can expect."),
            });
        }

        return string.Join(' ', parts);
    }

    /// <summary>State, and the try number after a <c>#</c> where the case has one; of mapped tasks the states by index, joined by
    /// commas.</summary>
    private static async Task<string> TasksAsync(IOrchestratorStore store, long runId, JsonElement expected)
    {
        var tasks = (await store.ListTaskInstancesAsync(runId, Token)).ToLookup(task => task.TaskId);
        return "{" + string.Join(' ', expected.EnumerateObject().Select(member =>
        {
            var withTry = member.Value.ToString().Contains('#', StringComparison.Ordinal);
            var instances = tasks[member.Name].Where(task => task.State != TaskState.None || task.Try > 0)
                .Select(task => withTry ? $"{task.State}#{task.Try}" : task.State.ToString());
            var text = string.Join(',', instances);
            return $"{member.Name}:{(text.Length == 0 ? "None" : text)}";
        })) + "}";
    }
}
