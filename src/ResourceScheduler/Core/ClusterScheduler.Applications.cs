using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler;

/// <content>The life of applications and their masters.</content>
public sealed partial class ClusterScheduler
{
    private readonly SortedDictionary<long, Application> _parked = [];
    private readonly Dictionary<string, int> _runningByUser = new(StringComparer.Ordinal);

    private void Submit(SchedulerEvent.ApplicationSubmitted submitted)
    {
        var definition = submitted.Application;
        var (path, nowhere) = _tree.Placement.Place(definition, queue => _queues.ContainsKey(queue));
        LastId = Math.Max(LastId, submitted.ApplicationId);
        if (_applications.ContainsKey(submitted.ApplicationId))
        {
            Refuse($"Application {submitted.ApplicationId} was submitted before.");
            return;
        }

        if (nowhere is not null)
        {
            _decisions.Add(new SchedulerDecision.ApplicationRefused(submitted.ApplicationId,
                $"Application '{definition.Name}': {nowhere}."));
            return;
        }

        definition = definition.Queue == path ? definition : definition with { Queue = path! };
        var leaf = LeafFor(definition.Queue, out var missing);
        if (WhyNotAdmitted(definition, leaf, missing) is { } reason)
        {
            _decisions.Add(new SchedulerDecision.ApplicationRefused(submitted.ApplicationId, reason));
            return;
        }

        var application = new Application(submitted.ApplicationId, definition, leaf!, _nowMs);
        _applications.Add(application.Id, application);
        for (var queue = leaf; queue is not null; queue = queue.Parent)
        {
            queue.ApplicationCount++;
        }

        if (!TryActivate(application))
        {
            _parked.Add(application.Id, application);
        }
    }

    private string? WhyNotAdmitted(ApplicationSpecification definition, Queue? leaf, string? missing)
    {
        if (leaf is null)
        {
            return $"Application '{definition.Name}' names {missing}.";
        }

        var (maySubmit, isSaid) = (false, false);
        for (var queue = leaf; queue is not null; queue = queue.Parent)
        {
            isSaid |= queue.Options.SubmitAccess is not null;
            maySubmit |= (queue.Options.SubmitAccess?.Allows(definition.User, definition.Groups) ?? false)
                || queue.Options.AdministerAccess.Allows(definition.User, definition.Groups);
            if (queue.Options.State != QueueState.Running)
            {
                return $"Application '{definition.Name}' names a queue under '{queue.Path}', which is {queue.Options.State} and takes no new ones.";
            }

            if (queue.ApplicationCount >= queue.Options.ApplicationsMax)
            {
                return $"Queue '{queue.Path}' holds {queue.ApplicationCount} applications, which is its maximum; '{definition.Name}' is one too many.";
            }
        }

        return isSaid && !maySubmit ? $"User '{definition.User}' may not submit to queue '{leaf.Path}'."
            : definition.Master is { } master ? WhyNever(definition.Name, leaf, new ContainerAsk(master)) : null;
    }

    private bool TryActivate(Application application)
    {
        for (var queue = application.Leaf; queue is not null; queue = queue.Parent)
        {
            if (queue.RunningApplications >= queue.Options.RunningApplicationsMax)
            {
                return false;
            }
        }

        var user = application.Definition.User;
        if (_runningByUser.GetValueOrDefault(user) >= _tree.Placement.RunningApplicationsMax(user))
        {
            return false;
        }

        if (application.Definition.Master is { } master && !MasterFits(application.Leaf, master))
        {
            return false;
        }

        for (var queue = application.Leaf; queue is not null; queue = queue.Parent)
        {
            queue.RunningApplications++;
        }

        _runningByUser[user] = _runningByUser.GetValueOrDefault(user) + 1;
        application.Leaf.Join(application);
        Enter(application, ApplicationState.Accepted, "its queue lets it run");
        if (application.Definition.Master is { } resources)
        {
            application.Leaf.MastersUsed += resources;
            AskForMaster(application, resources);
        }
        else
        {
            OpenAsks(application);
        }

        return true;
    }

    /// <summary>Masters hold at most their share of the leaf; the first one may always start.</summary>
    private bool MasterFits(Queue leaf, in ResourceVector master)
    {
        if (leaf.Options.MasterShareMax >= 1 || leaf.MastersUsed.IsZero)
        {
            return true;
        }

        var whole = ResourceVector.Max(leaf.Guarantee, ResourceVector.Min(leaf.Max, _nodes.Total).Scale(leaf.Guarantee.IsZero ? 1 : 0));
        return (leaf.MastersUsed + master).FitsIn(whole.Scale(leaf.Options.MasterShareMax));
    }

    private void AskForMaster(Application application, in ResourceVector resources)
    {
        application.MasterAttempts++;
        var ask = new Ask(long.MinValue + application.Id, application,
            new ContainerAsk(resources) { Priority = int.MaxValue, IsRequeued = true }, _nowMs)
        { IsMaster = true };
        _asks[ask.Id] = ask;
        application.Asks[ask.Id] = ask;
        Open(ask);
    }

    private void MasterReported(SchedulerEvent.MasterReported reported)
    {
        if (!_applications.TryGetValue(reported.ApplicationId, out var application) || application.MasterContainerId == 0)
        {
            Refuse($"The master of application {reported.ApplicationId} reported, but no such master runs.");
            return;
        }

        application.MasterSeenMs = _nowMs;
        if (application.State == ApplicationState.Accepted)
        {
            Enter(application, ApplicationState.Running, "its master registered");
            OpenAsks(application);
        }
    }

    private void MasterGone(Application application, ContainerOutcome outcome)
    {
        application.MasterContainerId = 0;
        if (application.IsEnded)
        {
            return;
        }

        if (outcome is ContainerOutcome.Lost or ContainerOutcome.Preempted)
        {
            // Not the master's fault, so not one of its attempts.
            application.MasterAttempts--;
        }
        else if (application.MasterAttempts > application.Definition.MasterRetriesMax)
        {
            End(application, ApplicationState.Failed, $"its master ended as {outcome} for the {application.MasterAttempts}. time");
            return;
        }

        AskForMaster(application, application.Definition.Master!.Value);
    }

    private void EndApplication(SchedulerEvent.ApplicationEnded ended)
    {
        if (!_applications.TryGetValue(ended.ApplicationId, out var application) || application.IsEnded)
        {
            Refuse($"Application {ended.ApplicationId} is not there.");
        }
        else if (ended.User is { } user && user != application.Definition.User && !MayAdminister(application.Leaf, user, ended.Groups))
        {
            Refuse($"User '{user}' may not stop application {application.Id} of user '{application.Definition.User}': "
                + $"queue '{application.Leaf.Path}' and those above it do not let that user administer.");
        }
        else
        {
            var state = ended.State is ApplicationState.Failed or ApplicationState.Killed ? ended.State : ApplicationState.Finished;
            End(application, state, "it was ended");
        }
    }

    private static bool MayAdminister(Queue leaf, string user, IReadOnlyList<string> groups)
    {
        for (var queue = leaf; queue is not null; queue = queue.Parent)
        {
            if (queue.Options.AdministerAccess.Allows(user, groups))
            {
                return true;
            }
        }

        return false;
    }

    private void End(Application application, ApplicationState state, string reason)
    {
        var wasActive = application.IsActive;
        application.IsEnding = true;
        foreach (var ask in application.Asks.Values.ToArray())
        {
            Drop(ask);
        }

        Enter(application, state, reason);
        foreach (var container in application.Running.InOrder())
        {
            RequestStop(container, $"application '{application.Definition.Name}' ended");
        }

        _parked.Remove(application.Id);
        for (var queue = application.Leaf; wasActive && queue is not null; queue = queue.Parent)
        {
            queue.RunningApplications--;
        }

        if (wasActive)
        {
            StopsRunning(application.Definition.User);
        }

        if (wasActive && application.Definition.Master is { } master)
        {
            application.Leaf.MastersUsed -= master;
        }

        ForgetIfOver(application);
        ActivateParked();
    }

    private void StopsRunning(string user)
    {
        if (--_runningByUser[user] == 0)
        {
            _runningByUser.Remove(user);
        }
    }

    private void ActivateParked()
    {
        if (_parked.Count == 0)
        {
            return;
        }

        foreach (var application in _parked.Values.ToArray())
        {
            if (TryActivate(application))
            {
                _parked.Remove(application.Id);
            }
        }
    }

    private void Enter(Application application, ApplicationState state, string reason)
    {
        application.State = state;
        _decisions.Add(new SchedulerDecision.ApplicationStateChanged(application.Id, state, reason));
    }

    private void ForgetIfOver(Application application)
    {
        if (application.IsEnded && application.Running.Count == 0 && _applications.Remove(application.Id))
        {
            application.Leaf.Leave(application);
            for (var queue = application.Leaf; queue is not null; queue = queue.Parent)
            {
                queue.ApplicationCount--;
            }
        }
    }
}
