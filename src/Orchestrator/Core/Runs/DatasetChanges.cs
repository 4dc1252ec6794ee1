using System.Text.Json;
using DataPlatform.Kernel;

namespace DataPlatform.Orchestrator.Runs;

/// <summary>Dataset changes of a run as stores keep them: a JSON array of [dataset, after, version].</summary>
public static class DatasetChanges
{
    /// <summary>Writes them; null for none.</summary>
    /// <param name="changes">The changes.</param>
    public static string? Write(IReadOnlyList<DatasetChange> changes) => changes.Count == 0
        ? null
        : JsonSerializer.Serialize(changes.Select(change => new object[] { change.Dataset.Name, change.AfterVersion, change.Version }));

    /// <summary>Reads them.</summary>
    /// <param name="json">What was written; null for none.</param>
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
