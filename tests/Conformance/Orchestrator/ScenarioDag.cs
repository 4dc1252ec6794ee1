using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Conformance.Orchestrator;

/// <summary>The DAG of a scenario and the behaviour of its tasks.</summary>
internal sealed class ScenarioDag(JsonElement data)
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _gates = new();
    private int _holding;
    private volatile bool _isOpen;

    /// <summary>Bodies that wait for a release; a release takes one off at once, so that nobody takes it for quiet before the body went
    /// on.</summary>
    public int Holding => Math.Max(0, Volatile.Read(ref _holding));

    public void Release(string task)
    {
        Interlocked.Decrement(ref _holding);
        Gate(task).Release();
    }

    public void ReleaseAll()
    {
        _isOpen = true;
        foreach (var gate in _gates.Values)
        {
            gate.Release(100);
        }
    }

    public Dag Build()
    {
        _isOpen = false;
        _gates.Clear();
        _holding = 0;
        var builder = new DagBuilder("d");
        if (data.TryGetProperty("cron", out var cron))
        {
            var start = data.TryGetProperty("start", out var from) ? Scenario.Instant(from.GetString()!) : (DateTimeOffset?)null;
            builder.Schedule(Timetable.Cron(cron.GetString()!), data.TryGetProperty("catchup", out var catchup) && catchup.GetBoolean(),
                start);
        }

        if (data.TryGetProperty("datasets", out var datasets))
        {
            var ids = datasets.EnumerateArray().Select(id => DatasetCondition.On(new DatasetId(id.GetString()!))).ToArray();
            var isAny = data.TryGetProperty("any", out var any) && any.GetBoolean();
            builder.OnDatasets(isAny ? DatasetCondition.Any(ids) : DatasetCondition.All(ids));
        }

        if (data.TryGetProperty("maxActiveRuns", out var runs))
        {
            builder.MaxActiveRuns(runs.GetInt32());
        }

        foreach (var task in data.GetProperty("tasks").EnumerateArray().Where(task => !task.TryGetProperty("in", out _)))
        {
            Add(builder, task);
        }

        foreach (var group in data.TryGetProperty("groups", out var groups) ? groups.EnumerateArray() : default)
        {
            AddGroup(builder, group);
        }

        return builder.Build();
    }

    /// <summary>A mapped group; tasks <c>in</c> a name below it stand in an inner group.</summary>
    private void AddGroup(DagBuilder builder, JsonElement group)
    {
        var id = group.GetProperty("id").GetString()!;
        var max = group.TryGetProperty("max", out var most) ? most.GetInt32() : DagLimits.DefaultMapLengthMax;
        builder.MapGroup(id, SourceOf(group, group.GetProperty("over")), within =>
        {
            foreach (var task in data.GetProperty("tasks").EnumerateArray().Where(task => task.TryGetProperty("in", out _)))
            {
                var place = task.GetProperty("in").GetString()!;
                if (place == id)
                {
                    Add(within, task);
                }
                else if (place.StartsWith(id + ".", StringComparison.Ordinal))
                {
                    within.Group(place[(id.Length + 1)..], inner => Add(inner, task));
                }
            }
        }, max, [.. Texts(group, "after")]);
    }

    private void Add(DagBuilder builder, JsonElement task)
    {
        var id = task.GetProperty("id").GetString()!;
        var does = task.TryGetProperty("does", out var text) ? text.GetString()! : "ok";
        if (does.StartsWith("branch:", StringComparison.Ordinal))
        {
            builder.Branch(id, (_, _) => Task.FromResult<IReadOnlyList<string>>(
                does[7..].Split(',', StringSplitOptions.RemoveEmptyEntries)), t => Configure(task, t));
        }
        else if (does is "short-circuit" or "short-circuit-direct")
        {
            builder.ShortCircuit(id, (_, _) => Task.FromResult(false), t => Configure(task, t),
                ignoresRules: does != "short-circuit-direct");
        }
        else if (does.StartsWith("branch-on:", StringComparison.Ordinal))
        {
            var words = does.Split(':');
            builder.Branch(id, (context, _) => Task.FromResult<IReadOnlyList<string>>([IsItem(context, words[1]) ? words[2] : words[3]]));
        }
        else if (does.StartsWith("short-circuit-on:", StringComparison.Ordinal))
        {
            builder.ShortCircuit(id, (context, _) => Task.FromResult(!IsItem(context, does[17..])));
        }
        else if (task.TryGetProperty("sensor", out var sensor))
        {
            builder.Sensor(id, (context, _) => Task.FromResult(Look(context, sensor)), SensorOf(sensor), t => Configure(task, t));
        }
        else if (task.TryGetProperty("over", out var over))
        {
            builder.MapTask<JsonElement, object?>(id, SourceOf(task, over), (context, item, token) => DoAsync(context, does, item, token),
                t => Configure(task, t));
        }
        else
        {
            builder.Task(id, (context, token) => DoAsync(context, does, default, token), t => Configure(task, t));
        }
    }

    private static bool IsItem(TaskContext context, string json) => context.Item<JsonElement>().GetRawText() == json;

    private static bool Look(TaskContext context, JsonElement sensor)
    {
        if (sensor.TryGetProperty("throws", out var at) && at.GetInt32() == context.Try)
        {
            throw new InvalidOperationException("as told");
        }

        return sensor.TryGetProperty("until", out var until) && context.Try >= until.GetInt32();
    }

    private static SensorOptions SensorOf(JsonElement sensor) => new(
        TimeSpan.Parse(sensor.GetProperty("interval").GetString()!, CultureInfo.InvariantCulture),
        TimeSpan.Parse(sensor.GetProperty("timeout").GetString()!, CultureInfo.InvariantCulture),
        SensorMode.Reschedule,
        sensor.TryGetProperty("skips", out _));

    private async Task<object?> DoAsync(TaskContext context, string does, JsonElement item, CancellationToken cancellationToken)
    {
        item = item.ValueKind == JsonValueKind.Undefined && context.MapIndex >= 0 ? context.Item<JsonElement>() : item;
        var (verb, argument) = does.Split(':', 2) is [var left, var right] ? (left, right) : (does, string.Empty);
        switch (verb)
        {
            case "ok":
                return item.ValueKind == JsonValueKind.Undefined ? null : item;
            case "fail":
                throw new InvalidOperationException("as told");
            case "fail-on":
                return item.GetRawText() == argument ? throw new InvalidOperationException("as told") : item;
            case "fail-on-first":
                return item.GetRawText() == argument && context.Try == 1 ? throw new InvalidOperationException("as told") : item;
            case "skip-on":
                return item.GetRawText() == argument ? throw new TaskSkippedException("as told") : item;
            case "check":
                return context.Pull<JsonElement>(argument).GetRawText() == item.GetRawText() ? item
                    : throw new InvalidOperationException($"'{argument}' gave another index's value");
            case "hold-on" when item.GetRawText() != argument:
                return item;
            case "skip":
                throw new TaskSkippedException("as told");
            case "fail-until":
                return context.Try < int.Parse(argument, CultureInfo.InvariantCulture) ? throw new InvalidOperationException("not yet")
                    : null;
            case "return":
                return JsonSerializer.Deserialize<JsonElement>(argument);
            case "return-by-try":
                return JsonSerializer.Deserialize<JsonElement>(argument.Split('|')[context.Try - 1]);
            case "hold" or "hold-on":
                Interlocked.Increment(ref _holding);
                try
                {
                    await (_isOpen ? Task.CompletedTask : Gate(context.TaskId).WaitAsync(cancellationToken));
                }
                catch (OperationCanceledException)
                {
                    Interlocked.Decrement(ref _holding);
                    throw;
                }

                return null;
            default:
                throw new InvalidOperationException($"'{does}' is nothing a task does.");
        }
    }

    private SemaphoreSlim Gate(string task) => _gates.GetOrAdd(task, _ => new SemaphoreSlim(0));

    private static MapSource SourceOf(JsonElement task, JsonElement over)
    {
        string[] ids = [.. over.EnumerateArray().Select(id => id.GetString()!)];
        return (task.TryGetProperty("kind", out var kind) ? kind.GetString() : "concat") switch
        {
            "product" => MapSource.Product(ids),
            "zip" => MapSource.Zip(ids),
            _ => MapSource.Concat(ids),
        };
    }

    private static void Configure(JsonElement task, TaskBuilder builder)
    {
        builder.After([.. Texts(task, "after")]);
        if (task.TryGetProperty("teardown", out _))
        {
            builder.Teardown([.. Texts(task, "teardown")]);
        }

        if (task.TryGetProperty("rule", out var rule))
        {
            builder.TriggerRule(Enum.Parse<TriggerRule>(rule.GetString()!));
        }

        if (task.TryGetProperty("retries", out var retries))
        {
            builder.Retries(retries.GetInt32(), task.TryGetProperty("backoff", out var first)
                ? Backoff.Exponential(TimeSpan.FromSeconds(first.GetInt32()), jitter: JitterMode.None)
                : Backoff.Constant(TimeSpan.FromMinutes(1)));
        }

        if (task.TryGetProperty("pool", out var pool))
        {
            builder.Pool(pool.GetString()!, task.TryGetProperty("slots", out var slots) ? slots.GetInt32() : 1);
        }

        if (task.TryGetProperty("priority", out var priority))
        {
            builder.Priority(priority.GetInt32());
        }

        if (task.TryGetProperty("mapMax", out var mapMax))
        {
            builder.MapLengthMax(mapMax.GetInt32());
        }

        if (task.TryGetProperty("perRun", out var perRun))
        {
            builder.MaxActivePerRun(perRun.GetInt32());
        }

        if (task.TryGetProperty("setup", out _))
        {
            builder.Setup();
        }

        if (task.TryGetProperty("past", out var past))
        {
            builder.DependsOnPast(past.GetString() == "downstream");
        }
    }

    private static IEnumerable<string> Texts(JsonElement task, string name) =>
        task.TryGetProperty(name, out var list) ? list.EnumerateArray().Select(item => item.GetString()!) : [];
}
