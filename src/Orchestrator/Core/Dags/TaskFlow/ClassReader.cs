using System.Globalization;
using System.Reflection;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Orchestrator.Dags.TaskFlow;

/// <summary>Reads a class with <see cref="DagAttribute"/> into a builder, and says of each problem where in the class it is.</summary>
internal sealed class ClassReader
{
    private readonly Type _type;
    private readonly DagAttribute _settings;
    private readonly TaskTarget _target;
    private readonly DagBuilder _builder;
    private readonly List<TaskMethod> _tasks = [];
    private readonly List<DagProblem> _problems = [];

    /// <summary>Tasks that did not reach the builder: that others come after nothing is then no news.</summary>
    private readonly HashSet<string> _refused = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (DagParam Param, string Place)> _params = new(StringComparer.Ordinal);

    private ClassReader(Type type, DagAttribute settings, TaskTarget target)
    {
        (_type, _settings, _target) = (type, settings, target);
        _builder = new DagBuilder(settings.Id);
    }

    /// <exception cref="DagException">All that is wrong.</exception>
    public static Dag Read(Type type, TaskTarget target)
    {
        var settings = type.GetCustomAttribute<DagAttribute>(inherit: false)
            ?? throw new DagException(type.Name, $"the class {type.Name} has no [Dag].");
        return string.IsNullOrWhiteSpace(settings.Id)
            ? throw new DagException(type.Name, $"the class {type.Name} names its DAG '{settings.Id}'.")
            : new ClassReader(type, settings, target).Read();
    }

    private Dag Read()
    {
        ReadSettings();
        FindTasks();
        ReadGroups();
        foreach (var task in _tasks)
        {
            Add(task);
        }

        foreach (var (param, _) in _params.Values)
        {
            Guarded(_type.Name, () => _builder.Param(param));
        }

        try
        {
            var dag = _builder.Build();
            return _problems.Count == 0 ? dag : throw new DagException(_settings.Id, _problems);
        }
        catch (DagException exception) when (exception.Problems != _problems)
        {
            var found = exception.Problems.Where(problem =>
                !_refused.Any(id => problem.Message.Contains($"'{id}', which does not exist", StringComparison.Ordinal)))
                .Select(problem => problem with { Place = PlaceOf(problem.Place) })
                .Select(problem => problem with { Message = $"{problem.Place}: {problem.Message}" });
            throw new DagException(_settings.Id, [.. _problems, .. found]);
        }
    }

    private string PlaceOf(string? taskId) => _tasks.Find(task => task.Id == taskId)?.Place ?? _type.Name;

    private void Refuse(string place, string message) => _problems.Add(new DagProblem(place, $"{place}: {message}"));

    private void ReadSettings()
    {
        _builder.Description(_settings.Description).Version(_settings.Version).Tags(_settings.Tags);
        Guarded(_type.Name, () =>
        {
            if (ClassSchedule.Read(_settings) is { } timetable)
            {
                _builder.Schedule(timetable, _settings.Catchup, Instant(_settings.Start));
            }
        });
        Guarded(_type.Name, () =>
        {
            DatasetCondition[] all = [.. _settings.Datasets.Select(name => DatasetCondition.On(new DatasetId(name)))];
            DatasetCondition[] any = [.. _settings.AnyDataset.Select(name => DatasetCondition.On(new DatasetId(name)))];
            if (all.Length + any.Length > 0)
            {
                _builder.OnDatasets(any.Length == 0 ? DatasetCondition.All(all)
                    : all.Length == 0 ? DatasetCondition.Any(any) : DatasetCondition.All([.. all, DatasetCondition.Any(any)]));
            }
        });
        Guarded(_type.Name, () => _ = _settings.Events.Length > 0 ? _builder.OnEvent(_settings.Events) : null);
        Limit(_settings.MaxActiveRuns, _builder.MaxActiveRuns);
        Limit(_settings.MaxActiveTasks, _builder.MaxActiveTasks);
        Limit(_settings.MaxActiveTasksPerRun, _builder.MaxActiveTasksPerRun);
        Guarded(_type.Name, () => _ = _settings.RunTimeout is { } limit ? _builder.RunTimeout(Duration(limit)) : null);
        Guarded(_type.Name, () => _ = _settings.Deadline is { } limit ? _builder.Deadline(Duration(limit)) : null);
    }

    private void Limit(int value, Func<int, DagBuilder> set)
    {
        if (value != 0)
        {
            Guarded(_type.Name, () => set(value));
        }
    }

    private void FindTasks()
    {
        var flags = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

        // The order of the source is the order of metadata tokens; reflection promises none.
        foreach (var method in _type.GetMethods(flags).OrderBy(method => method.MetadataToken))
        {
            TaskAttribute[] kinds = [.. method.GetCustomAttributes<TaskAttribute>()];
            if (kinds.Length == 0)
            {
                if (method.IsDefined(typeof(AfterAttribute)) || method.IsDefined(typeof(MapOverAttribute))
                    || method.IsDefined(typeof(GroupAttribute)))
                {
                    Refuse($"{_type.Name}.{method.Name}", "it has attributes of a task, but not [Task].");
                }
            }
            else if (kinds.Length > 1)
            {
                Refuse($"{_type.Name}.{method.Name}", $"it is {string.Join(" and ", kinds.Select(KindOf))}: a task is one of them.");
            }
            else if (method.IsGenericMethodDefinition)
            {
                Refuse($"{_type.Name}.{method.Name}", "it is generic: a task has types.");
            }
            else
            {
                _tasks.Add(new TaskMethod(method, kinds[0]));
            }
        }
    }

    private static string KindOf(TaskAttribute kind) => $"[{kind.GetType().Name[..^"Attribute".Length]}]";

    private void ReadGroups()
    {
        var groups = _type.GetCustomAttributes<TaskGroupAttribute>(inherit: false).ToList();
        foreach (var task in _tasks)
        {
            task.MappedGroup = groups.Find(group => group.MapOver.Length > 0 && GroupResolver.IsIn(task.Group, group.Id))?.Id;
            task.IsMapped = task.Map is not null || task.MappedGroup is not null;
        }

        foreach (var group in groups)
        {
            string[] after = [.. group.After.Select(name => IdOf(name, null))];
            var map = new MapSource(group.Kind, [.. group.MapOver.Select(name => IdOf(name, null))]);
            Guarded(_type.Name, () => _ = group.MapOver.Length == 0
                ? _builder.Group(group.Id, static _ => { }, after)
                : _builder.MapGroup(group.Id, map, static _ => { }, group.Max, after));
        }
    }

    private void Add(TaskMethod task)
    {
        var arguments = new ArgumentReader(task, Find, message => Refuse(task.Place, message)).Read();
        foreach (var argument in arguments.Where(argument => argument.Param is not null))
        {
            AddParam(argument.Param!, task.Place);
        }

        var call = new MethodCall(task, arguments, _target);
        if (TaskMethodBody.Of(task, call, name => IdOf(name, task), out var why) is not { } body)
        {
            Refuse(task.Place, why!);
            _refused.Add(task.Id);
            return;
        }

        _refused.Add(task.Id);
        Guarded(task.Place, () =>
        {
            if (task.Group is null)
            {
                _builder.Add(task.LocalId, body, builder => Configure(builder, task, arguments), ResultOf(task));
            }
            else
            {
                _builder.Group(task.Group, group =>
                    group.Add(task.LocalId, body, builder => Configure(builder, task, arguments), ResultOf(task)));
            }

            _refused.Remove(task.Id);
        });
    }

    /// <summary>What downstream tasks can take: a branch gives its choice and a sensor nothing, whatever their methods return.</summary>
    private static Type ResultOf(TaskMethod task) => task.Settings switch
    {
        BranchAttribute => typeof(IReadOnlyList<string>),
        SensorAttribute => typeof(void),
        _ => task.Result.Type,
    };

    private void AddParam(DagParam param, string place)
    {
        if (!_params.TryGetValue(param.Name, out var known))
        {
            _params.Add(param.Name, (param, place));
        }
        else if (known.Param.Type != param.Type || known.Param.DefaultJson != param.DefaultJson)
        {
            Refuse(place, $"the parameter '{param.Name}' is {param.Type} with default {param.DefaultJson ?? "none"} here, " +
                $"and {known.Param.Type} with default {known.Param.DefaultJson ?? "none"} in {known.Place}.");
        }
    }

    private void Configure(TaskBuilder builder, TaskMethod task, IReadOnlyList<Argument> arguments)
    {
        TaskSettings.Apply(builder, task.Settings);
        foreach (var input in arguments.Select(argument => argument.Input).OfType<TaskInput>())
        {
            builder.Takes(input);
        }

        builder.TakesItem([.. arguments.Where(argument => argument.IsItem).Select(argument => argument.Parameter.ParameterType)]);
        builder.After([.. (task.Method.GetCustomAttribute<AfterAttribute>()?.Tasks ?? []).Select(name => IdOf(name, task))]);
        if (task.Map is { } map)
        {
            builder.Over(new MapSource(map.Kind, [.. map.Tasks.Select(name => IdOf(name, task))])).MapLengthMax(map.Max);
        }

        if (task.Method.IsDefined(typeof(SetupAttribute)))
        {
            builder.Setup();
        }

        if (task.Method.GetCustomAttribute<TeardownAttribute>() is { } teardown)
        {
            builder.Teardown([.. teardown.Setups.Select(name => IdOf(name, task))]);
            _ = task.Settings.Rule == TriggerRule.AllSuccess ? builder : builder.TriggerRule(task.Settings.Rule);
        }
    }

    /// <summary>A task by any of its names, in the group of the one that asks first, then outwards.</summary>
    private TaskMethod? Find(string name, TaskMethod asks)
    {
        for (var group = asks.Group; group is not null; group = group.Contains('.', StringComparison.Ordinal)
            ? group[..group.LastIndexOf('.')] : null)
        {
            if (_tasks.Find(task => task.Group == group && task.IsCalled(name)) is { } sibling)
            {
                return sibling;
            }
        }

        return _tasks.Find(task => task.Id == name) ?? _tasks.Find(task => task.Group is null && task.IsCalled(name))
            ?? (_tasks.FindAll(task => task.IsCalled(name)) is [var only] ? only : null);
    }

    /// <summary>A task's id, or the name as it stands: of a group, or of nothing, which the builder then says.</summary>
    private string IdOf(string name, TaskMethod? asks) =>
        (asks is null ? _tasks.Find(task => task.Id == name) ?? _tasks.Find(task => task.IsCalled(name)) : Find(name, asks))?.Id ?? name;

    internal static TimeSpan Duration(string text) => DurationText.TryParse(text, out var duration)
        ? duration
        : throw new ArgumentException($"'{text}' is no duration such as 30s, 5m, 2h or 01:30:00.");

    private static DateTimeOffset? Instant(string? text) => text is null ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant) ? instant
        : throw new ArgumentException($"'{text}' is no instant such as 2026-01-31T06:00:00Z.");

    private void Guarded(string place, Action apply)
    {
        try
        {
            apply();
        }
        catch (Exception exception) when (exception is ArgumentException or TimetableException)
        {
            Refuse(place, exception.Message);
        }
    }
}
