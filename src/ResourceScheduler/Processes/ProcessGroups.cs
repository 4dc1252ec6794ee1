using System.Collections.Concurrent;
using System.Globalization;

namespace DataPlatform.ResourceScheduler.Processes;

/// <summary>
/// Containers where the kernel lends no hand: the processes of a session, and those that left it but carry the container's mark in their
/// environment, looked at ten times a second. Too much memory is a kill, too much processor time a pause.
/// </summary>
internal sealed class ProcessGroups : ContainerGroups
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<long, Group> _groups = new();
    private readonly ConcurrentDictionary<(int Pid, long Start), long> _marked = new();
    private readonly string _host;
    private readonly ITimer _timer;
    private int _isLooking;

    public ProcessGroups(string host)
    {
        _host = host;
        _timer = TimeProvider.System.CreateTimer(static state => ((ProcessGroups)state!).Look(), this, LookEvery, LookEvery);
    }

    public override ContainerIsolation Isolation => ContainerIsolation.ProcessGroup;

    public override ContainerGroup Create(long id, in ResourceVector limits) => new Group(this, id, 0, limits);

    public override ContainerGroup Open(long id, int supervisor, in ResourceVector limits)
    {
        var group = new Group(this, id, supervisor, limits);
        _groups[id] = group;
        return group;
    }

    public override void Started(long id, ContainerGroup group, int supervisor)
    {
        ((Group)group).Supervisor = supervisor;
        _groups[id] = (Group)group;
    }

    public override IReadOnlyList<long> Existing()
        => [.. ProcessTable.WithVariable(ContainerHost.MarkVariable).Select(process => IdOf(process.Value)).Where(id
            => id > 0).Distinct().Order()];

    protected override void Close() => _timer.Dispose();

    private long IdOf(string mark)
        => mark.StartsWith(_host + "/", StringComparison.Ordinal)
            && long.TryParse(mark.AsSpan(_host.Length + 1), CultureInfo.InvariantCulture, out var id) ? id : 0;

    /// <summary>Which processes belong to which container. A mark is read once per process.</summary>
    private Dictionary<long, List<ProcessStat>> Members()
    {
        var bySupervisor = _groups.Values.Where(group => group.Supervisor > 0).ToDictionary(group => group.Supervisor, group => group.Id);
        var members = new Dictionary<long, List<ProcessStat>>();
        var alive = new HashSet<(int, long)>();
        var unknown = new List<ProcessStat>();
        foreach (var pid in ProcessTable.All())
        {
            if (ProcessTable.ReadStat(pid) is not { } stat || bySupervisor.ContainsKey(pid))
            {
                continue;
            }

            alive.Add((pid, stat.StartTicks));
            if (bySupervisor.TryGetValue(stat.Session, out var id) || (_marked.TryGetValue((pid, stat.StartTicks), out id) && id > 0))
            {
                Add(members, id, stat);
            }
            else if (!_marked.ContainsKey((pid, stat.StartTicks)))
            {
                unknown.Add(stat);
            }
        }

        Classify(unknown, members);
        foreach (var gone in _marked.Keys.Where(key => !alive.Contains(key)).ToArray())
        {
            _marked.TryRemove(gone, out _);
        }

        return members;
    }

    private void Classify(List<ProcessStat> unknown, Dictionary<long, List<ProcessStat>> members)
    {
        if (unknown.Count == 0)
        {
            return;
        }

        var marks = ProcessTable.WithVariable(ContainerHost.MarkVariable).ToDictionary(process => process.Pid, process
            => IdOf(process.Value));
        foreach (var stat in unknown)
        {
            var id = marks.GetValueOrDefault(stat.Pid);
            _marked[(stat.Pid, stat.StartTicks)] = id;
            if (id > 0)
            {
                Add(members, id, stat);
            }
        }
    }

    private static void Add(Dictionary<long, List<ProcessStat>> members, long id, in ProcessStat stat)
    {
        if (!members.TryGetValue(id, out var list))
        {
            members[id] = list = [];
        }

        list.Add(stat);
    }

    private void Look()
    {
        if (_groups.IsEmpty || Interlocked.Exchange(ref _isLooking, 1) != 0)
        {
            return;
        }

        try
        {
            var members = Members();
            foreach (var group in _groups.Values)
            {
                group.HoldToLimits(members.GetValueOrDefault(group.Id) ?? []);
            }
        }
        finally
        {
            Volatile.Write(ref _isLooking, 0);
        }
    }

    private sealed class Group(ProcessGroups owner, long id, int supervisor, ResourceVector limits) : ContainerGroup
    {
        private readonly Dictionary<(int, long), double> _cpuByProcess = [];
        private long _lookedAt = TimeProvider.System.GetTimestamp();
        private double _owedSeconds;
        private double _cpuSeconds;
        private long _peakBytes;
        private bool _isOutOfMemory;
        private bool _isPaused;

        public long Id { get; } = id;

        public int Supervisor { get; set; } = supervisor;

        public override IReadOnlyList<string> JoinFiles => [];

        public override IReadOnlyList<int> Processes() => [.. (owner.Members().GetValueOrDefault(Id) ?? []).Select(process => process.Pid)];

        public override GroupUsage Usage() => new(_cpuSeconds, _peakBytes, _isOutOfMemory);

        public override Task RemoveAsync()
        {
            owner._groups.TryRemove(Id, out _);
            return Task.CompletedTask;
        }

        public void HoldToLimits(List<ProcessStat> processes)
        {
            var memory = processes.Sum(process => process.MemoryBytes);
            _peakBytes = Math.Max(_peakBytes, memory);
            if (limits.MemoryMiB > 0 && memory > limits.MemoryMiB << 20)
            {
                _isOutOfMemory = true;
                processes.ForEach(process => _ = Native.Kill(process.Pid, Native.SignalKill));
                return;
            }

            HoldToProcessorTime(processes);
        }

        /// <summary>What was used above the share is owed, and sat out.</summary>
        private void HoldToProcessorTime(List<ProcessStat> processes)
        {
            var now = TimeProvider.System.GetTimestamp();
            var elapsed = TimeProvider.System.GetElapsedTime(_lookedAt, now).TotalSeconds;
            _lookedAt = now;
            var used = 0.0;
            foreach (var process in processes)
            {
                var key = (process.Pid, process.StartTicks);
                used += process.CpuSeconds - _cpuByProcess.GetValueOrDefault(key);
                _cpuByProcess[key] = process.CpuSeconds;
            }

            _cpuSeconds += used;
            if (limits.CpuMillis <= 0)
            {
                return;
            }

            _owedSeconds = Math.Max(0, _owedSeconds + used - (elapsed * limits.CpuMillis / 1_000));
            var pause = _owedSeconds > LookEvery.TotalSeconds * limits.CpuMillis / 1_000;
            if (pause != _isPaused)
            {
                _isPaused = pause;
                processes.ForEach(process => _ = Native.Kill(process.Pid, pause ? Native.SignalStop : Native.SignalContinue));
            }
        }
    }
}
