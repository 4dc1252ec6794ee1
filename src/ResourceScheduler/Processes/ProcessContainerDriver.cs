using DataPlatform.Kernel;

namespace DataPlatform.ResourceScheduler.Processes;

/// <summary>Runs the commands of leased containers as real processes of this machine, within their limits. Thread-safe.</summary>
/// <remarks>A leased container ends with the manager's process; the next driver on the same folder ends what a crash left
/// running.</remarks>
public sealed class ProcessContainerDriver : IContainerDriver, IAsyncDisposable
{
    private readonly ContainerHost _host;
    private readonly TimeSpan _grace;

    private ProcessContainerDriver(ContainerHost host, TimeSpan grace)
    {
        _host = host;
        _grace = grace;
    }

    /// <inheritdoc/>
    public string Name => "process";

    /// <summary>What keeps its containers within their limits.</summary>
    public ContainerIsolation Isolation => _host.Isolation;

    /// <summary>Opens a driver.</summary>
    /// <param name="folder">Where containers have their folders.</param>
    /// <param name="isolation">What keeps them within their limits; the strongest that works here when absent.</param>
    /// <param name="grace">From asking a container to end to killing it; 30 s by default.</param>
    /// <exception cref="SchedulerException">Conflict: another process uses the folder. Invalid: the isolation does not work
    /// here.</exception>
    public static async Task<ProcessContainerDriver> OpenAsync(string folder, ContainerIsolation? isolation = null, TimeSpan? grace = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        var host = await ContainerHost.OpenAsync(folder, isolation).ConfigureAwait(false);
        var driver = new ProcessContainerDriver(host, grace ?? TimeSpan.FromSeconds(30));
        await driver.SweepAsync().ConfigureAwait(false);
        return driver;
    }

    /// <inheritdoc/>
    public async ValueTask<int> RunAsync(ContainerContext container, ContainerWork work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(container);
        if (work is not ContainerWork.Command command)
        {
            throw new SchedulerException(ErrorKind.Invalid,
                $"Container {container.ContainerId} of '{container.ApplicationName}' is a delegate; the process driver runs programs only.");
        }

        cancellationToken.ThrowIfCancellationRequested();
        var running = _host.Start(container, command)
            ?? throw new SchedulerException(ErrorKind.Invalid, $"Container {container.ContainerId} was started before.");
        var stop = cancellationToken.Register(() => _ = running.StopAsync(_grace));
        await using (stop.ConfigureAwait(false))
        {
            var exit = await running.Ended.ConfigureAwait(false);
            _host.Reported(container.ContainerId, 1_000);
            cancellationToken.ThrowIfCancellationRequested();
            return exit.ExitCode;
        }
    }

    /// <summary>The folder of a container: its description, <c>stdout</c>, <c>stderr</c> and <c>exit</c>.</summary>
    /// <param name="containerId">The container.</param>
    public string FolderOf(long containerId) => _host.FolderOf(containerId).Path;

    /// <summary>Kills what still runs.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_host.Running.Select(container => container.StopAsync(TimeSpan.Zero))).ConfigureAwait(false);
        await _host.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Container numbers begin anew with a manager that keeps no log, so folders of earlier ones make room.</summary>
    private async Task SweepAsync()
    {
        await Task.WhenAll(_host.Running.Select(container => container.StopAsync(TimeSpan.Zero))).ConfigureAwait(false);
        foreach (var folder in Directory.EnumerateDirectories(Path.Combine(_host.Folder, "containers")).ToArray())
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
