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
    private readonly LargeXComs? _large;
    private IReadOnlyList<TaskInput> _inputs = [];
    private readonly Dictionary<string, string> _fetched = new(StringComparer.Ordinal);

    internal TaskContext(DagRun run, TaskInstance instance, IRunReader values, Action<string> log, LargeXComs? large = null)
    {
        _large = large;
        _run = run;
        _instance = instance;
        Lineage = new LineageRun(
            TaskJob.Name(run.DagId, instance.TaskId), TaskJob.RunId(run.DagId, instance.Key, instance.TaskId, instance.Try));
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

    /// <summary>The <see cref="Epoch"/> of the first try since the task was last cleared: tries from there on have the same cause, so what one of
    /// them did the next need not do again. A try that a shutdown cut is not counted; then it is later than the first.</summary>
    public long FirstEpoch => _instance.Epoch - _instance.Failures - _instance.InfrastructureFailures;

    /// <summary>The data the run is about.</summary>
    public DataInterval DataInterval => _run.Interval;

    /// <summary>The run's name in time.</summary>
    public DateTimeOffset LogicalDate => _run.LogicalDate;

    /// <summary>The newest version of each dataset that started the run.</summary>
    public IReadOnlyList<DatasetVersion> TriggeringVersions => _run.TriggeringVersions;

    /// <summary>The spans of versions that started the run.</summary>
    public IReadOnlyList<DatasetChange> Changes => _run.Changes;

    /// <summary>Where the body tells what it reads and writes beside what the task declares: datasets, versions, SQL and columns. Commits to lake
    /// tables tell themselves here. What is told is published when the try has ended; what it wrote counts as updated when it succeeded.</summary>
    public LineageRun Lineage { get; }

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
    public T Item<T>() => ItemJson is { } json
        ? XComJson.Read<T>(TaskId, "item", json)!
        : throw new XComException($"task '{TaskId}' has no item: it is not mapped.");

    /// <summary>Reads the values all instances of a mapped task pushed, by map index; those that pushed none are left out.</summary>
    /// <typeparam name="T">What to read each as.</typeparam>
    /// <param name="taskId">The mapped task.</param>
    /// <param name="key">The name of the value.</param>
    public IReadOnlyList<T> PullAll<T>(string taskId, string key = ReturnKey)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(taskId);
        return [.. _values.PullAll(taskId, key).Select(json => XComJson.Read<T>(taskId, key, Resolve(json))!)];
    }

    /// <summary>Stores a value for downstream tasks; it becomes visible when the try succeeds.</summary>
    /// <typeparam name="T">Serialisable as JSON.</typeparam>
    /// <param name="key">Its name.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="XComException">It cannot be serialised, or is larger than <see cref="DagLimits.XComBytesMax"/> and than what
    /// <see cref="OrchestratorOptions.LargeXComs"/> takes.</exception>
    public void Push<T>(string key, T value)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        Keep(key, XComJson.Write(TaskId, key, value, XComBytesMax));
    }

    /// <summary>Reads a value an upstream task pushed.</summary>
    /// <typeparam name="T">What to read it as.</typeparam>
    /// <param name="taskId">The task that pushed it.</param>
    /// <param name="key">Its name.</param>
    /// <param name="mapIndex">Which mapped instance; null for a task that is not mapped, and in a mapped group for the instance of the same
    /// index.</param>
    /// <returns>The value; default when the task pushed none.</returns>
    /// <exception cref="XComException">It is not a <typeparamref name="T"/>.</exception>
    /// <remarks>Large values of the tasks directly before this one, and those it declares to take, are fetched before its body begins; for
    /// others use <see cref="PullAsync{T}"/>.</remarks>
    public T? Pull<T>(string taskId, string key = ReturnKey, int? mapIndex = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(taskId);
        return PullJson(taskId, key, mapIndex) is { } json ? XComJson.Read<T>(taskId, key, json) : default;
    }

    /// <summary>Reads a value any task of the run pushed, wherever it is kept.</summary>
    /// <typeparam name="T">What to read it as.</typeparam>
    /// <param name="taskId">The task that pushed it.</param>
    /// <param name="key">Its name.</param>
    /// <param name="mapIndex">As of <see cref="Pull{T}"/>.</param>
    /// <param name="cancellationToken">Stops fetching it.</param>
    /// <returns>The value; default when the task pushed none.</returns>
    /// <exception cref="XComException">It is not a <typeparamref name="T"/>.</exception>
    public async ValueTask<T?> PullAsync<T>(
        string taskId, string key = ReturnKey, int? mapIndex = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(taskId);
        if (Stored(taskId, key, mapIndex) is not { } json)
        {
            return default;
        }

        var value = XComReference.Parse(json) is { } reference
            ? await LargeFor(reference).ReadAsync(RunId, reference, cancellationToken).ConfigureAwait(false)
            : json;
        return XComJson.Read<T>(taskId, key, value);
    }

    internal TaskInstance Instance => _instance;

    internal DateTimeOffset? FirstStartedAt => _instance.FirstStartedAt;

    internal string? ConfJson => _run.Conf;

    internal string? ParamJson(string name) => _values.Param(name);

    internal string? PullJson(string taskId, string key, int? mapIndex = null) =>
        Stored(taskId, key, mapIndex) is { } json ? Resolve(json) : null;

    internal string? ItemJson => _values.Item(_instance.Key, Resolve);

    /// <summary>The item, unless it is taken from a large list: whoever runs the body then reads that.</summary>
    internal string? SmallItemJson =>
        _values.ItemLists(_instance.Key).Any(json => XComReference.Parse(json) is not null) ? null : ItemJson;

    internal int XComBytesMax => _large?.BytesMax ?? DagLimits.XComBytesMax;

    /// <summary>Reads a value that the task declared to take; see <see cref="TaskBuilder.Takes"/>.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="input">The value.</param>
    /// <exception cref="XComException">There is none and the input is not optional, or it is not of its type.</exception>
    public T Read<T>(TaskInput input) => (T)Read(input)!;

    internal object? Read(TaskInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        input = _inputs.FirstOrDefault(own => own.WrittenAs == input.TaskId && own.Key == input.Key && own.IsAll == input.IsAll) ?? input;
        var json = input.IsAll
            ? $"[{string.Join(',', _values.PullAll(input.TaskId, input.Key).Select(Resolve))}]"
            : PullJson(input.TaskId, input.Key);
        if (json is not null)
        {
            return XComJson.Read(input.TaskId, input.Key, json, input.Type);
        }

        return input.IsOptional
            ? input.Type.IsValueType ? Activator.CreateInstance(input.Type) : null
            : throw new XComException(
                $"task '{TaskId}' takes '{input.Key}' of '{input.TaskId}', which gave none: it was skipped or returned null.");
    }

    /// <summary>Tells what the body takes, and fetches the large values that it is likely to read, so that reading them does not block.
    /// What does not fit into the cache any more is left to <see cref="PullAsync{T}"/>, except what the task declares to take.</summary>
    internal async ValueTask FetchAsync(IReadOnlyList<TaskInput> inputs, CancellationToken cancellationToken)
    {
        _inputs = inputs;
        if (_large is null)
        {
            return;
        }

        var declared = inputs.SelectMany(input => input.IsAll
            ? _values.PullAll(input.TaskId, input.Key)
            : Stored(input.TaskId, input.Key, null) is { } one ? [one] : []);
        foreach (var reference in declared.Concat(_values.ItemLists(_instance.Key)).Select(XComReference.Parse).OfType<XComReference>())
        {
            _fetched[reference.Path] = await _large.ReadAsync(RunId, reference, cancellationToken).ConfigureAwait(false);
        }

        var left = (long)_large.CacheBytes;
        foreach (var reference in _values.ValuesBefore(_instance.Key).Select(XComReference.Parse).OfType<XComReference>())
        {
            left -= reference.Bytes;
            if (left >= 0 && !_fetched.ContainsKey(reference.Path))
            {
                _fetched[reference.Path] = await _large.ReadAsync(RunId, reference, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Keeps a value that is JSON already.</summary>
    internal void PushJson(string key, string json) => Keep(key, XComJson.Check(TaskId, key, json, XComBytesMax));

    /// <summary>What the body pushed, large values replaced by what stands for them.</summary>
    internal async ValueTask<IReadOnlyDictionary<string, string>> TakePushedAsync(CancellationToken cancellationToken)
    {
        Dictionary<string, string> pushed;
        lock (_gate)
        {
            pushed = new Dictionary<string, string>(_pushed, StringComparer.Ordinal);
        }

        foreach (var (key, json) in _large is not null ? pushed.ToList() : [])
        {
            pushed[key] = await _large!.KeepAsync(_instance.Key, Epoch, key, json, cancellationToken).ConfigureAwait(false);
        }

        return pushed;
    }

    /// <summary>Writes a line to the log of this try.</summary>
    /// <param name="message">The line.</param>
    public void Log(string message) => _log(message);

    private void Keep(string key, string json)
    {
        lock (_gate)
        {
            _pushed[key] = json;
        }
    }

    private string? Stored(string taskId, string key, int? mapIndex) =>
        _values.Pull(taskId, key, mapIndex ?? _values.IndexSeenBy(_instance.Key, taskId));

    private LargeXComs LargeFor(XComReference reference) => _large ?? throw new XComException(
        $"the value '{reference.Path}' is kept outside the metadata store: give the engine the LargeXComs it was written with.");

    private string? FetchedOf(XComReference reference)
    {
        _ = LargeFor(reference);
        return _fetched.GetValueOrDefault(reference.Path);
    }

    private string Resolve(string json) => XComReference.Parse(json) is not { } reference
        ? json
        : FetchedOf(reference) ?? throw new XComException(
            $"the large value '{reference.Path}' was not fetched for task '{TaskId}', as it is not directly after the task that gave it: " +
            "use PullAsync, or declare that the task takes it.");
}
