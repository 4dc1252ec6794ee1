using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Scheduling;

namespace DataPlatform.Orchestrator.Execution;

/// <summary>A run as a body sees it in a process beside the scheduler: values are read when they are asked for.</summary>
internal sealed class HostedRunReader(DagRun run, Dag dag, string? item, IXComReader values) : IRunReader
{
    private readonly RunValues _structure = new(run, dag);
    private readonly Lazy<RunValues> _lists = new(() => ListsOf(run, dag, values));

    public string? Pull(string taskId, string key, int mapIndex) =>
        dag.FindTask(taskId) is { } task ? values.Find(run.Id, task.Number, mapIndex, key) : null;

    public IReadOnlyList<string> PullAll(string taskId, string key) =>
        dag.FindTask(taskId) is { } task ? values.FindAll(run.Id, task.Number, key) : [];

    public string? Param(string name) => _structure.Param(name);

    /// <summary>The scheduler sends the item along unless it is taken from a large list.</summary>
    public string? Item(TaskKey key, Func<string, string> resolve) => item ?? _lists.Value.Item(key, resolve);

    public IEnumerable<string> ItemLists(TaskKey key) => item is null ? _lists.Value.ItemLists(key) : [];

    public IEnumerable<string> ValuesBefore(TaskKey key) =>
        dag.Tasks[key.TaskNumber].UpstreamNumbers.SelectMany(number => values.FindAll(run.Id, number, null));

    public int IndexSeenBy(TaskKey key, string taskId) => _structure.IndexSeenBy(key, taskId);

    /// <summary>What tasks are mapped over.</summary>
    private static RunValues ListsOf(DagRun run, Dag dag, IXComReader values)
    {
        var lists = new RunValues(run, dag);
        foreach (var task in dag.Tasks.SelectMany(task => dag.MapOf(task)?.TaskIds ?? []).Distinct(StringComparer.Ordinal).Select(dag.Task))
        {
            var found = values.FindAll(run.Id, task.Number, TaskContext.ReturnKey);
            for (var i = 0; i < found.Count; i++)
            {
                lists.Set(task.Id, TaskContext.ReturnKey, task.IsMapped ? i : -1, found[i]);
            }
        }

        return lists;
    }
}
