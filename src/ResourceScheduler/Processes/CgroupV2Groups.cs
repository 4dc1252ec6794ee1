using System.Globalization;

namespace DataPlatform.ResourceScheduler.Processes;

/// <summary>Control groups of version 2: one folder per container, in a subtree that was delegated to us.</summary>
internal sealed class CgroupV2Groups : ContainerGroups
{
    private const int ProcessesMax = 4_096;
    private static readonly string[] Needed = ["cpu", "memory", "pids"];

    private readonly string _folder;

    internal CgroupV2Groups(string folder) => _folder = folder;

    public override ContainerIsolation Isolation => ContainerIsolation.CgroupV2;

    public static CgroupV2Groups? TryOpen(string host, out string reason)
    {
        reason = "no hierarchy of version 2 is mounted here";
        if (CgroupMount.Find(null) is not { } mount)
        {
            return null;
        }

        // A group with processes cannot hand controllers to groups below it, so a sibling of our own is tried after our own.
        foreach (var parent in (string[])[mount.Folder, Path.GetDirectoryName(mount.Folder) ?? mount.Root, mount.Root])
        {
            if (!parent.StartsWith(mount.Root, StringComparison.Ordinal))
            {
                continue;
            }

            var missing = Needed.Except(Controllers(parent)).ToArray();
            if (missing.Length > 0)
            {
                reason = $"'{parent}' does not offer the controllers {string.Join(", ", missing)}";
                continue;
            }

            if (TryDelegate(parent) && Path.Combine(parent, host) is var folder)
            {
                Directory.CreateDirectory(folder);
                if (TryDelegate(folder))
                {
                    return new CgroupV2Groups(folder);
                }
            }

            reason = $"'{parent}' does not let its controllers be handed on; run in a delegated subtree";
        }

        return null;
    }

    public override ContainerGroup Create(long id, in ResourceVector limits)
    {
        var folder = Path.Combine(_folder, Name(id));
        Directory.CreateDirectory(folder);
        if (limits.CpuMillis > 0)
        {
            CgroupFiles.Write(folder, "cpu.max", $"{Text(CgroupFiles.Quota(limits.CpuMillis))} {Text(CgroupFiles.PeriodMicros)}");
            CgroupFiles.Write(folder, "cpu.weight", Text(Math.Clamp(limits.CpuMillis / 10, 1, 10_000)));
        }

        if (limits.MemoryMiB > 0)
        {
            CgroupFiles.Write(folder, "memory.max", Text(limits.MemoryMiB << 20));
            CgroupFiles.WriteIfThere(folder, "memory.swap.max", "0");
            CgroupFiles.WriteIfThere(folder, "memory.oom.group", "1");
        }

        CgroupFiles.Write(folder, "pids.max", Text(ProcessesMax));
        return new Group(folder);
    }

    public override ContainerGroup Open(long id, int supervisor, in ResourceVector limits) => new Group(Path.Combine(_folder, Name(id)));

    public override IReadOnlyList<long> Existing() => Ids(_folder);

    protected override void Close()
    {
        try
        {
            Directory.Delete(_folder);
        }
        catch (IOException)
        {
            // Containers that outlive this process still have their groups in it.
        }
    }

    private static string[] Controllers(string folder) => File.ReadAllText(Path.Combine(folder, "cgroup.controllers")).Trim().Split(' ');

    private static bool TryDelegate(string folder)
    {
        try
        {
            CgroupFiles.Write(folder, "cgroup.subtree_control", string.Join(' ', Needed.Select(controller => "+" + controller)));
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private sealed class Group(string folder) : ContainerGroup
    {
        public override IReadOnlyList<string> JoinFiles => [Path.Combine(folder, "cgroup.procs")];

        public override IReadOnlyList<int> Processes() => CgroupFiles.Processes(folder);

        public override GroupUsage Usage() => new(
            CgroupFiles.ReadNamed(folder, "cpu.stat", "usage_usec") / 1e6,
            CgroupFiles.ReadNumber(folder, "memory.peak"),
            CgroupFiles.ReadNamed(folder, "memory.events", "oom_kill") > 0);

        public override Task RemoveAsync() => CgroupFiles.RemoveAsync(folder);

        protected override void KillOnce()
        {
            // The kernel ends all of them, those that are just being started included.
            if (File.Exists(Path.Combine(folder, "cgroup.kill")))
            {
                CgroupFiles.Write(folder, "cgroup.kill", "1");
            }
            else
            {
                base.KillOnce();
            }
        }
    }
}
