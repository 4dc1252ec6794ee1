using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Recovery;

namespace DataPlatform.ResourceScheduler;

/// <content>
/// The whole state as bytes. What can be worked out from the rest (sums, indexes, what is known to be blocked) is not written: a leader
/// goes on from what it read back, so that it and whoever reads the same bytes later know exactly the same.
/// </content>
public sealed partial class ClusterScheduler
{
    internal void Save(ByteWriter writer)
    {
        writer.Bytes(ConfigurationText.Write(_tree));
        writer.Number(_nowMs);
        writer.Number(EventCount);
        writer.Number(_lastContainerId);
        writer.Number(LastId);
        writer.Number(_queuesMade);
        writer.Number(_preemptedAtMs);
        writer.Number(_lookedForWaitingMs);
        writer.Number(_shapes.ServedAtMs);
        SaveQueues(writer);
        SaveNodes(writer);
        SaveApplications(writer);
        SaveContainers(writer);
        SaveTimers(writer);
        SaveReservations(writer);
    }

    private void SaveQueues(ByteWriter writer)
    {
        writer.Unsigned((ulong)_queues.Count);
        foreach (var (path, queue) in _queues)
        {
            writer.Text(path);
            writer.Number(queue.Id);
            writer.Number(queue.StarvedSinceMs);
            writer.Number(queue.Waits.Count);
            writer.Number(queue.Waits.TotalMs);
            writer.Number(queue.Waits.MaxMs);
        }
    }

    private void SaveNodes(ByteWriter writer)
    {
        writer.Unsigned((ulong)_nodes.Count);
        foreach (var node in _nodes.All)
        {
            writer.Number(node.Id);
            writer.Text(node.Name);
            writer.Vector(node.Capacity);
            RecordCodec.Write(writer, node.Properties);
            writer.Byte((byte)node.State);
            writer.Flag(node.IsHealthy);
            writer.Flag(node.IsInMaintenance);
            writer.Number(node.Epoch);
            writer.Number(node.ReportedAtMs);
            writer.Number(node.LeaveAtMs);
            writer.Double(node.FailureScore);
            writer.Unsigned((ulong)node.Gpus.Count);
            foreach (var free in node.Gpus.Free)
            {
                writer.Number(free);
            }
        }
    }

    private void SaveApplications(ByteWriter writer)
    {
        writer.Unsigned((ulong)_applications.Count);
        foreach (var application in _applications.Values)
        {
            writer.Number(application.Id);
            RecordCodec.Write(writer, application.Definition);
            writer.Text(application.Leaf.Path);
            writer.Number(application.SubmittedAtMs);
            writer.Byte((byte)application.State);
            writer.Number(application.FailedTasks);
            writer.Number(application.MasterAttempts);
            writer.Number(application.MasterSeenMs);
            writer.Number(application.MasterContainerId);
            RecordCodec.WriteNumbers(writer, application.DoneAsks);
            var failures = application.NodeFailures.ToArray();
            writer.Unsigned((ulong)failures.Length);
            foreach (var (node, count, isAvoided) in failures)
            {
                writer.Number(node);
                writer.Number(count);
                writer.Flag(isAvoided);
            }

            // An ask that was dropped while its containers run is known to them alone.
            var asks = application.Asks.Values.Concat(application.Running.InOrder().Select(container
                => container.Ask)).Distinct().ToArray();
            writer.Unsigned((ulong)asks.Length);
            foreach (var ask in asks)
            {
                SaveAsk(writer, ask);
            }
        }
    }

    private void SaveAsk(ByteWriter writer, Ask ask)
    {
        writer.Number(ask.Id);
        RecordCodec.Write(writer, ask.Definition);
        writer.Flag(_asks.ContainsKey(ask.Id));
        writer.Flag(ask.IsMaster);
        writer.Number(ask.AskedAtMs);
        writer.Number(ask.Pending);
        writer.Number(ask.Done);
        writer.Number(ask.Failed);
        writer.Number(ask.NextTask);
        writer.Number(ask.Speculative);
        writer.Flag(ask.Shape is not null);
        writer.Number(ask.Shape?.ServedAtMs ?? 0);
        writer.Unsigned((ulong)ask.PutBack.Count);
        foreach (var task in ask.PutBack)
        {
            writer.Number(task.Task);
            writer.Number(task.SinceMs);
            writer.Flag(task.IsSpeculative);
        }

        var failures = (ask.FailuresByTask ?? []).OrderBy(pair => pair.Key).ToArray();
        writer.Unsigned((ulong)failures.Length);
        foreach (var (task, count) in failures)
        {
            writer.Number(task);
            writer.Number(count);
        }

        writer.Unsigned((ulong)(ask.RunSeconds?.Count ?? 0));
        foreach (var seconds in ask.RunSeconds ?? [])
        {
            writer.Double(seconds);
        }
    }

    private void SaveContainers(ByteWriter writer)
    {
        writer.Unsigned((ulong)_containers.Count);
        foreach (var container in _containers.Values.OrderBy(container => container.Id))
        {
            writer.Number(container.Id);
            writer.Number(container.Ask.Id);
            writer.Number(container.Application.Id);
            writer.Number(container.Node.Id);
            writer.Number(container.Task);
            writer.Number(container.PlacedAtMs);
            writer.Byte((byte)((container.IsSpeculative ? 1 : 0) | (container.IsStopping ? 2 : 0) | (container.IsVictim ? 4 : 0)
                | (container.IsSuperseded ? 8 : 0)));
            writer.Number(container.KillAtMs);
            writer.Unsigned((ulong)(container.Devices?.Length ?? 0));
            foreach (var (device, millis) in container.Devices ?? [])
            {
                writer.Number(device);
                writer.Number(millis);
            }
        }
    }

    private void SaveTimers(ByteWriter writer)
    {
        SavePairs(writer, _due.Where(due => _asks.ContainsKey(due.AskId)).Select(due => (due.DueMs, due.AskId)).ToArray());
        SavePairs(writer, _toKill.Where(kill => _containers.ContainsKey(kill.ContainerId)).Select(kill => (kill.AtMs, kill.ContainerId))
            .ToArray());
        var evictions = _evictions?.All.ToArray() ?? [];
        writer.Unsigned((ulong)evictions.Length);
        foreach (var (beneficiary, victim, atMs) in evictions)
        {
            writer.Number(beneficiary);
            writer.Number(victim);
            writer.Number(atMs);
        }

        var coolDowns = _coolDowns?.All.ToArray() ?? [];
        writer.Unsigned((ulong)coolDowns.Length);
        foreach (var (queue, lastMs) in coolDowns)
        {
            writer.Text(queue);
            writer.Number(lastMs);
        }
    }

    private static void SavePairs(ByteWriter writer, (long, long)[] pairs)
    {
        writer.Unsigned((ulong)pairs.Length);
        foreach (var (first, second) in pairs)
        {
            writer.Number(first);
            writer.Number(second);
        }
    }

    /// <summary>By ask, in the order in which its reservations are given back.</summary>
    private void SaveReservations(ByteWriter writer)
    {
        var reserved = _asks.Values.Where(ask => ask.Reserved.Count > 0).OrderBy(ask => ask.Id)
            .SelectMany(ask => ask.Reserved.Select(node => (Ask: ask, Node: node))).ToArray();
        writer.Unsigned((ulong)reserved.Length);
        foreach (var (ask, node) in reserved)
        {
            writer.Number(ask.Id);
            writer.Number(node.Id);
            writer.Number(node.ReservedCount);
            writer.Number(node.ReservedAtMs);
        }
    }
}
