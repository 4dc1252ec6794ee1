using DataPlatform.ResourceScheduler;
using DataPlatform.ResourceScheduler.Containers;

namespace DataPlatform.Simulation.ResourceScheduler;

/// <summary>A node's agent: runs what it is told, remembers what ended until a report got through, and loses everything when it
/// dies.</summary>
internal sealed class SimulatedAgent(string name, ResourceVector capacity, Random random)
{
    private readonly SortedDictionary<long, long> _endsAtMs = [];
    private readonly SortedDictionary<long, ContainerOutcome> _unreported = [];
    private readonly HashSet<long> _everStarted = [];

    public string Name => name;

    public ResourceVector Capacity => capacity;

    public long Epoch { get; private set; } = 1;

    public bool IsUp { get; private set; } = true;

    public IReadOnlyList<long> Running => [.. _endsAtMs.Keys, .. _unreported.Keys];

    public void Start(long container, long nowMs)
    {
        // A start that comes twice, or after its stop, must not run the work again.
        if (IsUp && _everStarted.Add(container))
        {
            _endsAtMs.Add(container, nowMs + 500 + random.Next(20_000));
        }
    }

    public void Stop(long container)
    {
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
    }
}
