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

/// <summary>A body that this process does not have: the model came from a store. Running it fails with a clear error.</summary>
public sealed record MissingBody : TaskBody
{
    /// <inheritdoc/>
    public override string Kind => "missing";
}
