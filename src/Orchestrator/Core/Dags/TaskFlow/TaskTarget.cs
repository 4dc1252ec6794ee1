using DataPlatform.Orchestrator.Execution;

namespace DataPlatform.Orchestrator.Dags.TaskFlow;

/// <summary>Where the object comes from whose method a task is.</summary>
/// <param name="Create">Gives it for a try.</param>
/// <param name="IsOwned">Whether it is disposed of after the try.</param>
internal sealed record TaskTarget(Func<TaskContext, object> Create, bool IsOwned)
{
    public async ValueTask ReleaseAsync(object target)
    {
        if (!IsOwned)
        {
            return;
        }

        if (target is IAsyncDisposable asynchronous)
        {
            await asynchronous.DisposeAsync().ConfigureAwait(false);
        }
        else
        {
            (target as IDisposable)?.Dispose();
        }
    }
}
