using DataPlatform.ResourceScheduler.Autoscaling;

namespace DataPlatform.ResourceScheduler.Simulation;

/// <summary>Autoscaling inside a simulation: the real autoscaler, a simulated cloud, and work that goes on from its checkpoints.</summary>
internal sealed class SimulatedScaling
{
    private const long EveryMs = 10_000;
    private readonly AutoscalerOptions _options;
    private readonly Autoscaler _autoscaler;
    private readonly SimulatedCloud _cloud;
    private readonly Dictionary<(long Ask, int Task), long> _doneMs = [];
    private readonly Dictionary<long, (long Ask, int Task, long AtMs)> _placed = [];
    private long _nowMs;
    private int _nodesMax;
    private long _savedMs;

    public SimulatedScaling(AutoscalerOptions options, SimulatedCloudOptions cloud, int seed)
    {
        (_options, _autoscaler, CheckpointMs) = (options, new Autoscaler(options), cloud.CheckpointMs);
        _cloud = new SimulatedCloud(cloud, seed, () => _nowMs);
    }

    public long NextMs { get; private set; }

    public long CheckpointMs { get; }

    /// <summary>Looks at the cluster and gives the events that follow, with their times.</summary>
    public List<SchedulerEvent> Step(ClusterScheduler scheduler)
    {
        _nowMs = NextMs;
        NextMs += EveryMs;
        var events = new List<SchedulerEvent>();
        foreach (var notice in _cloud.TakeNotices())
        {
            if (_autoscaler.Nodes.TryGetValue(notice.Node, out var group))
            {
                _autoscaler.BackOff(group.Name, _nowMs);
            }

            events.Add(new SchedulerEvent.NodeDecommissioned(_nowMs, notice.Node, _nowMs + notice.RemainingMs) { IsInterruption = true });
            events.Add(new SchedulerEvent.NodeRemoved(_nowMs + notice.RemainingMs, notice.Node));
        }

        foreach (var action in _autoscaler.Decide(scheduler.Snapshot(), scheduler.PendingDemand()))
        {
            CarryOut(action, events);
        }

        _nodesMax = Math.Max(_nodesMax, _autoscaler.Nodes.Count);
        return events;
    }

    private void CarryOut(AutoscalerAction action, List<SchedulerEvent> events)
    {
        switch (action)
        {
            case AutoscalerAction.Start start when _cloud.TryStart(start.Node, start.Group):
                events.Add(new SchedulerEvent.NodeRegistered(_cloud.UpAtMs[start.Node], start.Node,
                    start.Group.Shape)
                { Properties = start.Group.Properties });
                break;
            case AutoscalerAction.Start start:
                _autoscaler.Forget(start.Node);
                _autoscaler.BackOff(start.Group.Name, _nowMs);
                break;
            case AutoscalerAction.Drain drain:
                events.Add(new SchedulerEvent.NodeDecommissioned(_nowMs, drain.Node, drain.DeadlineMs));
                break;
            case AutoscalerAction.GiveBack back:
                _cloud.Stop(back.Node);
                break;
        }
    }

    /// <summary>How long a placed container still has to run.</summary>
    public long RemainingMs(SchedulerDecision.ContainerPlaced placed, long nowMs, long runMs)
    {
        _placed[placed.ContainerId] = (placed.AskId, placed.Task, nowMs);
        return Math.Max(1, runMs - _doneMs.GetValueOrDefault((placed.AskId, placed.Task)));
    }

    /// <summary>A container saved its work: its task goes on from there.</summary>
    public void Saved(long container, long nowMs)
    {
        if (_placed.TryGetValue(container, out var placed))
        {
            _doneMs[(placed.Ask, placed.Task)] = _doneMs.GetValueOrDefault((placed.Ask, placed.Task)) + nowMs - placed.AtMs;
            _savedMs += nowMs - placed.AtMs;
        }
    }

    public ScalingReport Report(long endMs)
    {
        _nowMs = Math.Max(_nowMs, endMs);
        var costs = _cloud.Costs();
        return new ScalingReport(costs, costs.Sum(cost => cost.Cost), costs.Sum(cost => cost.Hours * OnDemandPrice(cost.Group)), _nodesMax,
            _savedMs / 1000.0);
    }

    private double OnDemandPrice(string name)
    {
        var group = _options.Groups.First(group => group.Name == name);
        return _options.Groups.Where(other => other.Purchase == NodePurchase.OnDemand && other.Shape == group.Shape)
            .Select(other => other.PricePerHour).DefaultIfEmpty(group.PricePerHour).Min();
    }
}
