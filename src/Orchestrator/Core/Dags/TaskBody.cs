using DataPlatform.Orchestrator.Execution;

namespace DataPlatform.Orchestrator.Dags;

/// <summary>What a task does. Closed: an executor can switch over it completely.</summary>
public abstract record TaskBody
{
    private protected TaskBody()
    {
    }

    /// <summary>A name for listings, for example <c>code</c>.</summary>
    public abstract string Kind { get; }
}

/// <summary>A task written in C#. Its return value, unless null, is pushed as the XCom <see cref="TaskContext.ReturnKey"/>.</summary>
/// <param name="Run">The code.</param>
public sealed record CodeBody(Func<TaskContext, CancellationToken, Task<object?>> Run) : TaskBody
{
    /// <inheritdoc/>
    public override string Kind => "code";
}

/// <summary>A task that chooses which of its direct downstream tasks go on; the others are skipped. The choice is stored.</summary>
/// <param name="Choose">Gives the ids of direct downstream tasks; none: all are skipped.</param>
public sealed record BranchBody(Func<TaskContext, CancellationToken, Task<IReadOnlyList<string>>> Choose) : TaskBody
{
    /// <inheritdoc/>
    public override string Kind => "branch";
}

/// <summary>A task that may end its branch: on false everything downstream is skipped.</summary>
/// <param name="Check">True to go on.</param>
/// <param name="IgnoresRules">True: all downstream tasks are skipped whatever their rules. False: only the direct ones.</param>
public sealed record ShortCircuitBody(Func<TaskContext, CancellationToken, Task<bool>> Check, bool IgnoresRules) : TaskBody
{
    /// <inheritdoc/>
    public override string Kind => "short-circuit";
}

/// <summary>A task that waits until something is so.</summary>
/// <param name="Poke">True when it is so.</param>
/// <param name="Options">How to wait.</param>
public sealed record SensorBody(Func<TaskContext, CancellationToken, Task<bool>> Poke, SensorOptions Options) : TaskBody
{
    /// <inheritdoc/>
    public override string Kind => "sensor";
}

/// <summary>A program to run in a process of its own; see <see cref="SubprocessExecutor"/>.</summary>
/// <param name="File">The program.</param>
/// <param name="Arguments">Its arguments; <c>{{name}}</c> is replaced, see <see cref="Template"/>.</param>
/// <param name="Environment">Variables added to those of this process.</param>
public sealed record CommandBody(string File, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment) : TaskBody
{
    /// <inheritdoc/>
    public override string Kind => "command";
}

/// <summary>A body that this process does not have: the model came from a store. Running it fails with a clear error.</summary>
public sealed record MissingBody : TaskBody
{
    /// <inheritdoc/>
    public override string Kind => "missing";
}
