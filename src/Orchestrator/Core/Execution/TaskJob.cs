using System.Globalization;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Execution;

/// <summary>What tasks and their tries are called where lineage is told.</summary>
internal static class TaskJob
{
    public static string Name(string dagId, string taskId) => $"dag/{dagId}/{taskId}";

    /// <summary>One try: the same whenever and wherever it is told again.</summary>
    public static string RunId(string dagId, TaskKey key, string taskId, int @try) => key.MapIndex < 0
        ? string.Create(CultureInfo.InvariantCulture, $"{dagId}/{key.RunId}/{taskId}#{@try}")
        : string.Create(CultureInfo.InvariantCulture, $"{dagId}/{key.RunId}/{taskId}[{key.MapIndex}]#{@try}");
}
