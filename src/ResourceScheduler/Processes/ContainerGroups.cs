using System.Globalization;
using DataPlatform.Kernel;

namespace DataPlatform.ResourceScheduler.Processes;

/// <summary>Makes the groups of one host's containers, in the strongest way the machine allows.</summary>
internal abstract class ContainerGroups : IDisposable
{
    public abstract ContainerIsolation Isolation { get; }

    /// <summary>A group with limits for a container that is to start.</summary>
    public abstract ContainerGroup Create(long id, in ResourceVector limits);

    /// <summary>The group of a container that was started before, by this process or an earlier one.</summary>
    public abstract ContainerGroup Open(long id, int supervisor, in ResourceVector limits);

    /// <summary>Containers that have a group, whether anybody knows of them or not.</summary>
    public abstract IReadOnlyList<long> Existing();

    /// <summary>A supervisor was started; only it knows the session of its container.</summary>
    public virtual void Started(long id, ContainerGroup group, int supervisor)
    {
    }

    public void Dispose()
    {
        Close();
        GC.SuppressFinalize(this);
    }

    /// <summary>The strongest isolation that works here, or the one asked for.</summary>
    /// <param name="host">Tells hosts on one machine apart.</param>
    /// <param name="wanted">The isolation to use; null for the strongest.</param>
    /// <exception cref="SchedulerException">Invalid: the one asked for does not work here; the message says why.</exception>
    public static ContainerGroups Open(string host, ContainerIsolation? wanted)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new SchedulerException(ErrorKind.Invalid,
                "Containers of processes need Linux; run them in the process, or on another node.");
        }

        var reasons = new List<string>();
        foreach (var isolation in wanted is { } one ? [one] : Enum.GetValues<ContainerIsolation>())
        {
            if (TryOpen(host, isolation, out var reason) is { } groups)
            {
                return groups;
            }

            reasons.Add($"{isolation}: {reason}");
        }

        throw new SchedulerException(ErrorKind.Invalid, $"Containers cannot be kept within limits here: {string.Join("; ", reasons)}.");
    }

    /// <summary>One kind of isolation, or null and why it does not work here.</summary>
    public static ContainerGroups? TryOpen(string host, ContainerIsolation isolation, out string reason)
    {
        reason = "";
        try
        {
            return isolation switch
            {
                ContainerIsolation.CgroupV2 => CgroupV2Groups.TryOpen(host, out reason),
                ContainerIsolation.CgroupV1 => CgroupV1Groups.TryOpen(host, out reason),
                _ => new ProcessGroups(host),
            };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            reason = error.Message;
            return null;
        }
    }

    /// <summary>Lets go of what this process holds; containers that go on keep theirs.</summary>
    protected abstract void Close();

    protected static string Name(long id) => string.Create(CultureInfo.InvariantCulture, $"c{id}");

    protected static IReadOnlyList<long> Ids(string folder)
        => [.. Directory.EnumerateDirectories(folder, "c*").Select(path => Path.GetFileName(path)[1..])
            .Where(name => long.TryParse(name, CultureInfo.InvariantCulture, out _))
            .Select(name => long.Parse(name, CultureInfo.InvariantCulture)).Order()];
}
