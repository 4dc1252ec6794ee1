using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;

namespace DataPlatform.ResourceScheduler;

/// <content>Applications, their asks and their containers.</content>
public sealed partial class ClusterScheduler
{
    private void Submit(SchedulerEvent.ApplicationSubmitted submitted)
    {
        var definition = submitted.Application;
        if (_applications.ContainsKey(submitted.ApplicationId))
        {
            Refuse($"Application {submitted.ApplicationId} was submitted before.");
        }
        else if (!_queues.TryGetValue(definition.Queue, out var queue))
        {
            _decisions.Add(new SchedulerDecision.ApplicationRefused(submitted.ApplicationId,
                $"Application '{definition.Name}' names the queue '{definition.Queue}', which does not exist."));
        }
        else if (!queue.IsLeaf)
        {
            _decisions.Add(new SchedulerDecision.ApplicationRefused(submitted.ApplicationId,
                $"Application '{definition.Name}' names the queue '{definition.Queue}', which has queues below it; applications run in leaves."));
        }
        else
        {
            _applications.Add(submitted.ApplicationId, new Application(submitted.ApplicationId, definition, queue));
            queue.ApplicationCount++;
        }
    }

    private void AddAsk(SchedulerEvent.ContainersAsked asked)
    {
        if (!_applications.TryGetValue(asked.ApplicationId, out var application) || application.IsEnded)
        {
            Refuse($"Ask {asked.AskId} is for application {asked.ApplicationId}, which is not there.");
            return;
        }

        if (_asks.ContainsKey(asked.AskId) || asked.Ask.Count < 1 || asked.Ask.Resources.IsZero)
        {
            Refuse($"Ask {asked.AskId} was made before, or asks for nothing.");
            return;
        }

        if (WhyNever(application, asked.Ask) is { } reason)
        {
            _decisions.Add(new SchedulerDecision.AskRefused(asked.AskId, application.Id, reason));
            return;
        }

        var ask = new Ask(asked.AskId, application, asked.Ask, _shapes.Join(asked.Ask.Resources), _nowMs);
        _asks.Add(ask.Id, ask);
        application.Add(ask);
        if (application.Waiting.Count == 1)
        {
            application.Leaf.Enlist(application);
        }

        AddPending(application.Leaf, ask.Definition.Resources, ask.Pending);
        RefreshMasks(application.Leaf);
    }

    /// <summary>The limit that no ending container will ever lift, or null.</summary>
    private string? WhyNever(Application application, ContainerAsk ask)
    {
        for (var queue = application.Leaf; queue is not null; queue = queue.Parent)
        {
            if (!ask.Resources.WithinBound(queue.Max))
            {
                return $"Application '{application.Definition.Name}' asks for a container of ({ask.Resources}), above the maximum of queue '{queue.Path}' ({queue.Max}).";
            }
        }

        return _nodes.Count > 0 && !_nodes.CouldEverHold(ask.Resources)
            ? $"Application '{application.Definition.Name}' asks for a container of ({ask.Resources}); no node is that large, even empty: the largest amounts are ({_nodes.Largest})."
            : null;
    }

    private void CancelAsk(SchedulerEvent.AskCancelled cancelled)
    {
        if (!_asks.TryGetValue(cancelled.AskId, out var ask))
        {
            Refuse($"Ask {cancelled.AskId} is not there: it was served and is over, or was never made.");
            return;
        }

        DropPending(ask);
    }

    private void DropPending(Ask ask)
    {
        if (ask.Pending > 0)
        {
            AddPending(ask.Application.Leaf, ask.Definition.Resources, -ask.Pending);
            ask.Pending = 0;
            NothingPending(ask);
        }

        if (ask.IsOver)
        {
            _asks.Remove(ask.Id);
        }
    }

    private void NothingPending(Ask ask)
    {
        _shapes.Leave(ask.Shape);
        ask.Application.Remove(ask);
        if (ask.Application.Waiting.Count == 0)
        {
            ask.Application.Leaf.Delist(ask.Application);
        }

        RefreshMasks(ask.Application.Leaf);
    }

    private void EndContainer(SchedulerEvent.ContainerEnded ended)
    {
        if (_containers.TryGetValue(ended.ContainerId, out var container))
        {
            Release(container);
        }
        else
        {
            Refuse($"Container {ended.ContainerId} is not running: it ended before, or never was.");
        }
    }

    private void EndApplication(SchedulerEvent.ApplicationEnded ended)
    {
        if (!_applications.TryGetValue(ended.ApplicationId, out var application) || application.IsEnded)
        {
            Refuse($"Application {ended.ApplicationId} is not there.");
            return;
        }

        application.IsEnded = true;
        foreach (var ask in application.Waiting.ToArray())
        {
            DropPending(ask);
        }

        foreach (var container in application.Running.Values)
        {
            RequestStop(container, $"application '{application.Definition.Name}' ended");
        }

        ForgetIfOver(application);
    }

    private void RequestStop(Container container, string reason)
    {
        if (!container.StopRequested)
        {
            container.StopRequested = true;
            _decisions.Add(new SchedulerDecision.ContainerStopRequested(container.Id, container.Node.Name, reason));
        }
    }

    private void Release(Container container)
    {
        var ask = container.Ask;
        var application = ask.Application;
        _containers.Remove(container.Id);
        application.Running.Remove(container.Id);
        application.Used -= container.Resources;
        application.DominantShare = application.Used.DominantShare(_nodes.Total);
        Charge(application.Leaf, container.Resources, -1);
        ask.Running--;
        if (ask.IsOver)
        {
            _asks.Remove(ask.Id);
        }

        Free(container);
        ForgetIfOver(application);
    }

    private void ForgetIfOver(Application application)
    {
        if (application.IsEnded && application.Running.Count == 0)
        {
            _applications.Remove(application.Id);
            application.Leaf.ApplicationCount--;
        }
    }
}
