using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Nodes;

namespace DataPlatform.ResourceScheduler.Simulation;

/// <summary>Watches a simulation and sums it up.</summary>
internal sealed class SimulationRecorder(long sampleMs)
{
    private readonly Dictionary<long, long> _running = [];
    private readonly HashSet<long> _accepted = [];
    private readonly SortedDictionary<long, long> _endedAtMs = [];
    private readonly SortedDictionary<string, QueueTotals> _queues = new(StringComparer.Ordinal);
    private readonly List<SimulationSample> _samples = [];
    private readonly Diagnostics.FairnessAudit _audit = new();
    private readonly List<long> _waitsMs = [];
    private readonly HashSet<string> _nodes = new(StringComparer.Ordinal);
    private long _nowMs;
    private long _nextSampleMs;
    private int _pending;
    private int _preempted;
    private int _refused;

    public bool IsWaiting => _pending > 0;

    public long NowMs => _nowMs;

    public int Finished => _endedAtMs.Count;

    /// <summary>Whether the node that an event is about is in the cluster.</summary>
    public bool IsPresent(SchedulerEvent schedulerEvent) => schedulerEvent switch
    {
        SchedulerEvent.NodeRemoved removed => _nodes.Contains(removed.Node),
        SchedulerEvent.NodeDecommissioned decommissioned => _nodes.Contains(decommissioned.Node),
        _ => true,
    };

    public bool IsRunning(long container) => _running.ContainsKey(container);

    public bool IsAccepted(long application) => _accepted.Contains(application);

    public void Note(SchedulerEvent schedulerEvent)
    {
        _nowMs = Math.Max(_nowMs, schedulerEvent.TimeMs);
        if (schedulerEvent is SchedulerEvent.ContainerEnded ended)
        {
            _running.Remove(ended.ContainerId);
        }
        else if (schedulerEvent is SchedulerEvent.NodeRegistered registered)
        {
            _nodes.Add(registered.Node);
        }
    }

    public void Note(SchedulerEvent cause, SchedulerDecision decision)
    {
        switch (decision)
        {
            case SchedulerDecision.ContainerPlaced placed:
                _running.Add(placed.ContainerId, placed.ApplicationId);
                _waitsMs.Add(placed.WaitedMs);
                break;
            case SchedulerDecision.ApplicationStateChanged { State: ApplicationState.Accepted } accepted:
                _accepted.Add(accepted.ApplicationId);
                break;
            case SchedulerDecision.ApplicationStateChanged { State: ApplicationState.Finished } finished:
                _endedAtMs[finished.ApplicationId] = cause.TimeMs;
                break;
            case SchedulerDecision.Preempted preempted:
                _preempted += preempted.Claim.Victims.Count;
                break;
            case SchedulerDecision.ContainerLost lost:
                _running.Remove(lost.ContainerId);
                break;
            case SchedulerDecision.NodeStateChanged { State: NodeState.Lost or NodeState.Decommissioned } gone:
                _nodes.Remove(gone.Node);
                break;
            case SchedulerDecision.AskRefused or SchedulerDecision.ApplicationRefused:
                _refused++;
                break;
        }
    }

    /// <summary>Samples are taken at fixed virtual times; what a queue is short of its share while it waits is summed over time.</summary>
    public void Sample(ClusterScheduler scheduler, bool force)
    {
        _pending = scheduler.PendingContainers;
        if (_nowMs < _nextSampleMs && !force)
        {
            return;
        }

        var snapshot = scheduler.Snapshot();
        _audit.Observe(snapshot);
        foreach (var queue in snapshot.Queues)
        {
            if (!_queues.TryGetValue(queue.Path, out var totals))
            {
                _queues[queue.Path] = totals = new QueueTotals();
            }

            totals.Waits = queue.Waits;
        }

        var root = snapshot.Queue(QueueTree.RootPath);
        _samples.Add(new SimulationSample(_nowMs, snapshot.Used.DominantShare(snapshot.Capacity), root.Running, root.Pending,
            snapshot.Queues.Where(queue => !snapshot.Queues.Any(other => other.Path.StartsWith(queue.Path + ".", StringComparison.Ordinal)))
                .ToDictionary(queue => queue.Path, queue => queue.Used.DominantShare(snapshot.Capacity), StringComparer.Ordinal)));
        _nextSampleMs = _nowMs + sampleMs;
    }

    public SimulationReport Report(ClusterTrace trace, ClusterScheduler scheduler, int seed)
    {
        var slowdowns = _endedAtMs
            .Select(pair => (Job: trace.Jobs[(int)pair.Key - 1], EndedAtMs: pair.Value))
            .Select(item => (item.EndedAtMs - item.Job.SubmitMs) / (double)Math.Max(1, item.Job.IdealMs)).ToArray();
        return new SimulationReport(
            seed, trace.Nodes.Count, trace.Jobs.Count, _endedAtMs.Count, _waitsMs.Count, _refused, _preempted, _nowMs, scheduler.EventCount,
            Distribution.Of(_waitsMs.Select(wait => wait / 1000.0)), Distribution.Of(slowdowns), Utilisation(), scheduler.PendingContainers,
            [.. _audit.Records.Where(record => record.User.Length == 0).Select(record => new QueueOutcome(record.Queue,
                _queues.GetValueOrDefault(record.Queue)?.Waits ?? default, record.UsedShareSeconds, record.DeficitShareSeconds))],
            _samples)
        {
            Users = [.. _audit.Records.Where(record => record.User.Length > 0)],
        };
    }

    private double Utilisation()
    {
        var weighted = _samples.Zip(_samples.Skip(1), (left, right) => left.Utilisation * (right.TimeMs - left.TimeMs)).Sum();
        return _nowMs == 0 ? 0 : weighted / _nowMs;
    }

    private sealed class QueueTotals
    {
        public Diagnostics.WaitStatistics Waits { get; set; }
    }
}
