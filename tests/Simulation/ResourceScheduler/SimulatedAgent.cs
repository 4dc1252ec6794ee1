using DataPlatform.ResourceScheduler;
using DataPlatform.ResourceScheduler.Containers;

namespace DataPlatform.Simulation.ResourceScheduler;

/// <summary>A node's agent: runs what it is told by the newest leader it has heard of, remembers what ended until a report got through, and
/// loses everything when it dies.</summary>
internal sealed class SimulatedAgent(string name, ResourceVector capacity, Random random)
{
    private readonly SortedDictionary<long, long> _endsAtMs = [];
    private readonly SortedDictionary<long, ContainerOutcome> _unreported = [];
    private readonly HashSet<long> _everStarted = [];

    public string Name => name;

    public ResourceVector Capacity => capacity;

    public long Epoch { get; private set; } = 1;

    /// <summary>The newest leader it has heard of.</summary>
    public long LeaderEpoch { get; private set; }

    /// <summary>The leader it has told what it runs.</summary>
    public long RegisteredWith { get; private set; }

    public bool IsUp { get; private set; } = true;

    public int Refused { get; private set; }

    public IReadOnlyList<long> Running => [.. _endsAtMs.Keys, .. _unreported.Keys];

    /// <summary>A command from a leader. One of an older epoch is refused; says whether the container began to run.</summary>
    public bool Start(long container, long leaderEpoch, long nowMs)
    {
        if (!Accepts(leaderEpoch))
        {
            return false;
        }

        // A start that comes twice, or after its stop, must not run the work again.
        if (!_everStarted.Add(container))
        {
            return false;
        }

        _endsAtMs.Add(container, nowMs + 500 + random.Next(20_000));
        return true;
    }

    public void Stop(long container, long leaderEpoch)
    {
        if (!Accepts(leaderEpoch))
        {
            return;
        }

        _everStarted.Add(container);
        if (_endsAtMs.Remove(container))
        {
            _unreported[container] = ContainerOutcome.Killed;
        }
    }

    public void Advance(long nowMs)
    {
        foreach (var (container, _) in _endsAtMs.Where(pair => pair.Value <= nowMs).ToArray())
        {
            _endsAtMs.Remove(container);
            _unreported[container] = random.Next(20) == 0 ? ContainerOutcome.Failed : ContainerOutcome.Succeeded;
        }
    }

    public SchedulerEvent.NodeReported Report(long nowMs)
        => new(nowMs, name, Epoch, [.. _unreported.Select(pair => new EndedContainer(pair.Key, pair.Value))]);

    public void Acknowledge(IEnumerable<EndedContainer> ended)
    {
        foreach (var container in ended)
        {
            _unreported.Remove(container.ContainerId);
        }
    }

    public SchedulerEvent.NodeRegistered Register(long nowMs) => new(nowMs, name, capacity) { Epoch = Epoch, Running = Running };

    /// <summary>A leader has taken its registration.</summary>
    public void Registered(long leaderEpoch)
    {
        LeaderEpoch = Math.Max(LeaderEpoch, leaderEpoch);
        RegisteredWith = leaderEpoch;
    }

    public void Die()
    {
        IsUp = false;
        _endsAtMs.Clear();
        _unreported.Clear();
    }

    public void Restart()
    {
        IsUp = true;
        Epoch++;
        RegisteredWith = 0;
    }

    private bool Accepts(long leaderEpoch)
    {
        if (!IsUp || leaderEpoch < LeaderEpoch)
        {
            Refused += IsUp ? 1 : 0;
            return false;
        }

        // What comes from a leader it has not registered with is not for what it is now.
        return RegisteredWith == leaderEpoch;
    }
}
