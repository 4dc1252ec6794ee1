namespace DataPlatform.ResourceScheduler;

/// <summary>Runs the work of containers on the nodes it serves: in this process, as processes, in a cluster.</summary>
public interface IContainerDriver
{
    /// <summary>The kind of container, for people: <c>in-process</c>, <c>process</c>, ...</summary>
    string Name { get; }

    /// <summary>Starts the work and completes when it has ended and nothing of it is left.</summary>
    /// <param name="container">The placed container.</param>
    /// <param name="work">What it does.</param>
    /// <param name="cancellationToken">Asks the work to stop; the driver gives it its grace, then stops it.</param>
    /// <returns>The exit code; 0 is success.</returns>
    /// <exception cref="SchedulerException">Invalid: the driver cannot run this kind of work.</exception>
    /// <exception cref="OperationCanceledException">The work was stopped.</exception>
    ValueTask<int> RunAsync(ContainerContext container, ContainerWork work, CancellationToken cancellationToken);
}
