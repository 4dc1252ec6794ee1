using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;

namespace DataPlatform.Orchestrator.Testing;

/// <summary>What a test says about one task: how long it takes, what it answers in place of its body, whether it is held.</summary>
/// <remarks>Got from <see cref="OrchestratorTestHost.Task"/>. Used by the test's own flow only.</remarks>
public sealed class TaskScript
{
    private readonly List<VirtualTry> _tries = [];
    private Func<TaskContext, TimeSpan>? _duration;
    private Func<TaskContext, TaskOutcome>? _answer;
    private TaskCompletionSource? _gate;
    private (int Times, string Note) _failures;

    internal TaskScript()
    {
    }

    internal Task? Gate => _gate?.Task;

    /// <summary>Lets each try take this long on the host's clock; its body runs at the end.</summary>
    /// <param name="duration">Zero or more.</param>
    public TaskScript Takes(TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
        return Takes(_ => duration);
    }

    /// <summary>Lets each try take as long as a function says; it must depend on its argument only.</summary>
    /// <param name="duration">Gives the duration of a try.</param>
    public TaskScript Takes(Func<TaskContext, TimeSpan> duration)
    {
        ArgumentNullException.ThrowIfNull(duration);
        _duration = duration;
        return this;
    }

    /// <summary>Answers in place of the body, so that a command or a container needs no machine.</summary>
    /// <param name="answer">Gives the outcome of a try.</param>
    public TaskScript Answers(Func<TaskContext, TaskOutcome> answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        _answer = answer;
        return this;
    }

    /// <summary>Lets the next tries fail without running the body.</summary>
    /// <param name="times">How many.</param>
    /// <param name="note">What they fail with.</param>
    public TaskScript Fails(int times = 1, string note = "the test said so")
    {
        ArgumentOutOfRangeException.ThrowIfNegative(times);
        _failures = (times, note);
        return this;
    }

    /// <summary>Keeps tries that begin from now on running until <see cref="Release"/>.</summary>
    public TaskScript Hold()
    {
        _gate ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return this;
    }

    /// <summary>Lets held tries go on, and later ones begin as usual.</summary>
    public TaskScript Release()
    {
        foreach (var held in _tries)
        {
            held.Unhold();
        }

        _gate?.TrySetResult();
        _gate = null;
        return this;
    }

    /// <summary>Cuts the tries that run now off from the engine: it hears that they were lost and tries again, while their bodies go on with an
    /// epoch that is over.</summary>
    /// <returns>How many.</returns>
    public int Lose()
    {
        foreach (var running in _tries)
        {
            running.Lose();
        }

        return _tries.Count;
    }

    internal void Enter(VirtualTry entered) => _tries.Add(entered);

    internal void Leave(VirtualTry left) => _tries.Remove(left);

    internal TimeSpan? DurationOf(TaskContext context) => _duration?.Invoke(context);

    internal TaskOutcome? AnswerOf(TaskInvocation invocation)
    {
        if (_failures.Times > 0)
        {
            _failures.Times--;
            return TaskOutcome.Failed(_failures.Note);
        }

        return _answer?.Invoke(invocation.Context) ?? (invocation.Task.Body is CommandBody or SqlBody
            ? TaskOutcome.Failed(
                $"task '{invocation.Task.Id}' is {(invocation.Task.Body is SqlBody ? "a statement" : "a command")}, which the host does not run: say what it answers with Task(...).Answers().", false)
            : null);
    }
}
