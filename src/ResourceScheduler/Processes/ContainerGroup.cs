using DataPlatform.Kernel;

namespace DataPlatform.ResourceScheduler.Processes;

/// <summary>What holds the processes of one container together, apart from the supervisor that waits for them.</summary>
internal abstract class ContainerGroup
{
    /// <summary>What cannot be killed in so long hangs in the kernel.</summary>
    private static readonly TimeSpan KillLimit = TimeSpan.FromMinutes(2);

    /// <summary>Files a process writes 0 to, to become a member; its descendants then are.</summary>
    public abstract IReadOnlyList<string> JoinFiles { get; }

    /// <summary>Its processes now.</summary>
    public abstract IReadOnlyList<int> Processes();

    /// <summary>What it used so far, as far as this kind of group knows.</summary>
    public abstract GroupUsage Usage();

    /// <summary>Takes it away; it must be empty.</summary>
    public abstract Task RemoveAsync();

    public void Signal(int signal)
    {
        foreach (var pid in Processes())
        {
            _ = Native.Kill(pid, signal);
        }
    }

    /// <summary>Kills until nothing is left.</summary>
    public async Task KillAsync()
    {
        if (Processes().Count == 0)
        {
            return;
        }

        StopGrowth();
        var started = TimeProvider.System.GetTimestamp();
        for (var delay = 1; Processes().Count > 0; delay = Math.Min(50, delay * 2))
        {
            KillOnce();
            await Task.Delay(TimeSpan.FromMilliseconds(delay), TimeProvider.System).ConfigureAwait(false);
            if (TimeProvider.System.GetElapsedTime(started) > KillLimit)
            {
                throw new SchedulerException(ErrorKind.Unavailable,
                    $"Processes {string.Join(' ', Processes())} of a container could not be killed in {KillLimit}: they hang in the kernel.");
            }
        }
    }

    /// <summary>Keeps processes from being started faster than they are killed, where that is possible.</summary>
    protected virtual void StopGrowth()
    {
    }

    protected virtual void KillOnce() => Signal(Native.SignalKill);
}

/// <summary>What a group used.</summary>
/// <param name="CpuSeconds">Processor time.</param>
/// <param name="PeakMemoryBytes">The most memory held at once.</param>
/// <param name="IsOutOfMemory">Whether something in it was killed for memory.</param>
internal readonly record struct GroupUsage(double CpuSeconds, long PeakMemoryBytes, bool IsOutOfMemory);
