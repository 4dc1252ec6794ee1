using DataPlatform.Orchestrator.Execution;

namespace DataPlatform.Orchestrator.Dags;

/// <summary>Checks that what tasks take is what the tasks before them give, as far as types are declared.</summary>
internal static class ValueAnalyzer
{
    public static void Check(
        DagSettings settings, IReadOnlyList<DagTask> tasks, IReadOnlyDictionary<string, int> index, List<DagProblem> problems)
    {
        var groups = settings.MappedGroups.DistinctBy(group => group.Id)
            .ToDictionary(group => group.Id, group => group.Map, StringComparer.Ordinal);
        foreach (var task in tasks)
        {
            if (task.Result is { } result && TypeMatch.WhyNotSerialisable(result) is { } reason)
            {
                problems.Add(new DagProblem(task.Id, $"task '{task.Id}' returns {TypeMatch.Name(result)}, {reason}."));
            }

            foreach (var input in task.Inputs.Where(input => index.ContainsKey(input.TaskId)))
            {
                CheckInput(task, input, tasks[index[input.TaskId]], problems);
            }

            CheckLists(task.Id, task.Map, tasks, index, problems);
            CheckItem(task, task.Map ?? (task.MappedGroup is { } id ? groups.GetValueOrDefault(id) : null), tasks, index, problems);
        }

        foreach (var group in settings.MappedGroups)
        {
            CheckLists(group.Id, group.Map, tasks, index, problems);
        }
    }

    private static void CheckInput(DagTask task, TaskInput input, DagTask producer, List<DagProblem> problems)
    {
        var isByIndex = producer.IsMapped && (producer.MappedGroup is null || producer.MappedGroup != task.MappedGroup);
        if (isByIndex != input.IsAll)
        {
            problems.Add(new DagProblem(task.Id, isByIndex
                ? $"task '{task.Id}' takes the value of '{producer.Id}', which is mapped: take the list of all its values."
                : $"task '{task.Id}' takes the values of all instances of '{producer.Id}', which is not mapped: take its value."));
            return;
        }

        if (input.Key != TaskContext.ReturnKey || producer.Result is not { } result)
        {
            return;
        }

        if (result == typeof(void))
        {
            problems.Add(new DagProblem(task.Id, $"task '{task.Id}' takes the value of '{producer.Id}', which gives none."));
            return;
        }

        var given = input.IsAll ? typeof(IReadOnlyList<>).MakeGenericType(result) : result;
        if (TypeMatch.WhyNot(given, input.Type) is { } reason)
        {
            problems.Add(new DagProblem(
                task.Id, $"task '{task.Id}' takes the value of '{producer.Id}' as {TypeMatch.Name(input.Type)}, " +
                $"but '{producer.Id}' gives {TypeMatch.Name(given)}: {reason}."));
        }
    }

    private static void CheckLists(
        string mapped, MapSource? map, IReadOnlyList<DagTask> tasks, IReadOnlyDictionary<string, int> index, List<DagProblem> problems)
    {
        foreach (var producer in map?.TaskIds.Where(index.ContainsKey).Select(id => tasks[index[id]]) ?? [])
        {
            if (producer is { IsMapped: false, Result: { } result } && !TypeMatch.MayBeList(result))
            {
                problems.Add(new DagProblem(
                    mapped, $"'{mapped}' is mapped over '{producer.Id}', which gives {TypeMatch.Name(result)}: " +
                    "only a list can be mapped over."));
            }
            else if (producer is { IsMapped: true, Result: { } none } && none == typeof(void))
            {
                problems.Add(new DagProblem(mapped, $"'{mapped}' is mapped over '{producer.Id}', whose instances give no values."));
            }
        }
    }

    private static void CheckItem(
        DagTask task, MapSource? map, IReadOnlyList<DagTask> tasks, IReadOnlyDictionary<string, int> index, List<DagProblem> problems)
    {
        if (task.ItemTypes.Count == 0)
        {
            return;
        }

        if (map is null)
        {
            problems.Add(new DagProblem(task.Id,
                $"task '{task.Id}' takes an item, but it is not mapped: name the list it is mapped over."));
            return;
        }

        if (task.ItemTypes.Count > 1 && (map.Kind == MapKind.Concat || map.TaskIds.Count != task.ItemTypes.Count))
        {
            problems.Add(new DagProblem(
                task.Id, $"task '{task.Id}' takes {task.ItemTypes.Count} items, but an item of its mapping has " +
                $"{(map.Kind == MapKind.Concat ? 1 : map.TaskIds.Count)}."));
            return;
        }

        for (var i = 0; i < map.TaskIds.Count; i++)
        {
            if (index.TryGetValue(map.TaskIds[i], out var source) && ElementOf(tasks[source]) is { } element
                && ItemType(task, map, i) is { } item
                && TypeMatch.WhyNot(element, item) is { } reason)
            {
                problems.Add(new DagProblem(
                    task.Id, $"task '{task.Id}' takes an item as {TypeMatch.Name(item)}, but '{map.TaskIds[i]}' gives items of " +
                    $"{TypeMatch.Name(element)}: {reason}."));
            }
        }
    }

    /// <summary>What the elements of a producer's list are; null where nobody declared it.</summary>
    private static Type? ElementOf(DagTask producer) =>
        producer.Result is { } result && result != typeof(void) ? producer.IsMapped ? result : TypeMatch.ElementOf(result) : null;

    private static Type? ItemType(DagTask task, MapSource map, int list) => task.ItemTypes.Count > 1
        ? task.ItemTypes[list]
        : map.Kind == MapKind.Concat ? task.ItemTypes[0] : TypeMatch.ElementOf(task.ItemTypes[0]);
}
