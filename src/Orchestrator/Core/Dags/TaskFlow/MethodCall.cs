using System.Reflection;
using DataPlatform.Orchestrator.Execution;

namespace DataPlatform.Orchestrator.Dags.TaskFlow;

/// <summary>Calls a task's method with what its parameters name.</summary>
internal sealed class MethodCall(TaskMethod task, IReadOnlyList<Argument> arguments, TaskTarget target)
{
    public async Task<object?> InvokeAsync(TaskContext context, CancellationToken cancellationToken)
    {
        object?[] values = [.. arguments.Select(argument => argument.Read(context, cancellationToken))];
        var instance = task.Method.IsStatic ? null : target.Create(context);
        try
        {
            var returned = task.Method.Invoke(instance, BindingFlags.DoNotWrapExceptions, null, values, null);
            return await task.Result.AwaitAsync(returned).ConfigureAwait(false);
        }
        finally
        {
            if (instance is not null)
            {
                await target.ReleaseAsync(instance).ConfigureAwait(false);
            }
        }
    }
}
