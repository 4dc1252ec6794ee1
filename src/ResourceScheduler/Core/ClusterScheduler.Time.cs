using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Nodes;

namespace DataPlatform.ResourceScheduler;

/// <content>What happens because time has passed.</content>
public sealed partial class ClusterScheduler
{
    private readonly SortedSet<(long AtMs, long ContainerId)> _toKill = [];
    private readonly SortedSet<Ask> _speculative = new(Comparer<Ask>.Create(static (left, right) => left.Id.CompareTo(right.Id)));

    private void LetTimePass()
    {
        LookAtNodes();
        LookAtMasters();
        LookAtLifetimes();
        LookAtDueAsks();
        KillOverdue();
        Speculate();
        ReserveForWaiting();
        PreemptIfDue();
    }

    private void LookAtNodes()
    {
        if (_options.NodeSuspectAfterMs <= 0 && _nodes.Leaving == 0)
        {
            return;
        }

        foreach (var node in _nodes.All.ToArray())
        {
            if (_options.NodeSuspectAfterMs > 0 && _nowMs - node.ReportedAtMs >= _options.NodeLostAfterMs)
            {
                GiveUp(node, NodeState.Lost, $"it has not reported for {_nowMs - node.ReportedAtMs} ms");
                continue;
            }

            Stand(node, "it has not reported lately");
            if (node.LeaveAtMs > 0 && _nowMs >= node.LeaveAtMs)
            {
                foreach (var container in node.Containers.InOrder())
                {
                    RequestStop(container, $"node '{node.Name}' leaves and its time limit is over");
                }
            }
        }
    }

    private void LookAtMasters()
    {
        if (_options.MasterLostAfterMs <= 0)
        {
            return;
        }

        foreach (var application in _applications.Values.Where(application => application.MasterContainerId != 0).ToArray())
        {
            if (_nowMs - application.MasterSeenMs >= _options.MasterLostAfterMs
                && _containers.TryGetValue(application.MasterContainerId, out var master) && !master.IsStopping)
            {
                RequestStop(master, "its application master has not reported");
            }
        }
    }

    private void LookAtLifetimes()
    {
        if (!_hasLifetimes)
        {
            return;
        }

        foreach (var application in _applications.Values.Where(application => !application.IsEnded).ToArray())
        {
            for (var queue = application.Leaf; queue is not null; queue = queue.Parent)
            {
                if (queue.Options.LifetimeMaxMs > 0 && _nowMs - application.SubmittedAtMs >= queue.Options.LifetimeMaxMs)
                {
                    End(application, ApplicationState.Killed,
                        $"it reached the longest life of queue '{queue.Path}', {queue.Options.LifetimeMaxMs} ms");
                    break;
                }
            }
        }
    }

    private void LookAtDueAsks()
    {
        while (_due.Count > 0 && _due.Min is var due && due.DueMs <= _nowMs)
        {
            _due.Remove(due);
            if (!_asks.TryGetValue(due.AskId, out var ask) || ask.Shape is null)
            {
                continue;
            }

            if (ask.Definition is { IsGang: true, GangTimeLimitMs: > 0 } && ask.Running == 0
                && _nowMs - ask.AskedAtMs >= ask.Definition.GangTimeLimitMs)
            {
                _decisions.Add(new SchedulerDecision.AskRefused(ask.Id, ask.Application.Id,
                    $"{Describe(ask.Definition)} of application '{ask.Application.Definition.Name}' did not find room for all in {ask.Definition.GangTimeLimitMs} ms."));
                ask.Failed += ask.Pending;
                Drop(ask);
            }
            else
            {
                _shapes.Retry(ask.Shape);
            }
        }
    }

    private void KillOverdue()
    {
        while (_toKill.Count > 0 && _toKill.Min is var next && next.AtMs <= _nowMs)
        {
            _toKill.Remove(next);
            if (_containers.TryGetValue(next.ContainerId, out var container))
            {
                _decisions.Add(new SchedulerDecision.ContainerStopRequested(container.Id, container.Node.Name, "its grace is over"));
            }
        }
    }

    private void Speculate()
    {
        foreach (var ask in _speculative.ToArray())
        {
            if (ask.Containers!.Count > 0 && ask.Application.State == ApplicationState.Running)
            {
                Speculate(ask);
            }
        }
    }

    private void Speculate(Ask ask)
    {
        if (ask.Definition.Speculation!.ThresholdSeconds(ask.Definition.Count, ask.RunSeconds!) is not { } threshold)
        {
            return;
        }

        var mean = ask.RunSeconds!.Average();
        var room = Speculation.AttemptsMax(ask.Definition.Count, ask.Running) - ask.Speculative;
        foreach (var slow in ask.Containers!.Values.Where(container => IsSlow(container, threshold)).ToArray())
        {
            // How long the slow attempt still takes is not known; that it takes as long again as it has run is the usual guess.
            var elapsed = (_nowMs - slow.PlacedAtMs) / 1000.0;
            if (room > 0 && Speculation.IsWorthIt(_nowMs / 1000.0, slow.PlacedAtMs / 1000.0, 2 * elapsed, mean))
            {
                room--;
                ask.Speculative++;
                PutBack(ask, slow.Task, isSpeculative: true);
            }
        }
    }

    private bool IsSlow(Container container, double threshold)
        => !container.IsSpeculative && !container.IsStopping && (_nowMs - container.PlacedAtMs) / 1000.0 > threshold
            && !container.Ask.PutBack.Any(task => task.Task == container.Task)
            && container.Ask.Containers!.Values.Count(other => other.Task == container.Task) == 1;
}
