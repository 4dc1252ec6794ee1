using DataPlatform.ResourceScheduler.Containers;

namespace DataPlatform.ResourceScheduler.Processes;

/// <summary>One container of processes from its start, or from when a restarted agent found it again, to its end. Thread-safe.</summary>
internal sealed class ProcessContainer
{
    private readonly ContainerFolder _folder;
    private readonly ContainerGroup _group;
    private readonly int _supervisor;
    private int _isStopping;

    public ProcessContainer(long id, ContainerFolder folder, ContainerGroup group, int supervisor, CancellationToken detached)
    {
        Id = id;
        _folder = folder;
        _group = group;
        _supervisor = supervisor;
        Ended = WatchAsync(detached);
    }

    public long Id { get; }

    /// <summary>Completes when nothing of the container is left but its folder; cancelled when its agent leaves it to the next.</summary>
    public Task<ContainerExit> Ended { get; }

    /// <summary>Asks its processes to end, and kills them after the grace.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        if (Interlocked.Exchange(ref _isStopping, 1) == 0)
        {
            _folder.WriteStopping();
            if (grace > TimeSpan.Zero)
            {
                // One that is paused could not hear it.
                _group.Signal(Native.SignalTerminate);
                _group.Signal(Native.SignalContinue);
            }
        }

        if (grace > TimeSpan.Zero)
        {
            await Task.WhenAny(Ended, Task.Delay(grace, TimeProvider.System)).ConfigureAwait(false);
        }

        if (!Ended.IsCompleted)
        {
            await _group.KillAsync().ConfigureAwait(false);
            await Ended.ConfigureAwait(false);
        }
    }

    /// <summary>How a container ended whose folder is all that is left.</summary>
    public static ContainerExit ExitOf(ContainerFolder folder)
    {
        var usage = folder.ReadUsage();
        var code = folder.ReadExit() ?? 128 + Native.SignalKill;
        var outcome = folder.WasStopped ? ContainerOutcome.Killed : code == 0 ? ContainerOutcome.Succeeded : ContainerOutcome.Failed;
        return new ContainerExit(code, outcome, usage.IsOutOfMemory, usage.CpuSeconds, usage.PeakMemoryBytes);
    }

    private async Task<ContainerExit> WatchAsync(CancellationToken detached)
    {
        await ProcessWatcher.Shared.EndOf(_supervisor).WaitAsync(detached).ConfigureAwait(false);
        unsafe
        {
            // Collects a child of ours; one of an earlier agent is collected by the system.
            _ = Native.Wait(_supervisor, out _, 1, null);
        }

        // The command is over, or its supervisor was killed. Either way nothing it left behind goes on.
        await _group.KillAsync().ConfigureAwait(false);
        var usage = _group.Usage();
        await _group.RemoveAsync().ConfigureAwait(false);
        _folder.WriteUsage(usage);
        var exit = ExitOf(_folder);
        if (_folder.ReadExit() is null)
        {
            _folder.WriteExit(exit.ExitCode);
        }

        return exit;
    }
}
