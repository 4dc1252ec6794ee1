using System.Reflection;

namespace DataPlatform.Orchestrator.Dags.TaskFlow;

/// <summary>What a method returns once what it returned is awaited.</summary>
/// <param name="Type">Of the value; <c>typeof(void)</c> for none.</param>
/// <param name="AwaitAsync">Takes what the method returned.</param>
internal sealed record MethodResult(Type Type, Func<object?, Task<object?>> AwaitAsync)
{
    private static readonly MethodInfo OfTask = Generic(nameof(TaskAsync));
    private static readonly MethodInfo OfValueTask = Generic(nameof(ValueTaskAsync));

    public static MethodResult Of(Type returned)
    {
        if (returned == typeof(void))
        {
            return new MethodResult(typeof(void), static _ => Task.FromResult<object?>(null));
        }

        if (returned == typeof(Task))
        {
            return new MethodResult(typeof(void), static async value =>
            {
                await ((Task)value!).ConfigureAwait(false);
                return null;
            });
        }

        if (returned == typeof(ValueTask))
        {
            return new MethodResult(typeof(void), static async value =>
            {
                await ((ValueTask)value!).ConfigureAwait(false);
                return null;
            });
        }

        var generic = returned.IsGenericType ? returned.GetGenericTypeDefinition() : null;
        if (generic == typeof(Task<>) || generic == typeof(ValueTask<>))
        {
            var value = returned.GetGenericArguments()[0];
            var method = (generic == typeof(Task<>) ? OfTask : OfValueTask).MakeGenericMethod(value);
            return new MethodResult(value, method.CreateDelegate<Func<object?, Task<object?>>>());
        }

        return new MethodResult(returned, static value => Task.FromResult(value));
    }

    private static MethodInfo Generic(string name) => typeof(MethodResult).GetMethod(name, BindingFlags.NonPublic | BindingFlags.Static)!;

    private static async Task<object?> TaskAsync<T>(object? task) => await ((Task<T>)task!).ConfigureAwait(false);

    private static async Task<object?> ValueTaskAsync<T>(object? task) => await ((ValueTask<T>)task!).ConfigureAwait(false);
}
