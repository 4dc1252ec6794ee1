using System.Text.Json;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Orchestrator.Execution;

/// <summary>What a task body knows about its try. Thread-safe.</summary>
public sealed class TaskContext
{
    /// <summary>The key of a task's return value.</summary>
    public const string ReturnKey = "return_value";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _pushed = new(StringComparer.Ordinal);
    private readonly DagRun _run;
    private readonly TaskInstance _instance;
    private readonly IRunReader _values;
    private readonly Action<string> _log;

    internal TaskContext(DagRun run, TaskInstance instance, IRunReader values, Action<string> log)
    {
        _run = run;
        _instance = instance;
        _values = values;
        _log = log;
    }

    /// <summary>The DAG.</summary>
    public string DagId => _run.DagId;

    /// <summary>The run.</summary>
    public long RunId => _run.Id;

    /// <summary>The task.</summary>
    public string TaskId => _instance.TaskId;

    /// <summary>The index of a mapped instance; -1 otherwise.</summary>
    public int MapIndex => _instance.Key.MapIndex;

    /// <summary>The number of this try, from 1.</summary>
    public int Try => _instance.Try;

    /// <summary>Grows with each start of this task instance: give it to sinks, so that they can reject an older try.</summary>
    public long Epoch => _instance.Epoch;

    /// <summary>The data the run is about.</summary>
    public DataInterval DataInterval => _run.Interval;

    /// <summary>The run's name in time.</summary>
    public DateTimeOffset LogicalDate => _run.LogicalDate;

    /// <summary>The newest version of each dataset that started the run.</summary>
    public IReadOnlyList<DatasetVersion> TriggeringVersions => _run.TriggeringVersions;

    /// <summary>The spans of versions that started the run.</summary>
    public IReadOnlyList<DatasetChange> Changes => _run.Changes;

    /// <summary>Reads what the caller passed when the run was triggered.</summary>
    /// <typeparam name="T">What to read it as.</typeparam>
    /// <returns>The value; default when nothing was passed.</returns>
    public T? Conf<T>() => _run.Conf is null ? default : JsonSerializer.Deserialize<T>(_run.Conf, JsonSerializerOptions.Web);

    /// <summary>Reads a parameter of the run: what the caller passed, or its default.</summary>
    /// <typeparam name="T">What to read it as.</typeparam>
    /// <param name="name">Its name.</param>
    /// <exception cref="XComException">The DAG has no such parameter, or it is not a <typeparamref name="T"/>.</exception>
    public T? Param<T>(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return _values.Param(name) is { } json
            ? XComJson.Read<T>(TaskId, name, json)
            : throw new XComException($"DAG '{DagId}' has no parameter '{name}' with a value.");
    }

    /// <summary>Reads the item this mapped instance is about.</summary>
    /// <typeparam name="T">What to read it as; for products and zips of lists a list or an array.</typeparam>
    /// <exception cref="XComException">The task is not mapped, or the item is not a <typeparamref name="T"/>.</exception>
    public T Item<T>() => _values.Item(_instance.Key) is { } json
        ? XComJson.Read<T>(TaskId, "item", json)!
        : throw new XComException($"task '{TaskId}' has no item: it is not mapped.");

    /// <summary>Reads the values all instances of a mapped task pushed, by map index; those that pushed none are left out.</summary>
    /// <typeparam name="T">What to read each as.</typeparam>
    /// <param name="taskId">The mapped task.</param>
    /// <param name="key">The name of the value.</param>
    public IReadOnlyList<T> PullAll<T>(string taskId, string key = ReturnKey)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(taskId);
        return [.. _values.PullAll(taskId, key).Select(json => XComJson.Read<T>(taskId, key, json)!)];
    }

    /// <summary>Stores a small value for downstream tasks; it becomes visible when the try succeeds.</summary>
    /// <typeparam name="T">Serialisable as JSON.</typeparam>
    /// <param name="key">Its name.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="XComException">It cannot be serialised or is larger than <see cref="DagLimits.XComBytesMax"/>.</exception>
    public void Push<T>(string key, T value)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        var json = XComJson.Write(TaskId, key, value);
        lock (_gate)
        {
            _pushed[key] = json;
        }
    }

    /// <summary>Reads a value an upstream task pushed.</summary>
    /// <typeparam name="T">What to read it as.</typeparam>
    /// <param name="taskId">The task that pushed it.</param>
    /// <param name="key">Its name.</param>
    /// <param name="mapIndex">Which mapped instance; -1 for a task that is not mapped.</param>
    /// <returns>The value; default when the task pushed none.</returns>
    /// <exception cref="XComException">It is not a <typeparamref name="T"/>.</exception>
    public T? Pull<T>(string taskId, string key = ReturnKey, int mapIndex = -1)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(taskId);
        return _values.Pull(taskId, key, mapIndex) is { } json ? XComJson.Read<T>(taskId, key, json) : default;
    }

    internal TaskInstance Instance => _instance;

    internal DateTimeOffset? FirstStartedAt => _instance.FirstStartedAt;

    internal string? ConfJson => _run.Conf;

    internal string? ParamJson(string name) => _values.Param(name);

    internal string? PullJson(string taskId, string key) => _values.Pull(taskId, key, -1);

    internal string? ItemJson => _values.Item(_instance.Key);

    /// <summary>Writes a line to the log of this try.</summary>
    /// <param name="message">The line.</param>
    public void Log(string message) => _log(message);

    internal IReadOnlyDictionary<string, string> TakePushed()
    {
        lock (_gate)
        {
            return new Dictionary<string, string>(_pushed, StringComparer.Ordinal);
        }
    }
}
