using DataPlatform.Orchestrator.Dags;
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
        var all = request.IncludesDownstream ? Reach(named, number => graph.Dag.Tasks[number].DownstreamNumbers) : named;
        var chosen = all.SelectMany(number => graph.Nodes[number].Instances)
            .Where(IsThere)
            .Where(task => request.MapIndex is null || task.Key.MapIndex == request.MapIndex || !IsByIndex(task))
            .Where(task => !request.OnlyFailed || task.State is TaskState.Failed or TaskState.UpstreamFailed or TaskState.Cancelled)
            .ToHashSet();
        AddSetups(graph, chosen);
        return [.. chosen.OrderBy(task => task.Key.TaskNumber).ThenBy(task => task.Key.MapIndex)];
    }

    /// <summary>What did not run because of a task that was corrected by hand, and what that needs: it is decided anew.</summary>
    public static IReadOnlyList<LiveTask> HeldBackBy(RunGraph graph, DagTask corrected)
    {
        var below = Reach(corrected.DownstreamNumbers, number => graph.Dag.Tasks[number].DownstreamNumbers);
        var chosen = below.SelectMany(number => graph.Nodes[number].Instances).Where(task => task.State == TaskState.UpstreamFailed).ToHashSet();
        AddSetups(graph, chosen);
        return [.. chosen.OrderBy(task => task.Key.TaskNumber).ThenBy(task => task.Key.MapIndex)];
    }

    /// <summary>An instance that was removed comes back when its list is long enough again, not by a clear.</summary>
    private static bool IsThere(LiveTask task) => task.State is not (TaskState.None or TaskState.Removed);

    private static HashSet<int> Reach(IEnumerable<int> from, Func<int, IEnumerable<int>> next)
    {
        var found = new HashSet<int>();
        var open = new Stack<int>(from);
        while (open.TryPop(out var number))
        {
            if (found.Add(number))
            {
                foreach (var further in next(number))
                {
                    open.Push(further);
                }
            }
        }

        return found;
    }

    /// <summary>What a task needs must be set up again, and torn down after it, however both ended and however far above the setup stands; unless it
    /// was torn down before the task, or the task is itself what tears down.</summary>
    private static void AddSetups(RunGraph graph, HashSet<LiveTask> chosen)
    {
        var tasks = graph.Dag.Tasks;
        foreach (var setup in tasks.Where(task => task.IsSetup))
        {
            List<int> teardowns = [.. setup.DownstreamNumbers.Where(number => tasks[number].IsTeardown)];
            var users = Reach(setup.DownstreamNumbers, number => tasks[number].DownstreamNumbers);
            if (teardowns.Count > 0)
            {
                users.IntersectWith(Reach(teardowns.SelectMany(number => tasks[number].UpstreamNumbers), number => tasks[number].UpstreamNumbers));
            }

            var needing = chosen.Where(task => users.Contains(task.Key.TaskNumber)).ToList();
            foreach (var number in needing.Count > 0 ? teardowns.Prepend(setup.Number) : [])
            {
                chosen.UnionWith(graph.Nodes[number].Instances.Where(IsThere)
                    .Where(task => needing.Exists(user => !AreTogether(user.Definition, task.Definition) || user.Key.MapIndex == task.Key.MapIndex)));
            }
        }
    }

    private static bool AreTogether(DagTask one, DagTask other) => one.MappedGroup is not null && one.MappedGroup == other.MappedGroup;
}
