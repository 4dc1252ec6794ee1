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

    public SkipDecision? DecisionOf(DagTask task) => Pull(task.Id, SkipDecision.Key, -1) is { } json ? SkipDecision.Parse(json) : null;

    public bool PastAllows(DagTask task) => !task.DependsOnPast || Past is null || Past.Allows(task);

    public int? MapLength(DagTask task, out string? reason)
    {
        reason = null;
        var lists = new List<IReadOnlyList<string>>();
        foreach (var id in task.Map!.TaskIds)
        {
            if (ListOf(id) is not { } list)
            {
                reason = $"task '{id}' returned no list, so '{task.Id}' cannot be mapped over it.";
                return null;
            }

            lists.Add(list);
        }

        var length = MapItems.Count(task.Map.Kind, lists);
        if (length > task.MapLengthMax)
        {
            reason = $"'{task.Id}' would get {length} instances; at most {task.MapLengthMax} are allowed.";
            return null;
        }

        return (int)length;
    }

    public string? Item(TaskKey key)
    {
        var task = dag.Tasks[key.TaskNumber];
        return task.Map is { } map && key.MapIndex >= 0
            ? MapItems.At(map.Kind, [.. map.TaskIds.Select(id => ListOf(id) ?? [])], key.MapIndex)
            : null;
    }

    /// <summary>Why a value cannot be mapped over by a downstream task; null when it can.</summary>
    public static string? RefuseList(string producer, string? json, DagTask mapped)
    {
        if (json is null || Elements(json) is not { } list)
        {
            return $"it returned no list, but '{mapped.Id}' is mapped over '{producer}'.";
        }

        return list.Count > mapped.MapLengthMax
            ? $"it returned {list.Count} items for '{mapped.Id}', which takes at most {mapped.MapLengthMax}."
            : null;
    }

    private IReadOnlyList<string>? ListOf(string taskId)
    {
        if (dag.FindTask(taskId)?.Map is not null)
        {
            return PullAll(taskId, TaskContext.ReturnKey);
        }

        if (Pull(taskId, TaskContext.ReturnKey, -1) is not { } json)
        {
            return null;
        }

        if (!_lists.TryGetValue(taskId, out var list) || !ReferenceEquals(list.Json, json))
        {
            _lists[taskId] = list = (json, Elements(json));
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
