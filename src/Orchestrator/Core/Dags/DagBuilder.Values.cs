using DataPlatform.Orchestrator.Execution;

namespace DataPlatform.Orchestrator.Dags;

/// <summary>Tasks that hand typed values to each other, and groups that run once for each item.</summary>
public sealed partial class DagBuilder
{
    /// <summary>Adds a task and gives a handle to its result, for tasks that take it.</summary>
    /// <typeparam name="T">The result; small and serialisable as JSON.</typeparam>
    /// <param name="id">Its name in this DAG.</param>
    /// <param name="run">What it does.</param>
    /// <param name="value">The result, as later definitions name it.</param>
    /// <param name="configure">Dependencies and settings.</param>
    public DagBuilder Task<T>(
        string id, Func<TaskContext, CancellationToken, Task<T>> run, out TaskValue<T> value, Action<TaskBuilder>? configure = null)
    {
        value = new TaskValue<T>(Named(id));
        return Task(id, run, configure);
    }

    /// <summary>Adds a task that takes a value of another; it comes after that one.</summary>
    /// <typeparam name="TIn">What it takes.</typeparam>
    /// <param name="id">Its name in this DAG.</param>
    /// <param name="input">The value.</param>
    /// <param name="run">What it does.</param>
    /// <param name="configure">Dependencies and settings.</param>
    public DagBuilder Task<TIn>(
        string id, ITaskValue<TIn> input, Func<TaskContext, TIn, CancellationToken, Task> run, Action<TaskBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        var taken = InputOf(input);
        return Task(id, (context, token) => run(context, context.Read<TIn>(taken), token), Taking(configure, taken));
    }

    /// <summary>Adds a task that takes a value of another and gives one.</summary>
    /// <typeparam name="TIn">What it takes.</typeparam>
    /// <typeparam name="TOut">The result; small and serialisable as JSON.</typeparam>
    /// <param name="id">Its name in this DAG.</param>
    /// <param name="input">The value.</param>
    /// <param name="run">What it does.</param>
    /// <param name="configure">Dependencies and settings.</param>
    public DagBuilder Task<TIn, TOut>(
        string id, ITaskValue<TIn> input, Func<TaskContext, TIn, CancellationToken, Task<TOut>> run,
            Action<TaskBuilder>? configure = null) => Task(id, input, run, out _, configure);

    /// <summary>As the other, with a handle to the result.</summary>
    /// <typeparam name="TIn">What it takes.</typeparam>
    /// <typeparam name="TOut">The result; small and serialisable as JSON.</typeparam>
    /// <param name="id">Its name in this DAG.</param>
    /// <param name="input">The value.</param>
    /// <param name="run">What it does.</param>
    /// <param name="value">The result, as later definitions name it.</param>
    /// <param name="configure">Dependencies and settings.</param>
    public DagBuilder Task<TIn, TOut>(
        string id,
        ITaskValue<TIn> input,
        Func<TaskContext, TIn, CancellationToken, Task<TOut>> run,
        out TaskValue<TOut> value,
        Action<TaskBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        var taken = InputOf(input);
        return Task(id, (context, token) => run(context, context.Read<TIn>(taken), token), out value, Taking(configure, taken));
    }

    /// <summary>Adds a task that takes values of two others and gives one.</summary>
    /// <typeparam name="T1">The first it takes.</typeparam>
    /// <typeparam name="T2">The second it takes.</typeparam>
    /// <typeparam name="TOut">The result; small and serialisable as JSON.</typeparam>
    /// <param name="id">Its name in this DAG.</param>
    /// <param name="first">The first value.</param>
    /// <param name="second">The second value.</param>
    /// <param name="run">What it does.</param>
    /// <param name="value">The result, as later definitions name it.</param>
    /// <param name="configure">Dependencies and settings.</param>
    public DagBuilder Task<T1, T2, TOut>(
        string id,
        ITaskValue<T1> first,
        ITaskValue<T2> second,
        Func<TaskContext, T1, T2, CancellationToken, Task<TOut>> run,
        out TaskValue<TOut> value,
        Action<TaskBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        var (one, two) = (InputOf(first), InputOf(second));
        return Task(
            id, (context, token) => run(context, context.Read<T1>(one), context.Read<T2>(two), token), out value,
            Taking(configure, one, two));
    }

    /// <summary>Adds a task that runs once for each item of a list another task gives.</summary>
    /// <typeparam name="TItem">An item.</typeparam>
    /// <typeparam name="TResult">The result; small and serialisable as JSON.</typeparam>
    /// <param name="id">Its name in this DAG.</param>
    /// <param name="over">The list.</param>
    /// <param name="run">What it does with an item.</param>
    /// <param name="value">The result of one instance; <see cref="TaskValue{T}.All"/> of it is the list of them.</param>
    /// <param name="configure">Dependencies and settings.</param>
    public DagBuilder MapTask<TItem, TResult>(
        string id,
        ITaskValue<IEnumerable<TItem>> over,
        Func<TaskContext, TItem, CancellationToken, Task<TResult>> run,
        out TaskValue<TResult> value,
        Action<TaskBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(over);
        value = new TaskValue<TResult>(Named(id));
        return MapTask(id, MapSource.Over(over.TaskId), run, configure);
    }

    /// <summary>Adds a task in a mapped group that takes the group's item and gives a value.</summary>
    /// <typeparam name="TItem">What the item is read as.</typeparam>
    /// <typeparam name="TResult">The result; small and serialisable as JSON.</typeparam>
    /// <param name="id">Its name in this DAG.</param>
    /// <param name="run">What it does with the item.</param>
    /// <param name="value">The result: inside the group that of the same index, outside <see cref="TaskValue{T}.All"/> of it.</param>
    /// <param name="configure">Dependencies and settings.</param>
    public DagBuilder ItemTask<TItem, TResult>(
        string id,
        Func<TaskContext, TItem, CancellationToken, Task<TResult>> run,
        out TaskValue<TResult> value,
        Action<TaskBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Task(id, (context, token) => run(context, context.Item<TItem>(), token), out value, task =>
        {
            task.TakesItem(typeof(TItem));
            configure?.Invoke(task);
        });
    }

    /// <summary>Puts tasks into a group that runs once for each item: within it an instance depends on those of the same index; a task
    /// after the group waits for all.</summary>
    /// <param name="id">The group's name.</param>
    /// <param name="source">The lists; their tasks come before the group.</param>
    /// <param name="define">Adds the tasks. They read the item with <see cref="TaskContext.Item{T}"/> or <c>{{item}}</c>.</param>
    /// <param name="mapLengthMax">The most items.</param>
    /// <param name="after">Tasks or groups that also come before the group's first tasks.</param>
    /// <remarks>Neither mapped groups nor mapped tasks stand inside a mapped group.</remarks>
    public DagBuilder MapGroup(
        string id, MapSource source, Action<DagBuilder> define, int mapLengthMax = DagLimits.DefaultMapLengthMax,
            params ReadOnlySpan<string> after)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(id);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfLessThan(mapLengthMax, 1);
        _mappedGroups.Add(new MappedGroup(Named(id), source, mapLengthMax));
        return Group(id, define, [.. source.TaskIds, .. after]);
    }

    private static TaskInput InputOf<T>(ITaskValue<T> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new TaskInput(value.TaskId, value.Key, typeof(T), value.IsAll, value.IsOptional);
    }

    private static Action<TaskBuilder> Taking(Action<TaskBuilder>? configure, params TaskInput[] inputs) => task =>
    {
        foreach (var input in inputs)
        {
            task.Takes(input);
        }

        configure?.Invoke(task);
    };

    private string Named(string id) => _group is null ? id : $"{_group}.{id}";
}
