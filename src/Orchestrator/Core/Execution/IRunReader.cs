using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Execution;

/// <summary>What a task body may read of its run, from its own thread.</summary>
internal interface IRunReader
{
    string? Pull(string taskId, string key, int mapIndex);

    IReadOnlyList<string> PullAll(string taskId, string key);

    string? Param(string name);

    string? Item(TaskKey key);
}
