using DataPlatform.Orchestrator.Execution;

namespace DataPlatform.Orchestrator.Dags;

/// <summary>A value that a task will give; got from <see cref="DagBuilder"/> when the task is added, or named with
/// <see cref="TaskValue.Of{T}"/>.</summary>
/// <typeparam name="T">What it is.</typeparam>
/// <param name="TaskId">The task that gives it, with its groups.</param>
/// <param name="Key">The value's name.</param>
public sealed record TaskValue<T>(string TaskId, string Key = TaskContext.ReturnKey) : ITaskValue<T>
{
    /// <summary>The values of all instances of a mapped task, by index; those that gave none are left out.</summary>
    public ITaskValue<IReadOnlyList<T>> All => new TaskValue<IReadOnlyList<T>>(TaskId, Key) { IsAll = true };

    /// <summary>The same value where the default will do when the task gave none, for example because it was skipped.</summary>
    public ITaskValue<T?> OrDefault => new TaskValue<T?>(TaskId, Key) { IsOptional = true };

    /// <inheritdoc/>
    public bool IsAll { get; private init; }

    /// <inheritdoc/>
    public bool IsOptional { get; private init; }
}

/// <summary>Names values of tasks.</summary>
public static class TaskValue
{
    /// <summary>A value by the id of its task; whether the task gives such a value is checked when the DAG is built.</summary>
    /// <typeparam name="T">What it is read as.</typeparam>
    /// <param name="taskId">The task; looked for in the group of the task that takes it first.</param>
    /// <param name="key">The value's name.</param>
    public static TaskValue<T> Of<T>(string taskId, string key = TaskContext.ReturnKey)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(taskId);
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        return new TaskValue<T>(taskId, key);
    }
}
