using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.ResourceScheduler;
using DataPlatform.ResourceScheduler.Containers;

namespace DataPlatform.Orchestrator.ContainerExecutor;

/// <summary>Asks a queue of the resource scheduler for a container for each try and runs the body there.</summary>
/// <remarks>
/// Thread-safe. While a try waits for its container the task is queued; when it is placed, running. A container that the scheduler takes
/// back, or loses with its node, is an infrastructure failure: the task is tried again and its retries are not used up.
/// </remarks>
public sealed class ContainerTaskExecutor : IExecutor
{
    private readonly ResourceManager _manager;
    private readonly ContainerTaskExecutorOptions _options;

    /// <summary>Makes an executor over a running resource manager.</summary>
    /// <param name="manager">The manager; it stays the caller's.</param>
    /// <param name="options">Settings; null for defaults.</param>
    public ContainerTaskExecutor(ResourceManager manager, ContainerTaskExecutorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(manager);
        _manager = manager;
        _options = options ?? new ContainerTaskExecutorOptions();
    }

    /// <inheritdoc/>
    public string Name => _options.Name;

    /// <inheritdoc/>
    public async ValueTask<TaskOutcome> ExecuteAsync(TaskInvocation invocation, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(invocation);
        ContainerLease lease;
        try
        {
            lease = await _manager.RequestContainerAsync(RequestOf(invocation), cancellationToken).ConfigureAwait(false);
        }
        catch (SchedulerException exception) when (exception.Kind == ErrorKind.Invalid)
        {
            return TaskOutcome.Failed(exception.Message, mayRetry: false);
        }

        await using (lease.ConfigureAwait(false))
        {
            return await RunInAsync(lease, invocation, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<TaskOutcome> RunInAsync(ContainerLease lease, TaskInvocation invocation, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lease.StopRequested);
        invocation.Context.Log(string.Create(
            CultureInfo.InvariantCulture,
                $"container {lease.ContainerId} on {lease.Node} in {lease.Context.Queue} after {lease.WaitedFor.TotalMilliseconds:F0} ms"));
        var outcome = await invocation.RunAsync(stop.Token).ConfigureAwait(false);
        if (outcome.Kind == TaskOutcomeKind.Cancelled && lease.StopRequested.IsCancellationRequested
            && !cancellationToken.IsCancellationRequested)
        {
            outcome = TaskOutcome.Infrastructure($"the scheduler took container {lease.ContainerId} on {lease.Node} back");
        }

        await lease.ReleaseAsync(outcome.Kind switch
        {
            TaskOutcomeKind.Success or TaskOutcomeKind.Skipped => ContainerOutcome.Succeeded,
            TaskOutcomeKind.Failed => ContainerOutcome.Failed,
            _ => ContainerOutcome.Killed,
        }).ConfigureAwait(false);
        return outcome;
    }

    private ContainerRequest RequestOf(TaskInvocation invocation)
    {
        var task = invocation.Task;
        var resources = new ResourceVector(Or(task.CpuMillis, _options.CpuMillis), Or(task.MemoryMiB, _options.MemoryMiB));
        return new ContainerRequest(task.Queue ?? _options.Queue, resources, ApplicationOf(invocation),
            _options.User)
        { Priority = task.Priority };
    }

    private static string ApplicationOf(TaskInvocation invocation) =>
        string.Create(CultureInfo.InvariantCulture, $"{invocation.Run.DagId}/{invocation.Run.Id}");

    private static int Or(int asked, int otherwise) => asked > 0 ? asked : otherwise;
}
