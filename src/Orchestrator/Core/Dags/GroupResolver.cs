namespace DataPlatform.Orchestrator.Dags;

/// <summary>Turns names as they stand in a builder into task ids: siblings first, then tasks, then groups, which mean their last
/// tasks.</summary>
internal static class GroupResolver
{
    public static IReadOnlyList<DagTask> Resolve(IReadOnlyList<DagTask> tasks, IReadOnlyList<(string Group, string Upstream)> groupUpstream)
    {
        if (tasks.All(task => task.Group is null))
        {
            return tasks;
        }

        var ids = tasks.Select(task => task.Id).ToHashSet(StringComparer.Ordinal);
        List<DagTask> siblings =
        [
            .. tasks.Select(task => task with
            {
                Upstream = [.. task.Upstream.Select(name => Sibling(ids, task.Group, name))],
                Map = task.Map is { } map ? map with { TaskIds = [.. map.TaskIds.Select(name => Sibling(ids, task.Group, name))] } : null,
            }),
        ];
        var groups = GroupsOf(siblings);

        // Inner groups first: what they come after inside an outer group makes their tasks no first tasks of that.
        foreach (var (group, name) in groupUpstream.OrderByDescending(pair => pair.Group.Count(c => c == '.')))
        {
            var upstream = Sibling(ids, Parent(group), name);
            siblings = [.. siblings.Select(task => IsFirstOf(task, group, siblings) ? task with { Upstream = [.. task.Upstream, upstream] }
                : task)];
        }

        return [.. siblings.Select(task => task with
        {
            Upstream = [.. task.Upstream.SelectMany(name => Expand(name, task.Group, siblings, groups)).Distinct(StringComparer.Ordinal)],
        })];
    }

    private static string Sibling(HashSet<string> ids, string? group, string name)
    {
        for (var prefix = group; prefix is not null; prefix = Parent(prefix))
        {
            if (ids.Contains($"{prefix}.{name}"))
            {
                return $"{prefix}.{name}";
            }
        }

        return name;
    }

    private static string? Parent(string group) => group.LastIndexOf('.') is var dot and >= 0 ? group[..dot] : null;

    private static HashSet<string> GroupsOf(IEnumerable<DagTask> tasks)
    {
        var groups = new HashSet<string>(StringComparer.Ordinal);
        foreach (var task in tasks)
        {
            for (var group = task.Group; group is not null; group = Parent(group))
            {
                groups.Add(group);
            }
        }

        return groups;
    }

    private static bool IsFirstOf(DagTask task, string group, List<DagTask> tasks) =>
        IsIn(task, group) && !task.Upstream.Any(id => tasks.Exists(other => other.Id == id && IsIn(other, group)));

    private static IEnumerable<string> Expand(string name, string? from, List<DagTask> tasks, HashSet<string> groups)
    {
        if (tasks.Any(task => task.Id == name))
        {
            return [name];
        }

        var group = groups.Contains($"{from}.{name}") ? $"{from}.{name}" : name;
        return groups.Contains(group) ? LastOf(group, tasks) : [name];
    }

    private static IEnumerable<string> LastOf(string group, List<DagTask> tasks)
    {
        var inside = tasks.Where(task => IsIn(task, group)).ToList();
        return inside.Where(task => !inside.Exists(other => other.Upstream.Contains(task.Id, StringComparer.Ordinal)))
            .Select(task => task.Id);
    }

    private static bool IsIn(DagTask task, string group) =>
        task.Group is { } own && (own == group || own.StartsWith(group + ".", StringComparison.Ordinal));
}
