using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Orchestrator.Dags;

/// <summary>Describes a DAG in C#. Nothing is checked until <see cref="Build"/>. Not thread-safe.</summary>
public sealed partial class DagBuilder
{
    private readonly List<TaskBuilder> _tasks = [];
    private readonly List<(string Group, string Upstream)> _groupUpstream = [];
    private readonly List<MappedGroup> _mappedGroups = [];
    private string? _group;
    private DagSettings _settings;
    private int? _maxActiveRuns;

    /// <summary>Begins a DAG.</summary>
    /// <param name="id">Its name: letters, digits, <c>_</c>, <c>-</c> and <c>.</c>.</param>
    public DagBuilder(string id)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(id);
        _settings = new DagSettings(id);
    }

    /// <summary>Says what it is for.</summary>
    /// <param name="description">A sentence.</param>
    public DagBuilder Description(string description) => With(_settings with { Description = description });

    /// <summary>Makes changes of code bodies part of the content hash.</summary>
    /// <param name="version">Any text; change it when the code changes its meaning.</param>
    public DagBuilder Version(string version) => With(_settings with { Version = version });

    /// <summary>Adds words to find it by.</summary>
    /// <param name="tags">The words.</param>
    public DagBuilder Tags(params string[] tags) => With(_settings with { Tags = [.. tags] });

    /// <summary>Runs it by the clock.</summary>
    /// <param name="timetable">When; see <see cref="Timetable"/>.</param>
    /// <param name="catchup">True: every missed interval runs. False: after a gap only the latest complete one.</param>
    /// <param name="start">Where the first interval begins; null: when the DAG is first registered.</param>
    public DagBuilder Schedule(ITimetable timetable, bool catchup = false, DateTimeOffset? start = null)
    {
        ArgumentNullException.ThrowIfNull(timetable);
        return With(_settings with { Timetable = timetable, Catchup = catchup, Start = start });
    }

    /// <summary>Runs it when each of these datasets has a version that no run of this DAG consumed.</summary>
    /// <param name="datasets">One or more datasets.</param>
    public DagBuilder OnDataset(params DatasetId[] datasets) => OnDatasets(DatasetCondition.All([.. datasets.Select(DatasetCondition.On)]));

    /// <summary>Runs it when a condition over datasets holds.</summary>
    /// <param name="condition">The condition.</param>
    /// <remarks>Active runs are limited to 1 unless <see cref="MaxActiveRuns"/> says otherwise: versions that arrive meanwhile collapse
    /// into the next run.</remarks>
    public DagBuilder OnDatasets(DatasetCondition condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return With(_settings with { Datasets = condition });
    }

    /// <summary>Runs it when an event comes from outside, with the event's payload as the run's conf; see
    /// <see cref="OrchestratorEngine.RaiseEventAsync"/>.</summary>
    /// <param name="names">The events: letters, digits, <c>_</c>, <c>-</c> and <c>.</c>.</param>
    public DagBuilder OnEvent(params ReadOnlySpan<string> names) =>
        With(_settings with { Events = [.. _settings.Events.Concat(names.ToArray()).Distinct(StringComparer.Ordinal)] });

    /// <summary>Limits runs at once; 16 by default, 1 for a DAG that datasets start.</summary>
    /// <param name="runs">1 or more.</param>
    public DagBuilder MaxActiveRuns(int runs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(runs, 1);
        _maxActiveRuns = runs;
        return this;
    }

    /// <summary>Limits tasks queued or running at once, over all runs of this DAG.</summary>
    /// <param name="tasks">1 or more.</param>
    public DagBuilder MaxActiveTasks(int tasks)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tasks, 1);
        return With(_settings with { MaxActiveTasks = tasks });
    }

    /// <summary>Gives it a larger share of pools: DAGs whose tasks have the same priority start slots in proportion to their weights.</summary>
    /// <param name="weight">1, the default, to 1,000.</param>
    public DagBuilder Weight(int weight)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(weight, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(weight, 1_000);
        return With(_settings with { Weight = weight });
    }

    /// <summary>Bounds a run; tasks still going then are cancelled and the run fails.</summary>
    /// <param name="timeout">More than zero.</param>
    public DagBuilder RunTimeout(TimeSpan timeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero);
        return With(_settings with { RunTimeout = timeout });
    }

    /// <summary>Limits tasks of one run that are queued or running at once.</summary>
    /// <param name="tasks">1 or more.</param>
    public DagBuilder MaxActiveTasksPerRun(int tasks)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tasks, 1);
        return With(_settings with { MaxActiveTasksPerRun = tasks });
    }

    /// <summary>Announces a run that has not ended in time; it goes on.</summary>
    /// <param name="afterRunAfter">How long after its earliest start a run should have ended.</param>
    public DagBuilder Deadline(TimeSpan afterRunAfter)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(afterRunAfter, TimeSpan.Zero);
        return With(_settings with { Deadline = afterRunAfter });
    }

    /// <summary>Adds a parameter of the DAG's runs. Tasks read it with <see cref="TaskContext.Param{T}"/>.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">What its value must be; a trigger with another is refused.</param>
    /// <param name="defaultValue">The value where the caller gives none; null: the caller must give one.</param>
    /// <param name="description">What it is for.</param>
    /// <param name="rules">What else its value must be; null for nothing.</param>
    public DagBuilder Param(string name, ParamType type, object? defaultValue = null, string description = "", ParamRules? rules = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var json = defaultValue is null ? null : System.Text.Json.JsonSerializer.Serialize(
            defaultValue, System.Text.Json.JsonSerializerOptions.Web);
        return Param(new DagParam(name, type, json, description) { Rules = rules ?? ParamRules.None });
    }

    /// <summary>Adds a parameter of the DAG's runs.</summary>
    /// <param name="parameter">The parameter.</param>
    public DagBuilder Param(DagParam parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        return With(_settings with { Params = [.. _settings.Params, parameter] });
    }

    /// <summary>Tells somebody when runs and tasks of this DAG end.</summary>
    /// <param name="notifier">Whom.</param>
    public DagBuilder Notify(Diagnostics.INotifier notifier) => With(_settings with { Notifiers = [.. _settings.Notifiers, notifier] });

    /// <summary>Puts tasks into a group: their ids get its name as prefix, and <c>After</c> a group means after its last tasks.</summary>
    /// <param name="id">The group's name.</param>
    /// <param name="define">Adds the tasks; ids inside it are looked for in the group first.</param>
    /// <param name="after">Tasks or groups that come before the group's first tasks.</param>
    public DagBuilder Group(string id, Action<DagBuilder> define, params ReadOnlySpan<string> after)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(id);
        ArgumentNullException.ThrowIfNull(define);
        var outer = _group;
        _group = Named(id);
        foreach (var upstream in after)
        {
            _groupUpstream.Add((_group, upstream));
        }

        define(this);
        _group = outer;
        return this;
    }

    /// <summary>Adds a task.</summary>
    /// <param name="id">Its name in this DAG.</param>
    /// <param name="run">What it does. Throw <see cref="TaskFailedException"/> or <see cref="TaskSkippedException"/> to say more than
    /// "failed".</param>
    /// <param name="configure">Dependencies and settings.</param>
    public DagBuilder Task(string id, Func<TaskContext, CancellationToken, Task> run, Action<TaskBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Add(id, new CodeBody(Wrap), configure, typeof(void));

        async Task<object?> Wrap(TaskContext context, CancellationToken cancellationToken)
        {
            await run(context, cancellationToken).ConfigureAwait(false);
            return null;
        }
    }

    /// <summary>Adds a task with a result, which downstream tasks read with <see cref="TaskContext.Pull{T}"/>.</summary>
    /// <typeparam name="T">The result; small and serialisable as JSON.</typeparam>
    /// <param name="id">Its name in this DAG.</param>
    /// <param name="run">What it does.</param>
    /// <param name="configure">Dependencies and settings.</param>
    public DagBuilder Task<T>(string id, Func<TaskContext, CancellationToken, Task<T>> run, Action<TaskBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Add(
            id, new CodeBody(async (context, cancellationToken) => await run(context, cancellationToken).ConfigureAwait(false)), configure,
            typeof(T));
    }

    /// <summary>Adds a task that runs once for each item of a list that is known only when the run gets there.</summary>
    /// <typeparam name="TItem">What an item is read as.</typeparam>
    /// <param name="id">Its name in this DAG.</param>
    /// <param name="source">The lists; their tasks come before this one.</param>
    /// <param name="run">What it does with an item.</param>
    /// <param name="configure">Dependencies and settings.</param>
    public DagBuilder MapTask<TItem>(
        string id, MapSource source, Func<TaskContext, TItem, CancellationToken, Task> run, Action<TaskBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(run);
        return Task(id, (context, cancellationToken) => run(context, context.Item<TItem>(), cancellationToken),
            Mapped(source, typeof(TItem), configure));
    }

    /// <summary>As the other, with a result by item.</summary>
    /// <typeparam name="TItem">What an item is read as.</typeparam>
    /// <typeparam name="TResult">The result; small and serialisable as JSON.</typeparam>
    /// <param name="id">Its name in this DAG.</param>
    /// <param name="source">The lists; their tasks come before this one.</param>
    /// <param name="run">What it does with an item.</param>
    /// <param name="configure">Dependencies and settings.</param>
    public DagBuilder MapTask<TItem, TResult>(
        string id, MapSource source, Func<TaskContext, TItem, CancellationToken, Task<TResult>> run, Action<TaskBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(run);
        return Task(id, (context, cancellationToken) => run(context, context.Item<TItem>(), cancellationToken),
            Mapped(source, typeof(TItem), configure));
    }

    /// <summary>Adds a task that chooses which of its direct downstream tasks go on.</summary>
    /// <param name="id">Its name in this DAG.</param>
    /// <param name="choose">Gives their ids; the others are skipped, unless a chosen one leads to them.</param>
    /// <param name="configure">Dependencies and settings.</param>
    public DagBuilder Branch(
        string id, Func<TaskContext, CancellationToken, Task<IReadOnlyList<string>>> choose, Action<TaskBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(choose);
        return Add(id, new BranchBody(choose), configure, typeof(IReadOnlyList<string>));
    }

    /// <summary>Adds a task that skips what is downstream of it unless a check holds.</summary>
    /// <param name="id">Its name in this DAG.</param>
    /// <param name="check">True to go on.</param>
    /// <param name="configure">Dependencies and settings.</param>
    /// <param name="ignoresRules">True: everything downstream is skipped. False: the direct ones; those behind follow their rules.</param>
    public DagBuilder ShortCircuit(
        string id, Func<TaskContext, CancellationToken, Task<bool>> check, Action<TaskBuilder>? configure = null, bool ignoresRules = true)
    {
        ArgumentNullException.ThrowIfNull(check);
        return Add(id, new ShortCircuitBody(check, ignoresRules), configure, typeof(bool));
    }

    /// <summary>Adds a task that waits until something is so; see <see cref="Sensors"/> for common ones.</summary>
    /// <param name="id">Its name in this DAG.</param>
    /// <param name="poke">True when it is so.</param>
    /// <param name="options">How to wait.</param>
    /// <param name="configure">Dependencies and settings.</param>
    public DagBuilder Sensor(
        string id, Func<TaskContext, CancellationToken, Task<bool>> poke, SensorOptions options, Action<TaskBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(poke);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.Interval, TimeSpan.Zero, nameof(options));
        return Add(id, new SensorBody(poke, options), configure, typeof(void));
    }

    /// <summary>Adds a task that runs a program; its executor must be able to, see <see cref="SubprocessExecutor"/>.</summary>
    /// <param name="id">Its name in this DAG.</param>
    /// <param name="file">The program.</param>
    /// <param name="arguments">Its arguments; <c>{{name}}</c> is replaced, see <see cref="Template"/>.</param>
    /// <param name="configure">Dependencies and settings.</param>
    /// <param name="environment">Variables added to those of this process.</param>
    public DagBuilder Command(
        string id,
        string file,
        IReadOnlyList<string> arguments,
        Action<TaskBuilder>? configure = null,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(file);
        ArgumentNullException.ThrowIfNull(arguments);
        return Add(id, new CommandBody(file, [.. arguments], environment ?? new Dictionary<string, string>()), configure, null);
    }

    /// <summary>Checks and freezes the DAG.</summary>
    /// <exception cref="DagException">A cycle, an unknown or duplicate id, a schedule that never fires, a value of the wrong type, a limit:
    /// all that is wrong at once.</exception>
    public Dag Build()
    {
        var runs = _maxActiveRuns ?? (_settings.Datasets is null ? DagLimits.DefaultMaxActiveRuns : 1);
        var (tasks, groups) = GroupResolver.Resolve([.. _tasks.Select(task => task.ToTask())], _groupUpstream, _mappedGroups);
        var settings = _settings with
        {
            MaxActiveRuns = runs,
            MappedGroups = groups,
            Timetable = StableSeed.Bind(_settings.Timetable, _settings.Id),
        };
        return new Dag(settings, DagAnalyzer.Analyze(settings, tasks));
    }

    /// <summary>Adds a task whose body and types are known only when the program runs.</summary>
    internal DagBuilder Add(string id, TaskBody body, Action<TaskBuilder>? configure, Type? result)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(id);
        var task = new TaskBuilder(Named(id), body).In(_group);
        if (result is not null)
        {
            task.Gives(result);
        }

        configure?.Invoke(task);
        _tasks.Add(task);
        return this;
    }

    private static Action<TaskBuilder> Mapped(MapSource source, Type item, Action<TaskBuilder>? configure) => task =>
    {
        task.Over(source).TakesItem(item);
        configure?.Invoke(task);
    };

    private DagBuilder With(DagSettings settings)
    {
        _settings = settings;
        return this;
    }
}
