using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Nodes;
using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler;

/// <summary>
/// The scheduler itself: queues, applications, nodes and containers, changed only by <see cref="Apply"/>. It has no clock, no I/O, no
/// threads
/// and no unordered iteration, so the same events always give the same decisions; the simulator, recovery and what-if rest on that.
/// </summary>
/// <remarks>Not thread-safe: one writer. <see cref="ResourceManager"/> is the loop to put around it in a live process.</remarks>
public sealed partial class ClusterScheduler
{
    private readonly SchedulerOptions _options;
    private readonly SortedDictionary<string, Queue> _queues = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, Application> _applications = [];
    private readonly Dictionary<long, Ask> _asks = [];
    private readonly Dictionary<long, Container> _containers = [];
    private readonly NodeTable _nodes = new();
    private readonly RequestShapes _shapes = new();
    private readonly List<SchedulerDecision> _decisions = [];
    private QueueTree _tree;
    private Queue _root;
    private int _queuesMade;
    private long _lastContainerId;
    private long _pass;
    private long _nowMs;
    private bool _hasLifetimes;

    /// <summary>Starts with queues and nothing else.</summary>
    /// <param name="queues">The queue tree.</param>
    /// <param name="options">Settings; defaults when absent.</param>
    public ClusterScheduler(QueueTree queues, SchedulerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(queues);
        _options = options ?? new SchedulerOptions();
        _tree = queues;
        _hasLifetimes = queues.Queues.Any(queue => queue.Options.LifetimeMaxMs > 0);
        _root = Adopt(queues.Root, null);
        _root.RefreshLimits(_nodes.Total);
    }

    /// <summary>The queue tree in force, leaves made on demand included.</summary>
    public QueueTree Queues => _tree;

    /// <summary>The time of the newest event, in milliseconds of the events' clock.</summary>
    public long NowMs => _nowMs;

    /// <summary>Events applied so far.</summary>
    public long EventCount { get; private set; }

    /// <summary>Containers that wait and may be placed.</summary>
    public int PendingContainers => _root.PendingContainers;

    /// <summary>Takes one event and says what follows from it, in order.</summary>
    /// <param name="schedulerEvent">What happened. An event that makes no sense is answered by a refusal and changes nothing.</param>
    public IReadOnlyList<SchedulerDecision> Apply(SchedulerEvent schedulerEvent)
    {
        ArgumentNullException.ThrowIfNull(schedulerEvent);
        EventCount++;
        _nowMs = Math.Max(_nowMs, schedulerEvent.TimeMs);
        _decisions.Clear();
        Change(schedulerEvent);
        PlaceAll();
        return _decisions.Count == 0 ? [] : [.. _decisions];
    }

    private void Change(SchedulerEvent schedulerEvent)
    {
        if (ChangeNodes(schedulerEvent))
        {
            return;
        }

        RefreshShares();
        if (schedulerEvent is SchedulerEvent.Tick)
        {
            LetTimePass();
        }
        else if (!ChangeWork(schedulerEvent))
        {
            Refuse($"Events of type {schedulerEvent.GetType().Name} are not known.");
        }
    }

    private bool ChangeNodes(SchedulerEvent schedulerEvent)
    {
        switch (schedulerEvent)
        {
            case SchedulerEvent.NodeReported reported:
                Report(reported);
                return true;
            case SchedulerEvent.NodeRegistered registered:
                Register(registered);
                return true;
            case SchedulerEvent.NodeRemoved removed:
                Remove(removed);
                return true;
            case SchedulerEvent.NodeDecommissioned decommissioned:
                Decommission(decommissioned);
                return true;
            case SchedulerEvent.NodeMaintenance maintenance:
                Maintain(maintenance);
                return true;
            case SchedulerEvent.NodePropertiesChanged changed:
                ChangeProperties(changed);
                return true;
            default:
                return false;
        }
    }

    private bool ChangeWork(SchedulerEvent schedulerEvent)
    {
        switch (schedulerEvent)
        {
            case SchedulerEvent.ContainerEnded ended:
                EndContainer(ended);
                return true;
            case SchedulerEvent.ContainersAsked asked:
                AddAsk(asked);
                return true;
            case SchedulerEvent.AskCancelled cancelled:
                CancelAsk(cancelled);
                return true;
            case SchedulerEvent.ApplicationSubmitted submitted:
                Submit(submitted);
                return true;
            case SchedulerEvent.ApplicationEnded ended:
                EndApplication(ended);
                return true;
            case SchedulerEvent.MasterReported reported:
                MasterReported(reported);
                return true;
            case SchedulerEvent.QueuesChanged changed:
                ChangeQueues(changed);
                return true;
            default:
                return false;
        }
    }

    private void Refuse(string reason) => _decisions.Add(new SchedulerDecision.EventRefused(reason));
}
