using System.Reflection;
using DataPlatform.Orchestrator.Execution;

namespace DataPlatform.Orchestrator.Dags.TaskFlow;

/// <summary>Compiles classes with <see cref="DagAttribute"/> into DAGs: the same model, hash included, as the same DAG of
/// <see cref="DagBuilder"/>.</summary>
/// <remarks>Reflection happens here, at registration; a task that runs calls its method with what its parameters name.</remarks>
public static class DagClass
{
    /// <summary>Compiles a class that is made anew for each try, and disposed of after it.</summary>
    /// <typeparam name="T">The class.</typeparam>
    /// <exception cref="DagException">All that is wrong, each with its <c>Class.Method</c>.</exception>
    public static Dag Of<T>()
        where T : class, new() => Of(typeof(T), static _ => new T());

    /// <summary>Compiles a class whose one instance serves all tries; its methods must be thread-safe.</summary>
    /// <typeparam name="T">The class.</typeparam>
    /// <param name="instance">The instance; it is the caller's to dispose of.</param>
    /// <exception cref="DagException">All that is wrong, each with its <c>Class.Method</c>.</exception>
    public static Dag Of<T>(T instance)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(instance);
        return ClassReader.Read(instance.GetType(), new TaskTarget(_ => instance, IsOwned: false));
    }

    /// <summary>Compiles a class whose instances somebody makes, for example a container of services.</summary>
    /// <param name="type">The class.</param>
    /// <param name="create">Makes an instance for a try; it is disposed of after it.</param>
    /// <exception cref="DagException">All that is wrong, each with its <c>Class.Method</c>.</exception>
    public static Dag Of(Type type, Func<TaskContext, object> create)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(create);
        return ClassReader.Read(type, new TaskTarget(create, IsOwned: true));
    }

    /// <summary>Compiles all classes of an assembly that are DAGs.</summary>
    /// <param name="assembly">The assembly.</param>
    /// <param name="create">Makes an instance for a try; it is disposed of after it.</param>
    /// <returns>By name; all of them or none.</returns>
    /// <exception cref="AggregateException">Of <see cref="DagException"/>: all that is wrong in any of them.</exception>
    public static IReadOnlyList<Dag> All(Assembly assembly, Func<Type, TaskContext, object> create)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        ArgumentNullException.ThrowIfNull(create);
        var dags = new List<Dag>();
        var errors = new List<DagException>();
        foreach (var type in assembly.GetTypes().Where(type => type.IsDefined(typeof(DagAttribute), inherit: false)))
        {
            try
            {
                dags.Add(Of(type, context => create(type, context)));
            }
            catch (DagException exception)
            {
                errors.Add(exception);
            }
        }

        return errors.Count > 0 ? throw new AggregateException(errors) : [.. dags.OrderBy(dag => dag.Id, StringComparer.Ordinal)];
    }

    /// <summary>What is wrong with a class; empty when it compiles.</summary>
    /// <param name="type">The class.</param>
    public static IReadOnlyList<DagProblem> Check(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        try
        {
            ClassReader.Read(type, new TaskTarget(_ => throw new InvalidOperationException(), IsOwned: false));
            return [];
        }
        catch (DagException exception)
        {
            return exception.Problems;
        }
    }
}
