using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Execution;

/// <summary>What a task body may read of its run, from its own thread.</summary>
internal interface IRunReader
{
    string? Pull(string taskId, string key, int mapIndex);

    IReadOnlyList<string> PullAll(string taskId, string key);

    string? Param(string name);

    /// <summary>The item of a mapped instance as JSON; null when it is not mapped.</summary>
    /// <param name="key">The instance.</param>
    /// <param name="resolve">Gives the value that a reference to a large one stands for.</param>
    string? Item(TaskKey key, Func<string, string> resolve);

    /// <summary>The stored values that the item of an instance is taken from.</summary>
    IEnumerable<string> ItemLists(TaskKey key);

    /// <summary>The stored values of the tasks directly before an instance's.</summary>
    IEnumerable<string> ValuesBefore(TaskKey key);

    /// <summary>Which instance of a task another instance sees: in the same mapped group that of its own index, else -1.</summary>
    int IndexSeenBy(TaskKey key, string taskId);
}
