namespace DataPlatform.Orchestrator.Dags;

/// <summary>Checks a definition and puts its tasks into topological order.</summary>
internal static class DagAnalyzer
{

    public static IReadOnlyList<DagTask> Analyze(DagSettings settings, IReadOnlyList<DagTask> tasks)
    {
        CheckId(settings.Id, settings.Id, "DAG");
        foreach (var name in settings.Events)
        {
            CheckId(settings.Id, name, "event");
        }

        CheckLimits(settings, tasks);
        CheckSchedule(settings);
        var index = IndexById(settings.Id, tasks);
        CheckUpstream(settings.Id, tasks, index);
        return Number(tasks, index, Sort(settings.Id, tasks, index));
    }

    private static void CheckId(string dagId, string id, string what)
    {
        if (id.Length is 0 or > DagLimits.IdLengthMax || !id.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.'))
        {
            throw new DagException(
                dagId, $"the {what} id '{id}' needs 1 to {DagLimits.IdLengthMax} characters out of letters, digits, '_', '-' and '.'.");
        }
    }

    private static void CheckLimits(DagSettings settings, IReadOnlyList<DagTask> tasks)
    {
        if (tasks.Count == 0)
        {
            throw new DagException(settings.Id, "it has no task.");
        }

        if (tasks.Count > DagLimits.TasksMax || tasks.Sum(task => (long)task.Upstream.Count) > DagLimits.EdgesMax)
        {
            throw new DagException(
                settings.Id,
                    $"{tasks.Count} tasks are more than {DagLimits.TasksMax}, or their dependencies more than {DagLimits.EdgesMax}.");
        }
    }

    private static void CheckSchedule(DagSettings settings)
    {
        var timetable = settings.Timetable;
        if (timetable.FiresByClock && !Schedules.TimetablePlan.EverFires(timetable, settings.Start))
        {
            throw new DagException(settings.Id, $"its timetable {timetable.Summary} never fires.");
        }
    }

    private static Dictionary<string, int> IndexById(string dagId, IReadOnlyList<DagTask> tasks)
    {
        var index = new Dictionary<string, int>(tasks.Count, StringComparer.Ordinal);
        for (var i = 0; i < tasks.Count; i++)
        {
            CheckId(dagId, tasks[i].Id, "task");
            if (!index.TryAdd(tasks[i].Id, i))
            {
                throw new DagException(dagId, $"the task id '{tasks[i].Id}' is used twice.");
            }
        }

        return index;
    }

    private static void CheckUpstream(string dagId, IReadOnlyList<DagTask> tasks, Dictionary<string, int> index)
    {
        foreach (var task in tasks)
        {
            foreach (var upstream in task.Upstream)
            {
                if (!index.ContainsKey(upstream))
                {
                    throw new DagException(dagId, $"task '{task.Id}' comes after '{upstream}', which does not exist.");
                }
            }
        }
    }

    /// <summary>Kahn's algorithm; among tasks that are free at once the order of definition is kept.</summary>
    private static List<int> Sort(string dagId, IReadOnlyList<DagTask> tasks, Dictionary<string, int> index)
    {
        var missing = tasks.Select(task => task.Upstream.Count).ToArray();
        var downstream = Downstream(tasks, index);
        var free = new Queue<int>(Enumerable.Range(0, tasks.Count).Where(i => missing[i] == 0));
        var order = new List<int>(tasks.Count);
        while (free.TryDequeue(out var current))
        {
            order.Add(current);
            foreach (var next in downstream[current])
            {
                if (--missing[next] == 0)
                {
                    free.Enqueue(next);
                }
            }
        }

        return order.Count == tasks.Count ? order : throw new DagException(dagId, $"a cycle: {CyclePath(tasks, index, missing)}.");
    }

    private static List<int>[] Downstream(IReadOnlyList<DagTask> tasks, Dictionary<string, int> index)
    {
        var downstream = new List<int>[tasks.Count];
        for (var i = 0; i < tasks.Count; i++)
        {
            downstream[i] = [];
        }

        for (var i = 0; i < tasks.Count; i++)
        {
            foreach (var upstream in tasks[i].Upstream)
            {
                downstream[index[upstream]].Add(i);
            }
        }

        return downstream;
    }

    /// <summary>Every task Kahn left over has an upstream that was left over too: walking up must come back.</summary>
    private static string CyclePath(IReadOnlyList<DagTask> tasks, Dictionary<string, int> index, int[] missing)
    {
        var current = Array.FindIndex(missing, count => count > 0);
        var path = new List<int>();
        var seen = new Dictionary<int, int>();
        while (seen.TryAdd(current, path.Count))
        {
            path.Add(current);
            current = tasks[current].Upstream.Select(id => index[id]).First(i => missing[i] > 0);
        }

        var cycle = path[seen[current]..];
        cycle.Reverse();
        return string.Join(" -> ", cycle.Append(cycle[0]).Select(i => tasks[i].Id));
    }

    private static List<DagTask> Number(IReadOnlyList<DagTask> tasks, Dictionary<string, int> index, List<int> order)
    {
        var numberOf = new int[tasks.Count];
        for (var number = 0; number < order.Count; number++)
        {
            numberOf[order[number]] = number;
        }

        var downstream = Downstream(tasks, index);
        return
        [
            .. order.Select((original, number) => tasks[original] with
            {
                Number = number,
                UpstreamNumbers = [.. tasks[original].Upstream.Select(id => numberOf[index[id]]).Order()],
                DownstreamNumbers = [.. downstream[original].Select(i => numberOf[i]).Order()],
            }),
        ];
    }
}
