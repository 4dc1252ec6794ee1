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
    private readonly Func<string, string, int, string?> _pull;
    private readonly Action<string> _log;

    internal TaskContext(DagRun run, TaskInstance instance, Func<string, string, int, string?> pull, Action<string> log)
    {
        _run = run;
        _instance = instance;
        _pull = pull;
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
        return _pull(taskId, key, mapIndex) is { } json ? XComJson.Read<T>(taskId, key, json) : default;
    }

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
