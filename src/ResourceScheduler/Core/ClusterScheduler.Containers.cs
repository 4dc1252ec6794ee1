using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Nodes;

namespace DataPlatform.ResourceScheduler;

/// <content>Containers from placement to the settling of their end.</content>
public sealed partial class ClusterScheduler
{
    private void Place(Ask ask, Node node, bool isHeld)
    {
        var application = ask.Application;
        var next = ask.NextToRun();
        var container = new Container(++_lastContainerId, ask, node, next.Task, _nowMs) { IsSpeculative = next.IsSpeculative };
        ask.Took();
        _shapes.Served(ask.Shape!, _nowMs);
        _containers.Add(container.Id, container);
        node.Containers.Add(container);
        application.Running.Add(container);
        ask.Containers?.Add(container.Id, container);
        if (!isHeld)
        {
            _nodes.Take(node, container.Resources);
        }

        TakeDevices(container);
        Account(container, 1);
        AddPending(application.Leaf, container.Resources, -1);
        ask.Running++;
        ask.Pending--;
        Started(ask, container);
        var waitedMs = _nowMs - next.SinceMs;
        for (var queue = application.Leaf; queue is not null; queue = queue.Parent)
        {
            queue.Waits.Add(waitedMs);
        }

        _decisions.Add(new SchedulerDecision.ContainerPlaced(
            container.Id, ask.IsMaster ? 0 : ask.Id, application.Id, node.Name, container.Resources, waitedMs,
                next.Task)
        { IsSpeculative = next.IsSpeculative });
        FulfilReservation(ask, node);
        if (ask.Pending == 0)
        {
            Shut(ask);
        }
    }

    private void Started(Ask ask, Container container)
    {
        if (ask.IsMaster)
        {
            ask.Application.MasterContainerId = container.Id;
            ask.Application.MasterSeenMs = _nowMs;
        }
        else if (ask.Application.State == ApplicationState.Accepted)
        {
            Enter(ask.Application, ApplicationState.Running, "its first container was placed");
        }
    }

    private static void TakeDevices(Container container)
    {
        if (container.Resources.GpuMillis > 0)
        {
            container.Devices = container.Node.Gpus.Choose((int)container.Resources.GpuMillis);
            container.Node.Gpus.Change(container.Devices, -1);
        }
    }

    private void Account(Container container, int direction)
    {
        var (application, resources) = (container.Application, container.Resources);
        if (direction > 0)
        {
            application.Used += resources;
            application.User.Used += resources;
        }
        else
        {
            application.Used -= resources;
            application.User.Used -= resources;
        }

        application.Leaf.UseChanged(application, _nodes.Total);
        Charge(application.Leaf, resources, direction);
        _nodes.Fragmentation.Count(resources, direction);
        ChargeLabel(container, direction);
    }

    private static void ChargeLabel(Container container, int direction)
    {
        if (container.Node.Properties.Label is { Length: > 0 } label)
        {
            for (var queue = container.Application.Leaf; queue is not null; queue = queue.Parent)
            {
                queue.ChargeLabel(label, container.Resources, direction);
            }
        }
    }

    private void EndContainer(SchedulerEvent.ContainerEnded ended)
    {
        if (_containers.TryGetValue(ended.ContainerId, out var container))
        {
            Release(container, ended.Outcome);
        }
        else
        {
            Refuse($"Container {ended.ContainerId} is not running: it ended before, or never was.");
        }
    }

    private void RequestStop(Container container, string reason, long graceMs = 0)
    {
        if (!container.IsStopping)
        {
            container.IsStopping = true;
            container.Node.Stopping += container.Resources;
            container.Ask.Stopping++;
            if (graceMs > 0)
            {
                container.KillAtMs = _nowMs + graceMs;
                _toKill.Add((container.KillAtMs, container.Id));
            }

            _decisions.Add(new SchedulerDecision.ContainerStopRequested(container.Id, container.Node.Name, reason, graceMs));
        }
    }

    private void Release(Container container, ContainerOutcome outcome)
    {
        var (ask, node) = (container.Ask, container.Node);
        _containers.Remove(container.Id);
        ask.Application.Running.Remove(container);
        ask.Containers?.Remove(container.Id);
        Account(container, -1);
        ask.Running--;
        node.Containers.Remove(container);
        if (container.IsStopping)
        {
            node.Stopping -= container.Resources;
            ask.Stopping--;
        }

        if (container.Devices is { } devices)
        {
            node.Gpus.Change(devices, 1);
        }

        _nodes.Give(node, container.Resources);
        if (node.State == NodeState.Active)
        {
            _shapes.Freed(node);
        }

        Score(node, outcome);
        Settle(container, container.IsVictim && outcome != ContainerOutcome.Succeeded && outcome != ContainerOutcome.Lost
            ? ContainerOutcome.Preempted : outcome);
        if (ask is { Definition.IsGang: true, Stopping: 0, Shape: { } shape })
        {
            _shapes.Retry(shape);
        }

        FinishIfOver(ask);
        ForgetIfOver(ask.Application);
        if (outcome != ContainerOutcome.Lost)
        {
            LeaveIfEmpty(node);
        }
    }

    /// <summary>A node on which container after container fails is probably sick.</summary>
    private void Score(Node node, ContainerOutcome outcome)
    {
        if (outcome == ContainerOutcome.Failed)
        {
            node.FailureScore += 0.5;
        }
        else if (outcome == ContainerOutcome.Succeeded)
        {
            node.FailureScore /= 2;
        }

        if (_options.NodeSuspectAfterMs > 0)
        {
            Stand(node, "containers fail on it");
        }
    }

    /// <summary>What the end of a container means for its task.</summary>
    private void Settle(Container container, ContainerOutcome outcome)
    {
        var (ask, application) = (container.Ask, container.Application);
        ask.Speculative -= container.IsSpeculative ? 1 : 0;
        if (ask.IsMaster)
        {
            MasterGone(application, outcome);
            return;
        }

        if (application.IsEnded || container.IsSuperseded || HasTwin(container, outcome))
        {
            return;
        }

        if (outcome is ContainerOutcome.Preempted or ContainerOutcome.Lost && ask.Definition.IsRequeued)
        {
            PutBack(ask, container.Task);
            return;
        }

        if (outcome == ContainerOutcome.Failed && MayRetry(container))
        {
            PutBack(ask, container.Task);
            return;
        }

        ask.Done++;
        ask.Failed += outcome is ContainerOutcome.Succeeded or ContainerOutcome.Killed ? 0 : 1;
        if (outcome == ContainerOutcome.Succeeded)
        {
            ask.RunSeconds?.Add((_nowMs - container.PlacedAtMs) / 1000.0);
        }
    }

    /// <summary>Whether another attempt of the same task decides it: the first success stops the other; a failure leaves it to the
    /// other.</summary>
    private bool HasTwin(Container container, ContainerOutcome outcome)
    {
        if (container.Ask.Containers is not { } attempts || Twin(attempts, container.Task) is not { } twin)
        {
            return false;
        }

        if (outcome != ContainerOutcome.Succeeded)
        {
            return true;
        }

        twin.IsSuperseded = true;
        RequestStop(twin, "another attempt of its task was done first");
        return false;
    }

    private static Container? Twin(SortedDictionary<long, Container> attempts, int task)
        => attempts.Values.FirstOrDefault(other => other.Task == task && !other.IsSuperseded);

    private bool MayRetry(Container container)
    {
        var (ask, application) = (container.Ask, container.Application);
        if (application.FailedOn(container.Node, _options.FailuresPerNodeMax))
        {
            AvoidedMore(application);
        }

        ask.FailuresByTask ??= [];
        return (ask.FailuresByTask[container.Task] = ask.FailuresByTask.GetValueOrDefault(container.Task) + 1) <= ask.Definition.RetriesMax;
    }

    /// <summary>From now on nodes answer this application for itself. One that would avoid all nodes avoids none.</summary>
    private void AvoidedMore(Application application)
    {
        if (_nodes.All.All(application.Avoids))
        {
            application.Forgive();
        }

        foreach (var ask in application.Waiting.ToArray())
        {
            Shut(ask);
            Open(ask);
        }
    }
}
