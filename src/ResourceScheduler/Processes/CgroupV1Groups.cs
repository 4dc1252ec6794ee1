using System.Globalization;

namespace DataPlatform.ResourceScheduler.Processes;

/// <summary>Control groups of version 1: one hierarchy per controller, each with a folder per container.</summary>
internal sealed class CgroupV1Groups : ContainerGroups
{
    private const int ProcessesMax = 4_096;

    private readonly SortedDictionary<string, string> _folders;

    private CgroupV1Groups(SortedDictionary<string, string> folders) => _folders = folders;

    public override ContainerIsolation Isolation => ContainerIsolation.CgroupV1;

    public static CgroupV1Groups? TryOpen(string host, out string reason)
    {
        var folders = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var controller in (string[])["cpu", "memory", "pids", "cpuacct"])
        {
            if (CgroupMount.Find(controller) is { } mount)
            {
                var folder = Path.Combine(mount.Folder, host);
                Directory.CreateDirectory(folder);
                folders.Add(controller, folder);
            }
        }

        var isEnough = folders.TryGetValue("cpu", out var cpu) && File.Exists(Path.Combine(cpu, "cpu.cfs_quota_us"))
            && folders.TryGetValue("memory", out var memory) && File.Exists(Path.Combine(memory, "memory.limit_in_bytes"));
        reason = isEnough ? "" : "the cpu and memory controllers of version 1 are not mounted here";
        return isEnough ? new CgroupV1Groups(folders) : null;
    }

    public override ContainerGroup Create(long id, in ResourceVector limits)
    {
        var group = new Group(Folders(id));
        foreach (var folder in group.Folders.Values)
        {
            Directory.CreateDirectory(folder);
        }

        if (limits.CpuMillis > 0)
        {
            CgroupFiles.Write(group.Folders["cpu"], "cpu.cfs_period_us", Text(CgroupFiles.PeriodMicros));
            CgroupFiles.Write(group.Folders["cpu"], "cpu.cfs_quota_us", Text(CgroupFiles.Quota(limits.CpuMillis)));
            CgroupFiles.Write(group.Folders["cpu"], "cpu.shares", Text(Math.Max(2, limits.CpuMillis * 1_024 / 1_000)));
        }

        if (limits.MemoryMiB > 0)
        {
            var bytes = Text(limits.MemoryMiB << 20);
            CgroupFiles.Write(group.Folders["memory"], "memory.limit_in_bytes", bytes);

            // Without this a container would be pushed out to swap instead of being held to its limit.
            CgroupFiles.WriteIfThere(group.Folders["memory"], "memory.memsw.limit_in_bytes", bytes);
        }

        if (group.Folders.TryGetValue("pids", out var pids))
        {
            CgroupFiles.Write(pids, "pids.max", Text(ProcessesMax));
        }

        return group;
    }

    public override ContainerGroup Open(long id, int supervisor, in ResourceVector limits) => new Group(Folders(id));

    public override IReadOnlyList<long> Existing() => [.. _folders.Values.SelectMany(Ids).Distinct().Order()];

    protected override void Close()
    {
        foreach (var folder in _folders.Values)
        {
            try
            {
                Directory.Delete(folder);
            }
            catch (IOException)
            {
                // Containers that outlive this process still have their groups in it.
            }
        }
    }

    private Dictionary<string, string> Folders(long id)
        => _folders.GroupBy(pair => Path.Combine(pair.Value, Name(id))).SelectMany(same => same.Select(pair => (pair.Key,
            Folder: same.Key)))
            .ToDictionary(pair => pair.Key, pair => pair.Folder, StringComparer.Ordinal);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private sealed class Group(Dictionary<string, string> folders) : ContainerGroup
    {
        public Dictionary<string, string> Folders { get; } = folders;

        public override IReadOnlyList<string> JoinFiles
            => [.. Folders.Values.Distinct().Order(StringComparer.Ordinal).Select(folder => Path.Combine(folder, "cgroup.procs"))];

        // A process joins one hierarchy after the other, and may be caught in between.
        public override IReadOnlyList<int> Processes() => [.. Folders.Values.Distinct().SelectMany(CgroupFiles.Processes).Distinct()];

        public override GroupUsage Usage() => new(
            (Folders.TryGetValue("cpuacct", out var accounts) ? CgroupFiles.ReadNumber(accounts, "cpuacct.usage") : 0) / 1e9,
            CgroupFiles.ReadNumber(Folders["memory"], "memory.max_usage_in_bytes"),
            CgroupFiles.ReadNamed(Folders["memory"], "memory.oom_control", "oom_kill") > 0);

        public override async Task RemoveAsync()
        {
            foreach (var folder in Folders.Values.Distinct())
            {
                await CgroupFiles.RemoveAsync(folder).ConfigureAwait(false);
            }
        }

        protected override void StopGrowth()
        {
            if (Folders.TryGetValue("pids", out var pids) && Directory.Exists(pids))
            {
                CgroupFiles.Write(pids, "pids.max", "0");
            }
        }
    }
}
