using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Diagnostics;
using DataPlatform.ResourceScheduler.Nodes;
using DataPlatform.ResourceScheduler.Preemption;
using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler;

/// <content>Why something waits. It asks the very rules placement asks, so the two cannot disagree; it changes nothing.</content>
public sealed partial class ClusterScheduler
{
    private const int ClaimsKept = 256;
    private const string HasRoom = "none: it has room";
    private readonly Queue<PreemptionClaim> _claims = new();

    /// <summary>The newest claims of preemption, oldest first; what another scheduler than this one made before is not among
    /// them.</summary>
    public IReadOnlyList<PreemptionClaim> RecentPreemptions => [.. _claims];

    /// <summary>Explains every ask with something pending, by number.</summary>
    public IReadOnlyList<PendingExplanation> Explain()
    {
        RefreshShares();
        return [.. _applications.Values.SelectMany(application => application.Asks.Values).Where(ask => ask.Pending > 0).Select(Explain)];
    }

    /// <summary>Explains one ask; null when it waits for nothing or is not there.</summary>
    /// <param name="askId">The ask.</param>
    public PendingExplanation? Explain(long askId)
    {
        RefreshShares();
        return _asks.TryGetValue(askId, out var ask) && ask.Pending > 0 ? Explain(ask) : null;
    }

    private PendingExplanation Explain(Ask ask)
    {
        var filter = new NodeFilter(ask, _nowMs);
        var full = WhyNotOpen(ask) is null ? LimitOf(ask) : null;
        var limit = WhyNotOpen(ask) ?? (full is null ? null : WhyLimited(ask, full));
        return new PendingExplanation(
            ask.IsMaster ? 0 : ask.Id, ask.Application.Definition.Name, ask.Application.Leaf.Path, ask.Pending, _nowMs - ask.AskedAtMs,
            limit, Rejected(ask, filter),
            limit is null ? SmallestChange(ask, filter) : SmallestChange(ask, full, limit),
            limit is null ? EstimatedStartMs(ask, filter) : full is null ? null : EstimatedStartMs(ask, full))
        {
            ApplicationId = ask.Application.Id,
            Resources = ask.Definition.Resources,
            Path = PathOf(ask),
            ReservedNodes = [.. ask.Reserved.Select(node => node.Name).Order(StringComparer.Ordinal)],
        };
    }

    private SortedDictionary<string, int> Rejected(Ask ask, NodeFilter filter)
    {
        var rejected = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var node in _nodes.All)
        {
            var reason = filter.WhyNot(node) ?? WhyNoRoom(node, ask.Definition.Resources)
                ?? (ask.Batch > 1 ? "has room, but not all of the gang find some" : HasRoom);
            rejected[reason] = rejected.GetValueOrDefault(reason) + 1;
        }

        return rejected;
    }

    private PathLimit[] PathOf(Ask ask)
    {
        var path = new List<PathLimit>();
        var need = ask.Definition.Resources * ask.Batch;
        for (var queue = ask.Application.Leaf; queue is not null; queue = queue.Parent)
        {
            path.Add(new PathLimit(queue.Path, queue.Used, queue.Max,
                !queue.HasRoomFor(need) || !HasRoomOnLabel(queue, ask.Definition.NodeLabel, need)));
        }

        path.Reverse();
        return [.. path];
    }

    private static string? WhyNotOpen(Ask ask)
    {
        var application = ask.Application;
        return !application.IsActive ? "the queue lets no more applications run at once"
            : application.Definition.Master is not null && !ask.IsMaster && application.State != ApplicationState.Running
                ? "its application master has not registered"
            : ask.Definition.DependsOn.FirstOrDefault(other => !application.DoneAsks.Contains(other)) is var missing and not 0
                ? $"ask {missing} has to be done first"
            : ask.Definition.IsGang && ask.Stopping > 0 ? $"{ask.Stopping} members of the gang have still to end"
            : null;
    }

    private string WhyLimited(Ask ask, Queue full)
    {
        var (label, need) = (ask.Definition.NodeLabel, ask.Definition.Resources * ask.Batch);
        return full.Options.State == QueueState.Stopped ? $"queue '{full.Path}' is stopped"
            : !full.HasRoomFor(need) ? $"queue '{full.Path}' holds ({full.Used}) of at most ({full.Max})"
            : !HasRoomOnLabel(full, label, need)
                ? $"queue '{full.Path}' holds ({full.UsedOn(label)}) of at most {full.LabelMax(label):P0} of the nodes with label '{label}'"
            : $"user '{ask.Application.User.Name}' is above the user limit of queue '{full.Path}'";
    }

    private static string? WhyNoRoom(Node node, in ResourceVector size)
    {
        if (node.HasRoomFor(size))
        {
            return null;
        }

        return size.CpuMillis > node.Free.CpuMillis ? "too little CPU free"
            : size.MemoryMiB > node.Free.MemoryMiB ? "too little memory free"
            : size.GpuMillis > 0 && !node.Gpus.HasRoomFor((int)size.GpuMillis) ? "no GPU device with room"
            : "too little of an extra resource free";
    }

    /// <summary>What would lift the limit by the least.</summary>
    private static string SmallestChange(Ask ask, Queue? full, string limit)
    {
        if (full is null || full.Options.State == QueueState.Stopped)
        {
            return $"lift the limit: {limit}";
        }

        var missing = ResourceVector.Max(full.Used + (ask.Definition.Resources * ask.Batch) - full.Max, ResourceVector.Zero);
        return missing.IsZero ? $"lift the limit: {limit}"
            : $"raise the maximum of queue '{full.Path}' by ({missing}), or let as much of what it holds end";
    }

    /// <summary>The least that would have to be freed on one node that is otherwise an answer.</summary>
    private string SmallestChange(Ask ask, NodeFilter filter)
    {
        var size = ask.Definition.Resources;
        if (ask.Batch > 1)
        {
            var room = _nodes.All.Where(node => filter.WhyNot(node) is null).Sum(node => Times(node, size, ask.Batch));
            return $"make room for {Math.Max(0, ask.Batch - room)} more of ({size}): there is some for {room} of {ask.Batch} members";
        }

        var nearest = _nodes.All
            .Where(node => filter.WhyNot(node) is null && size.FitsIn(node.Capacity))
            .Select(node => (Node: node, Missing: Missing(node, size)))
            .OrderBy(item => item.Missing.DominantShare(_nodes.Total)).ThenBy(item => item.Node.Id)
            .FirstOrDefault();
        return nearest.Node is { } best ? $"free ({nearest.Missing}) on node '{best.Name}'"
            : $"add a node, or change one, that passes its conditions and has ({size})";
    }

    /// <summary>How many containers of a size a node has room for, up to a bound.</summary>
    private static int Times(Node node, in ResourceVector size, int atMost)
    {
        var (times, free) = (0, node.Free);
        while (times < atMost && node.HasRoomFor(size) && size.FitsIn(free))
        {
            free -= size;
            times++;
        }

        return times;
    }

    private static ResourceVector Missing(Node node, in ResourceVector size) => ResourceVector.Max(size - node.Free, ResourceVector.Zero);

    private long? EstimatedStartMs(Ask ask, NodeFilter filter)
    {
        var size = ask.Definition.Resources;
        var starts = _nodes.All
            .Where(node => filter.WhyNot(node) is null && size.FitsIn(node.Capacity))
            .Select(node => node.HasRoomFor(size) ? _nowMs : Reservations.EarliestStartMs(node, size))
            .Where(start => start > 0 && start != long.MaxValue).ToArray();
        return starts.Length == 0 ? null : Math.Max(_nowMs, starts.Min());
    }

    /// <summary>When so much of what a full queue holds has ended that the request is within its maximum.</summary>
    private long? EstimatedStartMs(Ask ask, Queue full)
    {
        var (need, used) = (ask.Definition.Resources * ask.Batch, full.Used);
        foreach (var container in Below(full).OrderBy(container => container.ExpectedEndMs).ThenBy(container => container.Id))
        {
            if (container.ExpectedEndMs == long.MaxValue || full.Options.State == QueueState.Stopped)
            {
                return null;
            }

            used -= container.Resources;
            if ((used + need).WithinBound(full.Max))
            {
                return Math.Max(_nowMs, container.ExpectedEndMs);
            }
        }

        return null;
    }

    private static IEnumerable<Container> Below(Queue queue)
        => queue.Members.SelectMany(application => application.Running.InOrder()).Concat(queue.Children.SelectMany(Below));

    private void Remember(PreemptionClaim claim)
    {
        if (_claims.Count == ClaimsKept)
        {
            _claims.Dequeue();
        }

        _claims.Enqueue(claim);
    }
}
