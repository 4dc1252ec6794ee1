namespace DataPlatform.Orchestrator.Dags;

/// <summary>Checks what may be mapped over what.</summary>
internal static class MappingAnalyzer
{
    public static void Check(
        DagSettings settings, IReadOnlyList<DagTask> tasks, IReadOnlyDictionary<string, int> index, List<DagProblem> problems)
    {
        var filled = tasks.Select(task => task.MappedGroup).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var group in settings.MappedGroups)
        {
            if (!ids.Add(group.Id))
            {
                problems.Add(new DagProblem(group.Id, $"the group '{group.Id}' is mapped twice: name all its lists at once."));
            }

            CheckGroup(settings, group, tasks, index, problems);
            if (!filled.Contains(group.Id) && !settings.MappedGroups.Any(inner => inner != group && GroupResolver.IsIn(inner.Id, group.Id)))
            {
                problems.Add(new DagProblem(group.Id, $"the mapped group '{group.Id}' has no task."));
            }
        }

        foreach (var task in tasks)
        {
            CheckTask(task, tasks, index, problems);
        }
    }

    private static void CheckGroup(
        DagSettings settings, MappedGroup group, IReadOnlyList<DagTask> tasks, IReadOnlyDictionary<string, int> index,
            List<DagProblem> problems)
    {
        if (settings.MappedGroups.FirstOrDefault(other => other.Id != group.Id && GroupResolver.IsIn(group.Id, other.Id)) is { } outer)
        {
            problems.Add(new DagProblem(
                group.Id, $"the mapped group '{group.Id}' stands in the mapped group '{outer.Id}': mapped groups do not nest; " +
                "map over a product of both lists."));
        }

        CheckLists(group.Id, group.Map, problems);
        foreach (var id in group.Map.TaskIds)
        {
            if (!index.TryGetValue(id, out var source))
            {
                problems.Add(new DagProblem(group.Id, $"the group '{group.Id}' is mapped over '{id}', which does not exist."));
            }
            else if (tasks[source].MappedGroup == group.Id)
            {
                problems.Add(new DagProblem(
                    group.Id, $"the group '{group.Id}' is mapped over its own task '{id}': " +
                    "the task that returns the list stands before the group."));
            }
        }
    }

    private static void CheckLists(string id, MapSource map, List<DagProblem> problems)
    {
        var fewest = map.Kind == MapKind.Concat ? 1 : 2;
        if (map.TaskIds.Count < fewest)
        {
            problems.Add(new DagProblem(id, $"'{id}' is mapped over {map.TaskIds.Count} lists: a {map.Kind} needs {fewest} or more."));
        }
    }

    private static void CheckTask(
        DagTask task, IReadOnlyList<DagTask> tasks, IReadOnlyDictionary<string, int> index, List<DagProblem> problems)
    {
        if (task.Map is { } map)
        {
            CheckLists(task.Id, map, problems);
        }

        if (task is { Map: not null, MappedGroup: { } group })
        {
            problems.Add(new DagProblem(
                task.Id, $"task '{task.Id}' is mapped inside the mapped group '{group}': mappings do not nest; take it out of the group."));
        }

        if (task.Body is not (BranchBody or ShortCircuitBody))
        {
            return;
        }

        if (task.Map is not null)
        {
            problems.Add(new DagProblem(
                task.Id, $"task '{task.Id}' decides which tasks go on, so it cannot be mapped: " +
                "put it and what follows into a mapped group."));
        }

        foreach (var other in tasks.Where(other => task.MappedGroup is not null && other.MappedGroup != task.MappedGroup)
            .Where(other => other.Upstream.Contains(task.Id, StringComparer.Ordinal)))
        {
            problems.Add(new DagProblem(
                other.Id, $"task '{other.Id}' comes directly after '{task.Id}', which decides by index inside the mapped group " +
                $"'{task.MappedGroup}': put a task of the group between them."));
        }
    }
}
