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
        var (read, declare) = Taking(input);
        return Task(id, (context, token) => run(context, read(context), token), declare + configure);
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
        var (read, declare) = Taking(input);
        return Task(id, (context, token) => run(context, read(context), token), out value, declare + configure);
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
        var ((readFirst, declareFirst), (readSecond, declareSecond)) = (Taking(first), Taking(second));
        return Task(
            id, (context, token) => run(context, readFirst(context), readSecond(context), token), out value,
            declareFirst + declareSecond + configure);
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

    /// <summary>As the other, over one list, with a handle to the item that the group's tasks take.</summary>
    /// <typeparam name="TItem">An item.</typeparam>
    /// <param name="id">The group's name.</param>
    /// <param name="over">The list.</param>
    /// <param name="define">Adds the tasks; gets the item.</param>
    /// <param name="mapLengthMax">The most items.</param>
    public DagBuilder MapGroup<TItem>(
        string id, ITaskValue<IEnumerable<TItem>> over, Action<DagBuilder, ITaskValue<TItem>> define,
            int mapLengthMax = DagLimits.DefaultMapLengthMax)
    {
        ArgumentNullException.ThrowIfNull(over);
        ArgumentNullException.ThrowIfNull(define);
        return MapGroup(id, MapSource.Over(over.TaskId), group => define(group, new GroupItem<TItem>()), mapLengthMax);
    }

    /// <summary>How a body reads a value, and how its task declares to take it.</summary>
    private static (Func<TaskContext, T> Read, Action<TaskBuilder> Declare) Taking<T>(ITaskValue<T> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value is GroupItem<T>)
        {
            return (context => context.Item<T>(), task => task.TakesItem(typeof(T)));
        }

        var input = new TaskInput(value.TaskId, value.Key, typeof(T), value.IsAll, value.IsOptional);
        return (context => context.Read<T>(input), task => task.Takes(input));
    }

    /// <summary>The item of a mapped group; no task gives it.</summary>
    private sealed record GroupItem<T> : ITaskValue<T>
    {
        public string TaskId => string.Empty;

        public string Key => "item";

        public bool IsAll => false;

        public bool IsOptional => false;
    }

    private string Named(string id) => _group is null ? id : $"{_group}.{id}";
}
