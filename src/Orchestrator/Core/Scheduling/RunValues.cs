using System.Collections.Concurrent;
using System.Text.Json;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>Values the tasks of one run pushed. Bodies read it from their own threads; only the scheduler's loop writes.</summary>
internal sealed class RunValues(DagRun run, Dag dag) : IRunValues, IRunReader
{
    private readonly ConcurrentDictionary<(string TaskId, string Name), ConcurrentDictionary<int, string>> _values = new();

    /// <summary>Lists read once: each instance of a mapped task asks for its item.</summary>
    private readonly ConcurrentDictionary<string, (string Json, IReadOnlyList<string>? Elements)> _lists = new(StringComparer.Ordinal);

    /// <summary>What the run before ended as; null when the DAG's tasks do not ask, or there is none.</summary>
    public PastRun? Past { get; set; }

    public void Set(string taskId, string name, int mapIndex, string json) =>
        _values.GetOrAdd((taskId, name), static _ => new ConcurrentDictionary<int, string>())[mapIndex] = json;

    public void Set(XComValue value) => Set(value.TaskId, value.Name, value.Key.MapIndex, value.Json);

    public void Drop(string taskId, int mapIndex)
    {
        foreach (var (_, byIndex) in _values.Where(pair => pair.Key.TaskId == taskId))
        {
            byIndex.TryRemove(mapIndex, out _);
        }
    }

    public string? Pull(string taskId, string key, int mapIndex) =>
        _values.TryGetValue((taskId, key), out var values) && values.TryGetValue(mapIndex, out var json) ? json : null;

    public IReadOnlyList<string> PullAll(string taskId, string key) =>
        _values.TryGetValue((taskId, key), out var values) ? [.. values.OrderBy(pair => pair.Key).Select(pair => pair.Value)] : [];

    public string? Param(string name) =>
        RunParams.Property(run.Conf, name) ?? dag.Params.FirstOrDefault(parameter => parameter.Name == name)?.DefaultJson;

    public SkipDecision? DecisionOf(DagTask task, int mapIndex) => Pull(task.Id, SkipDecision.Key, mapIndex) is { } json
        ? SkipDecision.Parse(json) : null;

    public bool PastAllows(DagTask task) => !task.DependsOnPast || Past is null || Past.Allows(task);

    public int? MapLength(MapSource source, int lengthMax, string mapped, out string? reason)
    {
        reason = null;
        var counts = new List<int>();
        foreach (var id in source.TaskIds)
        {
            if (CountOf(id) is not { } count)
            {
                reason = $"task '{id}' returned no list, so '{mapped}' cannot be mapped over it.";
                return null;
            }

            counts.Add(count);
        }

        var length = MapItems.Count(source.Kind, counts);
        if (length > lengthMax)
        {
            reason = $"'{mapped}' would get {length} instances; at most {lengthMax} are allowed.";
            return null;
        }

        return (int)length;
    }

    public string? Item(TaskKey key, Func<string, string> resolve)
    {
        var task = dag.Tasks[key.TaskNumber];
        return dag.MapOf(task) is { } map && key.MapIndex >= 0
            ? MapItems.At(map.Kind, [.. map.TaskIds.Select(id => ListOf(id, resolve) ?? [])], key.MapIndex)
            : null;
    }

    public IEnumerable<string> ItemLists(TaskKey key) => ValuesOf(dag.MapOf(dag.Tasks[key.TaskNumber])?.TaskIds ?? []);

    public IEnumerable<string> ValuesBefore(TaskKey key) => ValuesOf(dag.Tasks[key.TaskNumber].Upstream);

    public int IndexSeenBy(TaskKey key, string taskId) =>
        dag.Tasks[key.TaskNumber].MappedGroup is { } group && dag.FindTask(taskId)?.MappedGroup == group ? key.MapIndex : -1;

    /// <summary>Why a value cannot be mapped over by a task or group downstream; null when it can.</summary>
    public static string? RefuseList(string producer, string? json, string mapped, int lengthMax)
    {
        if (json is null || CountOfJson(json) is not { } count)
        {
            return $"it returned no list, but '{mapped}' is mapped over '{producer}'.";
        }

        return count > lengthMax ? $"it returned {count} items for '{mapped}', which takes at most {lengthMax}." : null;
    }

    private IEnumerable<string> ValuesOf(IReadOnlyList<string> taskIds) =>
        _values.Where(pair => taskIds.Contains(pair.Key.TaskId)).SelectMany(pair => pair.Value.Values);

    /// <summary>How many items a task gives; null when it gave no list. Reads no large value: a reference knows its count.</summary>
    private int? CountOf(string taskId)
    {
        if (dag.FindTask(taskId)?.IsMapped == true)
        {
            return PullAll(taskId, TaskContext.ReturnKey).Count;
        }

        return Pull(taskId, TaskContext.ReturnKey, -1) is { } json ? CountOfJson(json) : null;
    }

    private static int? CountOfJson(string json) =>
        XComReference.Parse(json) is { } reference ? reference.Items : Elements(json)?.Count;

    private IReadOnlyList<string>? ListOf(string taskId, Func<string, string> resolve)
    {
        if (dag.FindTask(taskId)?.IsMapped == true)
        {
            return [.. PullAll(taskId, TaskContext.ReturnKey).Select(resolve)];
        }

        if (Pull(taskId, TaskContext.ReturnKey, -1) is not { } json)
        {
            return null;
        }

        if (!_lists.TryGetValue(taskId, out var list) || !ReferenceEquals(list.Json, json))
        {
            _lists[taskId] = list = (json, Elements(resolve(json)));
        }

        return list.Elements;
    }

    /// <summary>The elements of a JSON array that are not null; null when it is no array.</summary>
    private static List<string>? Elements(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.ValueKind == JsonValueKind.Array
            ? [.. document.RootElement.EnumerateArray().Where(element => element.ValueKind != JsonValueKind.Null)
                .Select(element => element.GetRawText())]
            : null;
    }
}
