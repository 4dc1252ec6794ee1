using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Diagnostics;
using DataPlatform.ResourceScheduler.Nodes;
using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler;

/// <content>Why something waits. It asks the very rules placement asks, so the two cannot disagree; it changes nothing.</content>
public sealed partial class ClusterScheduler
{
    /// <summary>Explains every ask with something pending, by number.</summary>
    public IReadOnlyList<PendingExplanation> Explain()
    {
        RefreshShares();
        return [.. _applications.Values.SelectMany(application => application.Asks.Values).Where(ask => ask.Pending > 0).Select(Explain)];
    }

    private PendingExplanation Explain(Ask ask)
    {
        var size = ask.Definition.Resources;
        var limit = WhyNotOpen(ask) ?? WhyLimited(ask);
        var filter = new NodeFilter(ask, _nowMs);
        var rejected = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var node in _nodes.All)
        {
            var reason = filter.WhyNot(node) ?? WhyNoRoom(node, size) ?? "none: it has room";
            rejected[reason] = rejected.GetValueOrDefault(reason) + 1;
        }

        return new PendingExplanation(
            ask.IsMaster ? 0 : ask.Id, ask.Application.Definition.Name, ask.Application.Leaf.Path, ask.Pending, _nowMs - ask.AskedAtMs,
                limit, rejected,
            limit is null ? SmallestChange(ask, filter) : $"lift the limit: {limit}",
            limit is null ? EstimatedStartMs(ask, filter) : null);
    }

    private static string? WhyNotOpen(Ask ask)
    {
        var application = ask.Application;
        return !application.IsActive ? "the queue lets no more applications run at once"
            : application.Definition.Master is not null && !ask.IsMaster && application.State != ApplicationState.Running
                ? "its application master has not registered"
            : ask.Definition.DependsOn.FirstOrDefault(other => !application.DoneAsks.Contains(other)) is var missing and not 0
                ? $"ask {missing} has to be done first"
            : null;
    }

    private string? WhyLimited(Ask ask)
    {
        if (LimitOf(ask) is not { } full)
        {
            return null;
        }

        return full.Options.State == QueueState.Stopped ? $"queue '{full.Path}' is stopped"
            : !full.HasRoomFor(ask.Definition.Resources * ask.Batch) ? $"queue '{full.Path}' holds ({full.Used}) of at most ({full.Max})"
            : !HasRoomOnLabel(full, ask.Definition.NodeLabel, ask.Definition.Resources * ask.Batch)
                ? $"queue '{full.Path}' holds ({full.UsedOn(ask.Definition.NodeLabel)}) of at most {full.LabelMax(ask.Definition.NodeLabel):P0} "
                    + $"of the nodes with label '{ask.Definition.NodeLabel}'"
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

    /// <summary>The least that would have to be freed on one node that is otherwise an answer.</summary>
    private string SmallestChange(Ask ask, NodeFilter filter)
    {
        var size = ask.Definition.Resources;
        var nearest = _nodes.All
            .Where(node => filter.WhyNot(node) is null && size.FitsIn(node.Capacity))
            .Select(node => (Node: node, Missing: Missing(node, size)))
            .OrderBy(item => item.Missing.DominantShare(_nodes.Total)).ThenBy(item => item.Node.Id)
            .FirstOrDefault();
        return nearest.Node is { } best ? $"free ({nearest.Missing}) on node '{best.Name}'"
            : $"add a node, or change one, that passes its conditions and has ({size})";
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
}
