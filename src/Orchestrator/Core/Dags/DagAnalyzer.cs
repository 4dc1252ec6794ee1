namespace DataPlatform.Orchestrator.Dags;

/// <summary>Checks a definition and puts its tasks into topological order.</summary>
internal static class DagAnalyzer
{
    /// <exception cref="DagException">All that is wrong.</exception>
    public static IReadOnlyList<DagTask> Analyze(DagSettings settings, IReadOnlyList<DagTask> tasks)
    {
        var problems = new List<DagProblem>();
        CheckId(settings.Id, "DAG", null, problems);
        foreach (var name in settings.Events)
        {
            CheckId(name, "event", null, problems);
        }

        CheckLimits(tasks, problems);
        CheckSchedule(settings, problems);
        ParamAnalyzer.Check(settings, problems);
        OutletAnalyzer.Check(settings, tasks, problems);
        var index = IndexById(tasks, problems);
        if (CheckUpstream(tasks, index, problems))
        {
            MappingAnalyzer.Check(settings, tasks, index, problems);
            ValueAnalyzer.Check(settings, tasks, index, problems);
            TemplateAnalyzer.Check(settings, tasks, index, problems);
            if (Sort(tasks, index, problems) is { } order && problems.Count == 0)
            {
                return Number(tasks, index, order);
            }
        }

        throw new DagException(settings.Id, problems);
    }

    /// <summary>Orders the tasks of a version that was checked when it was registered. Rules that came later do not undo it.</summary>
    /// <exception cref="DagException">It is no graph.</exception>
    public static IReadOnlyList<DagTask> Reorder(DagSettings settings, IReadOnlyList<DagTask> tasks)
    {
        var problems = new List<DagProblem>();
        var index = IndexById(tasks, problems);
        return CheckUpstream(tasks, index, problems) && Sort(tasks, index, problems) is { } order
            ? Number(tasks, index, order)
            : throw new DagException(settings.Id, problems);
    }

    private static void CheckId(string id, string what, string? place, List<DagProblem> problems)
    {
        if (id.Length is 0 or > DagLimits.IdLengthMax || !id.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.'))
        {
            problems.Add(new DagProblem(
                place, $"the {what} id '{id}' needs 1 to {DagLimits.IdLengthMax} characters out of letters, digits, '_', '-' and '.'."));
        }
    }

    private static void CheckLimits(IReadOnlyList<DagTask> tasks, List<DagProblem> problems)
    {
        if (tasks.Count == 0)
        {
            problems.Add(new DagProblem(null, "it has no task."));
        }

        if (tasks.Count > DagLimits.TasksMax || tasks.Sum(task => (long)task.Upstream.Count) > DagLimits.EdgesMax)
        {
            problems.Add(new DagProblem(
                null, $"{tasks.Count} tasks are more than {DagLimits.TasksMax}, or their dependencies more than {DagLimits.EdgesMax}."));
        }
    }

    private static void CheckSchedule(DagSettings settings, List<DagProblem> problems)
    {
        var timetable = settings.Timetable;
        if (timetable.FiresByClock && !Schedules.TimetablePlan.EverFires(timetable, settings.Start))
        {
            problems.Add(new DagProblem(null, $"its timetable {timetable.Summary} never fires."));
        }
    }

    private static Dictionary<string, int> IndexById(IReadOnlyList<DagTask> tasks, List<DagProblem> problems)
    {
        var index = new Dictionary<string, int>(tasks.Count, StringComparer.Ordinal);
        for (var i = 0; i < tasks.Count; i++)
        {
            CheckId(tasks[i].Id, "task", tasks[i].Id, problems);
            if (!index.TryAdd(tasks[i].Id, i))
            {
                problems.Add(new DagProblem(tasks[i].Id, $"the task id '{tasks[i].Id}' is used twice."));
            }
        }

        return index;
    }

    private static bool CheckUpstream(IReadOnlyList<DagTask> tasks, Dictionary<string, int> index, List<DagProblem> problems)
    {
        var isSound = tasks.Count > 0;
        foreach (var task in tasks)
        {
            foreach (var upstream in task.Upstream.Where(upstream => !index.ContainsKey(upstream)))
            {
                problems.Add(new DagProblem(task.Id, $"task '{task.Id}' comes after '{upstream}', which does not exist."));
                isSound = false;
            }
        }

        return isSound && index.Count == tasks.Count;
    }

    /// <summary>Kahn's algorithm; among tasks that are free at once the order of definition is kept. Null for a cycle.</summary>
    private static List<int>? Sort(IReadOnlyList<DagTask> tasks, Dictionary<string, int> index, List<DagProblem> problems)
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

        if (order.Count == tasks.Count)
        {
            return order;
        }

        var cycle = Cycle(tasks, index, missing);
        problems.Add(new DagProblem(cycle[0], $"a cycle: {string.Join(" -> ", cycle)}."));
        return null;
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
    private static List<string> Cycle(IReadOnlyList<DagTask> tasks, Dictionary<string, int> index, int[] missing)
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
        return [.. cycle.Append(cycle[0]).Select(i => tasks[i].Id)];
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
