using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Execution;

/// <summary>One try of one task instance, handed to an executor.</summary>
public sealed class TaskInvocation
{
    private readonly TimeProvider _time;
    private readonly Action _started;

    internal TaskInvocation(DagRun run, Dag dag, DagTask task, TaskContext context, TimeProvider time, Action started)
    {
        Run = run;
        Task = task;
        DirectDownstream = [.. task.DownstreamNumbers.Select(number => dag.Tasks[number].Id)];
        Context = context;
        _time = time;
        _started = started;
    }

    /// <summary>The run.</summary>
    public DagRun Run { get; }

    /// <summary>The task.</summary>
    public DagTask Task { get; }

    /// <summary>What the body gets.</summary>
    public TaskContext Context { get; }

    internal IReadOnlyList<string> DirectDownstream { get; }

    internal Logs.TaskLog? Log { get; init; }

    /// <summary>Set when the scheduler lets a try go that goes on without it: the executor stops waiting for it, and its answer does not
    /// count. Only for executors that outlive their scheduler.</summary>
    public CancellationToken LetGo { get; init; }

    /// <summary>How long a body may go on after its token was set before it is given up; its late result is then ignored.</summary>
    public TimeSpan CancellationGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What another process must know to run the try with a <see cref="TryHost"/>.</summary>
    public HostedTry ToHosted() => new() { Instance = Context.Instance, Item = Context.SmallItemJson, Command = Task.Body as CommandBody };

    /// <summary>Says that the body begins now; for executors that run it elsewhere.</summary>
    public void ReportStarted() => _started();

    /// <summary>Says that the body begins now, and runs it with the task's time limit.</summary>
    /// <param name="cancellationToken">Cancels the body.</param>
    /// <returns>How it ended; never throws for a failing body.</returns>
    public Task<TaskOutcome> RunAsync(CancellationToken cancellationToken)
    {
        ReportStarted();
        return BodyRunner.RunAsync(this, _time, null, cancellationToken);
    }

    /// <summary>Runs something in place of the body, as an executor for programs does, with the task's time limit.</summary>
    /// <param name="run">What to run; its exceptions become outcomes as those of a body do.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public Task<TaskOutcome> RunAsync(Func<CancellationToken, Task<TaskOutcome>> run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        ReportStarted();
        return BodyRunner.RunAsync(this, _time, run, cancellationToken);
    }

    /// <summary>Runs the body alone, for what was given to the other overload.</summary>
    internal Task<TaskOutcome> RunBodyAsync(CancellationToken cancellationToken) =>
        BodyRunner.InvokeAsync(this, _time, null, cancellationToken);
}
