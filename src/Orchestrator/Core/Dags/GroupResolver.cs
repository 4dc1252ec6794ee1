namespace DataPlatform.Orchestrator.Dags;

/// <summary>Turns names as they stand in a builder into task ids: siblings first, then tasks, then groups, which mean their last
/// tasks.</summary>
internal static class GroupResolver
{
    public static (IReadOnlyList<DagTask> Tasks, IReadOnlyList<MappedGroup> Groups) Resolve(
        IReadOnlyList<DagTask> tasks, IReadOnlyList<(string Group, string Upstream)> groupUpstream, IReadOnlyList<MappedGroup> mapped)
    {
        if (mapped.Count == 0 && tasks.All(task => task.Group is null))
        {
            return (tasks, []);
        }

        var ids = tasks.Select(task => task.Id).ToHashSet(StringComparer.Ordinal);
        List<DagTask> siblings = [.. tasks.Select(task => WithSiblings(task, ids))];
        var groups = GroupsOf(siblings);
        var groupOf = tasks.GroupBy(task => task.Id, StringComparer.Ordinal)
            .ToDictionary(same => same.Key, same => same.First().Group, StringComparer.Ordinal);

        // Inner groups first: what they come after inside an outer group makes their tasks no first tasks of that.
        foreach (var (group, name) in groupUpstream.OrderByDescending(pair => pair.Group.Count(c => c == '.')))
        {
            var upstream = Sibling(ids, Parent(group), name);
            siblings = [.. siblings.Select(task => IsFirstOf(task, group, groupOf) ? task with { Upstream = [.. task.Upstream, upstream] }
                : task)];
        }

        var mappedIds = mapped.Select(group => group.Id).ToHashSet(StringComparer.Ordinal);
        List<DagTask> resolved =
        [
            .. siblings.Select(task => task with
            {
                Upstream = [.. task.Upstream.SelectMany(name =>
                    Expand(name, task.Group, ids, siblings, groups)).Distinct(StringComparer.Ordinal)],
                MappedGroup = MappedAround(task.Group, mappedIds),
            }),
        ];
        return (resolved, [.. mapped.Select(group => group with { Map = WithSiblings(group.Map, ids, Parent(group.Id)) })]);
    }

    /// <summary>Whether a group is another or stands somewhere inside it.</summary>
    public static bool IsIn(string? own, string group) =>
        own is not null && (own == group
            || (own.Length > group.Length && own[group.Length] == '.' && own.StartsWith(group, StringComparison.Ordinal)));

    private static DagTask WithSiblings(DagTask task, HashSet<string> ids) => task with
    {
        Upstream = [.. task.Upstream.Select(name => Sibling(ids, task.Group, name))],
        Map = task.Map is { } map ? WithSiblings(map, ids, task.Group) : null,
        Inputs = [.. task.Inputs.Select(input => input with { TaskId = Sibling(ids, task.Group, input.TaskId), WrittenAs = input.TaskId })],
    };

    private static MapSource WithSiblings(MapSource map, HashSet<string> ids, string? group) =>
        map with { TaskIds = [.. map.TaskIds.Select(name => Sibling(ids, group, name))] };

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

    /// <summary>The mapped group that a group is or stands in.</summary>
    private static string? MappedAround(string? group, HashSet<string> mapped)
    {
        while (group is not null && !mapped.Contains(group))
        {
            group = Parent(group);
        }

        return group;
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

    private static bool IsFirstOf(DagTask task, string group, Dictionary<string, string?> groupOf) =>
        IsIn(task.Group, group) && !task.Upstream.Any(id => IsIn(groupOf.GetValueOrDefault(id), group));

    private static IEnumerable<string> Expand(string name, string? from, HashSet<string> ids, List<DagTask> tasks, HashSet<string> groups)
    {
        if (ids.Contains(name))
        {
            return [name];
        }

        var group = groups.Contains($"{from}.{name}") ? $"{from}.{name}" : name;
        return groups.Contains(group) ? LastOf(group, tasks) : [name];
    }

    private static IEnumerable<string> LastOf(string group, List<DagTask> tasks)
    {
        var inside = tasks.Where(task => IsIn(task.Group, group)).ToList();
        var followed = inside.SelectMany(task => task.Upstream).ToHashSet(StringComparer.Ordinal);
        return inside.Select(task => task.Id).Where(id => !followed.Contains(id));
    }
}
