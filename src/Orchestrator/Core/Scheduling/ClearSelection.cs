using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>Which instances a clear touches. Pure.</summary>
internal static class ClearSelection
{
    public static IReadOnlyList<LiveTask> Of(RunGraph graph, ClearRequest request)
    {
        var named = (request.TaskIds ?? graph.Dag.Tasks.Select(task => task.Id)).Select(id => graph.Dag.Task(id).Number).ToHashSet();
        var groups = named.Select(number => graph.Dag.Tasks[number].MappedGroup).OfType<string>().ToHashSet(StringComparer.Ordinal);

        // An index of a mapped group means the same item in all tasks of the group.
        bool IsByIndex(LiveTask task) => named.Contains(task.Key.TaskNumber)
            || (task.Definition.MappedGroup is { } group && groups.Contains(group));
        var all = request.IncludesDownstream ? WithDownstream(graph, named) : [.. named];
        AddSetups(graph, all);
        return
        [
            .. all.Order().SelectMany(number => graph.Nodes[number].Instances)
                .Where(task => task.State != TaskState.None)
                .Where(task => request.MapIndex is null || task.Key.MapIndex == request.MapIndex || !IsByIndex(task))
                .Where(task => !request.OnlyFailed || task.State is TaskState.Failed or TaskState.UpstreamFailed or TaskState.Cancelled),
        ];
    }

    private static HashSet<int> WithDownstream(RunGraph graph, IEnumerable<int> from)
    {
        var found = new HashSet<int>();
        var open = new Stack<int>(from);
        while (open.TryPop(out var number))
        {
            if (found.Add(number))
            {
                foreach (var next in graph.Dag.Tasks[number].DownstreamNumbers)
                {
                    open.Push(next);
                }
            }
        }

        return found;
    }

    /// <summary>What a task needs must be set up again, and torn down after it.</summary>
    private static void AddSetups(RunGraph graph, HashSet<int> tasks)
    {
        foreach (var setup in tasks.SelectMany(number => graph.Dag.Tasks[number].UpstreamNumbers)
            .Where(number => graph.Dag.Tasks[number].IsSetup).ToList())
        {
            tasks.Add(setup);
            tasks.UnionWith(graph.Dag.Tasks[setup].DownstreamNumbers.Where(number => graph.Dag.Tasks[number].IsTeardown));
        }
    }
}
