using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler;

/// <content>Asks: taken in, opened for placement, served, dropped.</content>
public sealed partial class ClusterScheduler
{
    private readonly SortedSet<(long DueMs, long AskId)> _due = [];

    private void AddAsk(SchedulerEvent.ContainersAsked asked)
    {
        LastId = Math.Max(LastId, asked.AskId);
        if (!_applications.TryGetValue(asked.ApplicationId, out var application) || application.IsEnded)
        {
            Refuse($"Ask {asked.AskId} is for application {asked.ApplicationId}, which is not there.");
            return;
        }

        if (asked.AskId < 0 || _asks.ContainsKey(asked.AskId) || asked.Ask.Count < 1 || asked.Ask.Resources.IsZero)
        {
            Refuse($"Ask {asked.AskId} was made before, or asks for nothing.");
            return;
        }

        var wish = Labelled(application.Leaf, asked.Ask);
        if (WhyNever(application.Definition.Name, application.Leaf, wish) is { } reason)
        {
            _decisions.Add(new SchedulerDecision.AskRefused(asked.AskId, application.Id, reason));
            return;
        }

        var ask = new Ask(asked.AskId, application, wish, _nowMs);
        _asks.Add(ask.Id, ask);
        application.Asks.Add(ask.Id, ask);
        RememberDue(ask);
        if (ask.Containers is not null)
        {
            _speculative.Add(ask);
        }

        OpenIfPlaceable(ask);
    }

    /// <summary>An ask that names no label gets the default one of its queue.</summary>
    private static ContainerAsk Labelled(Queue leaf, ContainerAsk ask)
    {
        for (var queue = leaf; queue is not null && ask.NodeLabel.Length == 0; queue = queue.Parent)
        {
            if (queue.Options.DefaultLabel.Length > 0)
            {
                return ask with { NodeLabel = queue.Options.DefaultLabel };
            }
        }

        return ask;
    }

    private void RememberDue(Ask ask)
    {
        if (ask.Definition.HasPreference)
        {
            _due.Add((_nowMs + ask.Definition.LocalityDelayMs, ask.Id));
            _due.Add((_nowMs + (2 * ask.Definition.LocalityDelayMs), ask.Id));
        }

        if (ask.Definition is { IsGang: true, GangTimeLimitMs: > 0 })
        {
            _due.Add((_nowMs + ask.Definition.GangTimeLimitMs, ask.Id));
        }
    }

    /// <summary>The limit that no ending container will ever lift, or null.</summary>
    private string? WhyNever(string name, Queue leaf, ContainerAsk ask)
    {
        var whole = ask.IsGang ? ask.Resources * ask.Count : ask.Resources;
        for (var queue = leaf; queue is not null; queue = queue.Parent)
        {
            if (!ask.Resources.WithinBound(queue.Options.ContainerMax))
            {
                return $"Application '{name}' asks for {Describe(ask)}, above the largest container of queue '{queue.Path}' ({queue.Options.ContainerMax}).";
            }

            if (!whole.WithinBound(queue.Options.Max))
            {
                return $"Application '{name}' asks for {Describe(ask)}, above the maximum of queue '{queue.Path}' ({queue.Options.Max}).";
            }
        }

        if (ask.NodeLabel.Length > 0 && WhyNotLabel(name, leaf, ask.NodeLabel) is { } reason)
        {
            return reason;
        }

        return _nodes.Count > 0 && !_nodes.All.Any(node => ask.Resources.FitsIn(node.Capacity)
            && ask.Resources.GpuMillis <= node.Capacity.GpuMillis)
            ? $"Application '{name}' asks for {Describe(ask)}; no node is that large, even empty: the largest amounts are ({_nodes.Largest})."
            : null;
    }

    private string? WhyNotLabel(string name, Queue leaf, string label)
    {
        if (_nodes.Count > 0 && !_nodes.KnowsLabel(label))
        {
            return $"Application '{name}' asks for the node label '{label}', which no node has.";
        }

        var owner = leaf;
        while (owner.Parent is not null && owner.Options.Labels.Count == 0)
        {
            owner = owner.Parent;
        }

        var mayUse = owner.Options.Labels.Contains(label, StringComparer.Ordinal)
            || owner.Options.Labels.Contains("*", StringComparer.Ordinal);
        return mayUse ? null : $"Application '{name}' asks for the node label '{label}', which queue '{leaf.Path}' may not use.";
    }

    private static string Describe(ContainerAsk ask)
        => ask.IsGang ? $"a gang of {ask.Count} x ({ask.Resources})" : $"a container of ({ask.Resources})";

    private void CancelAsk(SchedulerEvent.AskCancelled cancelled)
    {
        if (_asks.TryGetValue(cancelled.AskId, out var ask) && !ask.IsMaster)
        {
            Drop(ask);
        }
        else
        {
            Refuse($"Ask {cancelled.AskId} is not there: it was served and is over, or was never made.");
        }
    }

    /// <summary>Gives up what is pending of an ask.</summary>
    private void Drop(Ask ask)
    {
        Shut(ask);
        ask.Done += ask.Pending;
        ask.Pending = 0;
        ask.PutBack.Clear();
        FinishIfOver(ask);
    }

    private static bool IsPlaceable(Ask ask)
        => ask.Pending > 0 && ask.Application.IsActive
            && (ask.IsMaster || ask.Application.Definition.Master is null || ask.Application.State == ApplicationState.Running)
            && ask.Definition.DependsOn.All(ask.Application.DoneAsks.Contains);

    private void OpenAsks(Application application)
    {
        foreach (var ask in application.Asks.Values.ToArray())
        {
            OpenIfPlaceable(ask);
        }
    }

    private void OpenIfPlaceable(Ask ask)
    {
        if (ask.Shape is null && IsPlaceable(ask))
        {
            Open(ask);
        }
    }

    private void Open(Ask ask)
    {
        var application = ask.Application;
        ask.Shape = _shapes.Join(ShapeKey.Of(ask.Id, application, ask.Definition, ask.Reserved.Count > 0), _nowMs);
        if (application.Waiting.Count == 0)
        {
            application.Leaf.Enlist(application);
        }

        application.Enlist(ask);
        AddPending(application.Leaf, ask.Definition.Resources, ask.Pending);
        RefreshMasks(application.Leaf);
    }

    private void Shut(Ask ask)
    {
        if (ask.Shape is null)
        {
            return;
        }

        if (ask.Pending > 0)
        {
            AddPending(ask.Application.Leaf, ask.Definition.Resources, -ask.Pending);
        }

        _shapes.Leave(ask.Shape);
        ask.Shape = null;
        ask.Application.Delist(ask);
        if (ask.Application.Waiting.Count == 0)
        {
            ask.Application.Leaf.Delist(ask.Application);
        }

        RefreshMasks(ask.Application.Leaf);
        while (ask.Reserved.Count > 0)
        {
            Unreserve(ask.Reserved[^1]);
        }
    }

    /// <summary>One more container of the ask is wanted: a task runs again.</summary>
    private void PutBack(Ask ask, int task, bool isSpeculative = false)
    {
        ask.PutBack.Enqueue(new PutBackTask(task, _nowMs, isSpeculative));
        ask.Pending++;
        if (ask.Shape is not null)
        {
            AddPending(ask.Application.Leaf, ask.Definition.Resources, 1);
        }
        else
        {
            OpenIfPlaceable(ask);
        }
    }

    private void FinishIfOver(Ask ask)
    {
        // A master that is started again has a new ask under the number of the old one.
        if (!ask.IsOver || _asks.GetValueOrDefault(ask.Id) != ask)
        {
            return;
        }

        _asks.Remove(ask.Id);

        ask.Application.Asks.Remove(ask.Id);
        _speculative.Remove(ask);
        if (ask.IsMaster || ask.Application.IsEnded)
        {
            return;
        }

        _decisions.Add(new SchedulerDecision.AskCompleted(ask.Id, ask.Application.Id, ask.Failed));
        ask.Application.DoneAsks.Add(ask.Id);
        ask.Application.FailedTasks += ask.Failed;
        foreach (var next in ask.Application.Asks.Values.Where(next => next.Definition.DependsOn.Contains(ask.Id)).ToArray())
        {
            OpenIfPlaceable(next);
        }

        if (ask.Application is { IsEnding: false, Definition.EndsWithAsks: true, Asks.Count: 0 } application)
        {
            End(application, application.FailedTasks == 0 ? ApplicationState.Finished : ApplicationState.Failed, "its last ask is done");
        }
    }
}
