using System.Text.Json;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Sqlite;

/// <summary>Dataset changes of a run as a JSON array of [dataset, after, version].</summary>
internal static class ChangesJson
{
    public static string? Write(IReadOnlyList<DatasetChange> changes) => changes.Count == 0
        ? null
        : JsonSerializer.Serialize(changes.Select(change => new object[] { change.Dataset.Name, change.AfterVersion, change.Version }));

    public static IReadOnlyList<DatasetChange> Read(string? json)
    {
        if (json is null)
        {
            return [];
        }

        using var document = JsonDocument.Parse(json);
        return
        [
            .. document.RootElement.EnumerateArray()
                .Select(change => new DatasetChange(new DatasetId(change[0].GetString()!), change[1].GetInt64(), change[2].GetInt64())),
        ];
    }
}
