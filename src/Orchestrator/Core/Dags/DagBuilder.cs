using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Orchestrator.Dags;

/// <summary>Describes a DAG in C#. Nothing is checked until <see cref="Build"/>. Not thread-safe.</summary>
public sealed class DagBuilder
{
    private readonly List<TaskBuilder> _tasks = [];
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

    /// <summary>Bounds a run; tasks still going then are cancelled and the run fails.</summary>
    /// <param name="timeout">More than zero.</param>
    public DagBuilder RunTimeout(TimeSpan timeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero);
        return With(_settings with { RunTimeout = timeout });
    }

    /// <summary>Adds a task.</summary>
    /// <param name="id">Its name in this DAG.</param>
    /// <param name="run">What it does. Throw <see cref="TaskFailedException"/> or <see cref="TaskSkippedException"/> to say more than
    /// "failed".</param>
    /// <param name="configure">Dependencies and settings.</param>
    public DagBuilder Task(string id, Func<TaskContext, CancellationToken, Task> run, Action<TaskBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Add(id, Wrap, configure);

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
        return Add(id, async (context, cancellationToken) => await run(context, cancellationToken).ConfigureAwait(false), configure);
    }

    /// <summary>Checks and freezes the DAG.</summary>
    /// <exception cref="DagException">A cycle, an unknown or duplicate id, a schedule that never fires, or a limit.</exception>
    public Dag Build()
    {
        var runs = _maxActiveRuns ?? (_settings.Datasets is null ? DagLimits.DefaultMaxActiveRuns : 1);
        var settings = _settings with { MaxActiveRuns = runs };
        return new Dag(settings, DagAnalyzer.Analyze(settings, [.. _tasks.Select(task => task.ToTask())]));
    }

    private DagBuilder Add(string id, Func<TaskContext, CancellationToken, Task<object?>> run, Action<TaskBuilder>? configure)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(id);
        var task = new TaskBuilder(id, new CodeBody(run));
        configure?.Invoke(task);
        _tasks.Add(task);
        return this;
    }

    private DagBuilder With(DagSettings settings)
    {
        _settings = settings;
        return this;
    }
}
