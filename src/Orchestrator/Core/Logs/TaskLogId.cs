using System.Globalization;

namespace DataPlatform.Orchestrator.Logs;

/// <summary>The log of one try.</summary>
/// <param name="DagId">The DAG.</param>
/// <param name="RunId">The run.</param>
/// <param name="TaskId">The task.</param>
/// <param name="MapIndex">The index of a mapped instance; -1 otherwise.</param>
/// <param name="Try">The try, from 1.</param>
public readonly record struct TaskLogId(string DagId, long RunId, string TaskId, int MapIndex, int Try)
{
    /// <summary>Every log of a run lies below this.</summary>
    internal static string FolderOf(string dagId, long runId)
        => string.Create(CultureInfo.InvariantCulture, $"logs/{Uri.EscapeDataString(dagId)}/{runId:D19}/");

    internal string Part(int number) => string.Create(
        CultureInfo.InvariantCulture, $"{FolderOf(DagId, RunId)}{Uri.EscapeDataString(TaskId)}/{MapIndex + 1}/{Try}/{number:D6}.log");
}
