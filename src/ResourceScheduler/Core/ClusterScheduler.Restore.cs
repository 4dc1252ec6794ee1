using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Nodes;
using DataPlatform.ResourceScheduler.Preemption;
using DataPlatform.ResourceScheduler.Queues;
using DataPlatform.ResourceScheduler.Recovery;

namespace DataPlatform.ResourceScheduler;

/// <content>The state read back: members in the order in which <see cref="Save"/> wrote them.</content>
public sealed partial class ClusterScheduler
{
    internal static ClusterScheduler Restore(ref ByteReader reader, SchedulerOptions options)
    {
        var scheduler = new ClusterScheduler(ConfigurationText.ReadQueues(reader.Bytes()), options)
        {
            _nowMs = reader.Number(),
            EventCount = reader.Number(),
            _lastContainerId = reader.Number(),
            LastId = reader.Number(),
        };
        var queuesMade = reader.Int32();
        scheduler._preemptedAtMs = reader.Number();
        scheduler._lookedForWaitingMs = reader.Number();
        var servedAtMs = reader.Number();
        scheduler.RestoreQueues(ref reader);
        scheduler._queuesMade = queuesMade;
        scheduler.RestoreNodes(ref reader);
        scheduler._root.RefreshLimits(scheduler._nodes.Total);
        var asks = new Dictionary<(long Application, long Ask), Ask>();
        var open = scheduler.RestoreApplications(ref reader, asks);
        scheduler.RestoreContainers(ref reader, asks);
        foreach (var (ask, servedMs) in open)
        {
            scheduler.Open(ask);
            ask.Shape!.ServedAtMs = servedMs;
        }

        scheduler._shapes.ServedAtMs = servedAtMs;
        scheduler.RestoreTimers(ref reader);
        scheduler.RestoreReservations(ref reader);
        scheduler.TotalChanged();
        return scheduler;
    }

    /// <summary>Queues keep their numbers, which end every tie between siblings.</summary>
    private void RestoreQueues(ref ByteReader reader)
    {
        var count = reader.Count();
        _queues.Clear();
        var saved = new Dictionary<string, int>(StringComparer.Ordinal);
        var details = new List<(string Path, long StarvedSinceMs, long Waits, long TotalMs, long MaxMs)>();
        for (var i = 0; i < count; i++)
        {
            var path = reader.Text();
            saved.Add(path, reader.Int32());
            details.Add((path, reader.Number(), reader.Number(), reader.Number(), reader.Number()));
        }

        _root = AdoptSaved(_tree.Root, null, saved);
        foreach (var (path, starvedSinceMs, waits, totalMs, maxMs) in details)
        {
            _queues[path].StarvedSinceMs = starvedSinceMs;
            _queues[path].Waits.Restore(waits, totalMs, maxMs);
        }
    }

    private Queue AdoptSaved(QueueDefinition definition, Queue? parent, Dictionary<string, int> ids)
    {
        var queue = new Queue(ids[definition.Path], definition, parent);
        _queues.Add(definition.Path, queue);
        queue.Children.AddRange(definition.Children.Select(child => AdoptSaved(child, queue, ids)));
        return queue;
    }

    private void RestoreNodes(ref ByteReader reader)
    {
        var count = reader.Count();
        for (var i = 0; i < count; i++)
        {
            var node = _nodes.Restore(reader.Int32(), reader.Text(), reader.Vector(), RecordCodec.ReadProperties(ref reader));
            node.State = (NodeState)reader.Byte();
            node.IsHealthy = reader.Flag();
            node.IsInMaintenance = reader.Flag();
            node.Epoch = reader.Number();
            node.ReportedAtMs = reader.Number();
            node.LeaveAtMs = reader.Number();
            node.FailureScore = reader.Double();
            var free = new int[reader.Count()];
            for (var device = 0; device < free.Length; device++)
            {
                free[device] = reader.Int32();
            }

            node.Gpus.Restore(free);
            _nodes.Leaving += node.State == NodeState.Decommissioning ? 1 : 0;
        }
    }

    private List<(Ask Ask, long ServedAtMs)> RestoreApplications(ref ByteReader reader, Dictionary<(long, long), Ask> asks)
    {
        var open = new List<(Ask, long)>();
        var count = reader.Count();
        for (var i = 0; i < count; i++)
        {
            var application = RestoreApplication(ref reader);
            var asksCount = reader.Count();
            for (var k = 0; k < asksCount; k++)
            {
                var ask = RestoreAsk(ref reader, application, out var isOpen, out var servedAtMs);
                asks.Add((application.Id, ask.Id), ask);
                if (isOpen)
                {
                    open.Add((ask, servedAtMs));
                }
            }
        }

        return open;
    }

    private Application RestoreApplication(ref ByteReader reader)
    {
        var (id, definition, path) = (reader.Number(), RecordCodec.ReadApplication(ref reader), reader.Text());
        var application = new Application(id, definition, _queues[path], reader.Number())
        {
            State = (ApplicationState)reader.Byte(),
            FailedTasks = reader.Int32(),
            MasterAttempts = reader.Int32(),
            MasterSeenMs = reader.Number(),
            MasterContainerId = reader.Number(),
        };
        application.DoneAsks.UnionWith(RecordCodec.ReadNumbers(ref reader));
        var failures = reader.Count();
        for (var i = 0; i < failures; i++)
        {
            application.RestoreFailures(reader.Int32(), reader.Int32(), reader.Flag());
        }

        _applications.Add(id, application);
        if (application.State == ApplicationState.Submitted)
        {
            _parked.Add(id, application);
        }

        if (application.IsActive)
        {
            application.Leaf.Join(application);
            _runningByUser[definition.User] = _runningByUser.GetValueOrDefault(definition.User) + 1;
            application.Leaf.MastersUsed += definition.Master ?? ResourceVector.Zero;
        }
        else if (application.IsEnded)
        {
            application.Leaf.Join(application);
        }

        for (var queue = application.Leaf; queue is not null; queue = queue.Parent)
        {
            queue.ApplicationCount++;
            queue.RunningApplications += application.IsActive ? 1 : 0;
        }

        return application;
    }

    private Ask RestoreAsk(ref ByteReader reader, Application application, out bool isOpen, out long servedAtMs)
    {
        var (id, definition, isKnown, isMaster) = (reader.Number(), RecordCodec.ReadAsk(ref reader), reader.Flag(), reader.Flag());
        var ask = new Ask(id, application, definition, reader.Number())
        {
            IsMaster = isMaster,
            Pending = reader.Int32(),
            Done = reader.Int32(),
            Failed = reader.Int32(),
            NextTask = reader.Int32(),
            Speculative = reader.Int32(),
        };
        isOpen = reader.Flag();
        servedAtMs = reader.Number();
        var putBack = reader.Count();
        for (var i = 0; i < putBack; i++)
        {
            ask.PutBack.Enqueue(new PutBackTask(reader.Int32(), reader.Number(), reader.Flag()));
        }

        var failures = reader.Count();
        for (var i = 0; i < failures; i++)
        {
            (ask.FailuresByTask ??= []).Add(reader.Int32(), reader.Int32());
        }

        var finished = reader.Count();
        for (var i = 0; i < finished; i++)
        {
            ask.RunSeconds!.Add(reader.Double());
        }

        if (isKnown)
        {
            _asks.Add(id, ask);
            application.Asks.Add(id, ask);
            if (ask.Containers is not null)
            {
                _speculative.Add(ask);
            }
        }

        return ask;
    }

    private void RestoreContainers(ref ByteReader reader, Dictionary<(long, long), Ask> asks)
    {
        var count = reader.Count();
        for (var i = 0; i < count; i++)
        {
            var (id, askId, applicationId) = (reader.Number(), reader.Number(), reader.Number());
            var (node, task, placedAtMs, flags) = (_nodes[reader.Int32()], reader.Int32(), reader.Number(), reader.Byte());
            var container = new Container(id, asks[(applicationId, askId)], node, task, placedAtMs)
            {
                IsSpeculative = (flags & 1) != 0,
                IsStopping = (flags & 2) != 0,
                IsVictim = (flags & 4) != 0,
                IsSuperseded = (flags & 8) != 0,
                KillAtMs = reader.Number(),
            };
            var devices = new (int, int)[reader.Count()];
            for (var device = 0; device < devices.Length; device++)
            {
                devices[device] = (reader.Int32(), reader.Int32());
            }

            container.Devices = devices.Length == 0 ? null : devices;
            Adopt(container);
        }
    }

    private void Adopt(Container container)
    {
        _containers.Add(container.Id, container);
        container.Node.Containers.Add(container);
        container.Application.Running.Add(container);
        container.Ask.Containers?.Add(container.Id, container);
        container.Ask.Running++;
        _nodes.Take(container.Node, container.Resources);
        container.Ask.Stopping += container.IsStopping ? 1 : 0;
        container.Node.Stopping += container.IsStopping ? container.Resources : ResourceVector.Zero;
        Account(container, 1);
    }

    private void RestoreTimers(ref ByteReader reader)
    {
        var due = reader.Count();
        for (var i = 0; i < due; i++)
        {
            _due.Add((reader.Number(), reader.Number()));
        }

        var kills = reader.Count();
        for (var i = 0; i < kills; i++)
        {
            _toKill.Add((reader.Number(), reader.Number()));
        }

        var evictions = reader.Count();
        for (var i = 0; i < evictions; i++)
        {
            (_evictions ??= new Evictions(_options.Preemption.EvictionMemoryMs)).Record(reader.Number(), reader.Number(), reader.Number());
        }

        var coolDowns = reader.Count();
        for (var i = 0; i < coolDowns; i++)
        {
            (_coolDowns ??= new CoolDowns(_options.Preemption.Fair.CoolDown)).Restore(reader.Text(), reader.Number());
        }
    }

    private void RestoreReservations(ref ByteReader reader)
    {
        var count = reader.Count();
        for (var i = 0; i < count; i++)
        {
            var (ask, node) = (_asks[reader.Number()], _nodes[reader.Int32()]);
            node.ReservedFor = ask;
            node.ReservedCount = reader.Int32();
            node.ReservedAtMs = reader.Number();
            ask.Reserved.Add(node);
            _nodes.Reservations++;
            Reshape(ask);
        }
    }
}
