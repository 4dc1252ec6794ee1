namespace DataPlatform.Streaming.Time;

/// <summary>Sources of a job that shall not run further ahead of each other, in event time, than a drift.</summary>
/// <param name="Group">The group's name; sources of the same group are aligned.</param>
/// <param name="MaxDriftMs">How far a split may be ahead of the slowest source of the group.</param>
internal sealed record WatermarkAlignment(string Group, long MaxDriftMs);

/// <summary>
/// The sources of one group in one attempt: each subtask reports how far its slowest active split is, and learns how far any split may go. A
/// split that is paused for this is not idle: it would have more, and still counts.
/// </summary>
internal sealed class AlignmentGroup
{
    private readonly Lock _gate = new();
    private readonly List<Member> _members = [];
    private long _slowestMs = long.MaxValue;

    /// <summary>How far the slowest subtask is; the end of time while nobody has reported.</summary>
    public long SlowestMs => Volatile.Read(ref _slowestMs);

    /// <summary>How far a split may go.</summary>
    public static long Limit(long slowestMs, long maxDriftMs) => slowestMs > long.MaxValue - maxDriftMs ? long.MaxValue : slowestMs + maxDriftMs;

    /// <param name="wake">Lets the subtask look again when the group has moved.</param>
    public Member Join(Action wake)
    {
        var member = new Member(this, wake);
        lock (_gate)
        {
            _members.Add(member);
        }

        return member;
    }

    private void Update(Member from)
    {
        List<Member> woken = [];
        lock (_gate)
        {
            var slowest = long.MaxValue;
            foreach (var member in _members)
            {
                slowest = Math.Min(slowest, member.WatermarkMs);
            }

            if (slowest > _slowestMs)
            {
                woken.AddRange(_members.Where(m => m != from));
            }

            Volatile.Write(ref _slowestMs, slowest);
        }

        woken.ForEach(static m => m.Wake());
    }

    /// <summary>One subtask of the group.</summary>
    internal sealed class Member(AlignmentGroup group, Action wake)
    {
        /// <summary>The end of time while it holds nobody back: nothing known yet, idle, or at its end.</summary>
        public long WatermarkMs { get; private set; } = long.MaxValue;

        public Action Wake => wake;

        public void Report(long watermarkMs)
        {
            if (watermarkMs != WatermarkMs)
            {
                WatermarkMs = watermarkMs;
                group.Update(this);
            }
        }
    }
}

/// <summary>The groups of one attempt.</summary>
internal sealed class AlignmentGroups
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, AlignmentGroup> _groups = new(StringComparer.Ordinal);

    public AlignmentGroup this[string name]
    {
        get
        {
            lock (_gate)
            {
                if (!_groups.TryGetValue(name, out var group))
                {
                    _groups.Add(name, group = new AlignmentGroup());
                }

                return group;
            }
        }
    }
}
