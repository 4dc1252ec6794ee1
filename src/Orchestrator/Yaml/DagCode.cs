using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;

namespace DataPlatform.Orchestrator.Yaml;

/// <summary>The functions, and the databases, that YAML names: YAML says when and in which order, C# says what.</summary>
/// <remarks>Filled by one thread before it is used; reading is thread-safe.</remarks>
public sealed class DagCode
{
    private readonly Dictionary<string, CodeFunction> _tasks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Func<TaskContext, CancellationToken, Task<IReadOnlyList<string>>>> _branches = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Func<TaskContext, CancellationToken, Task<bool>>> _checks = new(StringComparer.Ordinal);
    private readonly bool _takesAnyName;

    /// <summary>Makes an empty set.</summary>
    public DagCode()
        : this(takesAnyName: false)
    {
    }

    private DagCode(bool takesAnyName)
    {
        _takesAnyName = takesAnyName;
        Connections = takesAnyName ? SqlConnections.Unresolved : new SqlConnections();
    }

    /// <summary>The databases for <c>sql:</c>, by the names of <c>connection:</c>.</summary>
    public SqlConnections Connections { get; }

    /// <summary>Takes every name, for looking at DAGs without their code: such a task fails when it is run.</summary>
    public static DagCode Unresolved { get; } = new(takesAnyName: true);

    /// <summary>Adds a function for <c>code:</c>.</summary>
    /// <param name="name">Its name in YAML.</param>
    /// <param name="run">What it does.</param>
    public DagCode Task(string name, Func<TaskContext, CancellationToken, Task> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Add(_tasks, name, new CodeFunction(typeof(void), async (context, _, cancellationToken) =>
        {
            await run(context, cancellationToken).ConfigureAwait(false);
            return null;
        }));
    }

    /// <summary>Adds a function with a result for <c>code:</c>.</summary>
    /// <typeparam name="T">The result; small and serialisable as JSON.</typeparam>
    /// <param name="name">Its name in YAML.</param>
    /// <param name="run">What it does.</param>
    public DagCode Task<T>(string name, Func<TaskContext, CancellationToken, Task<T>> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Add(_tasks, name, new CodeFunction(
            typeof(T), async (context, _, cancellationToken) => await run(context, cancellationToken).ConfigureAwait(false)));
    }

    /// <summary>Adds a function that takes the value of another task, which YAML names with <c>takes:</c> or, for the list of what a mapped
    /// task gave, <c>takesAll:</c>.</summary>
    /// <typeparam name="TIn">What it takes.</typeparam>
    /// <typeparam name="TOut">The result; small and serialisable as JSON.</typeparam>
    /// <param name="name">Its name in YAML.</param>
    /// <param name="run">What it does.</param>
    public DagCode Task<TIn, TOut>(string name, Func<TaskContext, TIn, CancellationToken, Task<TOut>> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Add(_tasks, name, new CodeFunction(
            typeof(TOut),
            async (context, input, cancellationToken) =>
                await run(context, context.Read<TIn>(input!), cancellationToken).ConfigureAwait(false))
        {
            Input = typeof(TIn),
        });
    }

    /// <summary>Adds a function that takes the item of its mapping, or of that of its group.</summary>
    /// <typeparam name="TItem">What the item is read as.</typeparam>
    /// <typeparam name="TOut">The result; small and serialisable as JSON.</typeparam>
    /// <param name="name">Its name in YAML.</param>
    /// <param name="run">What it does.</param>
    public DagCode ItemTask<TItem, TOut>(string name, Func<TaskContext, TItem, CancellationToken, Task<TOut>> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Add(_tasks, name, new CodeFunction(
            typeof(TOut),
            async (context, _, cancellationToken) => await run(context, context.Item<TItem>(), cancellationToken).ConfigureAwait(false))
        {
            Item = typeof(TItem),
        });
    }

    /// <summary>Adds a function for <c>branch:</c>.</summary>
    /// <param name="name">Its name in YAML.</param>
    /// <param name="choose">Gives the ids of the direct downstream tasks that go on.</param>
    public DagCode Branch(string name, Func<TaskContext, CancellationToken, Task<IReadOnlyList<string>>> choose) =>
        Add(_branches, name, choose);

    /// <summary>Adds a function for <c>sensor:</c> and <c>shortCircuit:</c>.</summary>
    /// <param name="name">Its name in YAML.</param>
    /// <param name="check">True when what is waited for is there, or when the run goes on.</param>
    public DagCode Check(string name, Func<TaskContext, CancellationToken, Task<bool>> check) => Add(_checks, name, check);

    internal CodeFunction TaskOf(YamlPlace name) =>
        Find(_tasks, name, "function", new CodeFunction(null, static (context, _, token) => NoCode<object?>(context, token)));

    internal Func<TaskContext, CancellationToken, Task<IReadOnlyList<string>>> BranchOf(YamlPlace name) =>
        Find(_branches, name, "branch", NoCode<IReadOnlyList<string>>);

    internal Func<TaskContext, CancellationToken, Task<bool>> CheckOf(YamlPlace name) => Find(_checks, name, "check", NoCode<bool>);

    private static Task<T> NoCode<T>(TaskContext context, CancellationToken cancellationToken)
        => throw new TaskFailedException($"Task '{context.TaskId}' was read from YAML without its code; give DagYaml.Read the functions it names.");

    private DagCode Add<T>(Dictionary<string, T> functions, string name, T function)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(function);
        return functions.TryAdd(name, function) ? this
            : throw new ArgumentException($"There is a function '{name}' already.", nameof(name));
    }

    private T Find<T>(Dictionary<string, T> functions, YamlPlace name, string what, T whenAny)
        => functions.TryGetValue(name.Text(), out var function) ? function
            : _takesAnyName ? whenAny
            : throw name.Wrong(functions.Count == 0
                ? $"there is no {what} '{name.Text()}': none was given to DagYaml.Read"
                : $"there is no {what} '{name.Text()}'; there are {string.Join(", ", functions.Keys.Order(StringComparer.Ordinal))}");
}
