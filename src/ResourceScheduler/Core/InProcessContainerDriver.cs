namespace DataPlatform.ResourceScheduler;

/// <summary>Runs delegates on the thread pool of this process. Limits are what the queue accounts for; nothing enforces them.
/// Thread-safe.</summary>
public sealed class InProcessContainerDriver : IContainerDriver
{
    /// <inheritdoc/>
    public string Name => "in-process";

    /// <inheritdoc/>
    public async ValueTask<int> RunAsync(ContainerContext container, ContainerWork work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(container);
        if (work is not ContainerWork.Code code)
        {
            throw SchedulerException.Invalid(
                $"Container {container.ContainerId} of '{container.ApplicationName}' is a program; the in-process driver runs delegates only.");
        }

        // Off the caller's thread, so that a long synchronous start does not hold up whoever asked.
        await Task.Run(() => code.RunAsync(container, cancellationToken).AsTask(), cancellationToken).ConfigureAwait(false);
        return 0;
    }
}
