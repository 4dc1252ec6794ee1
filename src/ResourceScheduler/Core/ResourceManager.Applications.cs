using DataPlatform.Kernel;
using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;

namespace DataPlatform.ResourceScheduler;

/// <content>Applications: submitted, driven by their masters, ended.</content>
public sealed partial class ResourceManager
{
    /// <summary>Ended applications that are remembered.</summary>
    private const int FinishedMax = 10_000;

    private readonly Dictionary<long, ApplicationMaster> _masters = [];
    private readonly Dictionary<long, TaskCompletionSource<FinishedApplication>> _endings = [];
    private readonly SortedDictionary<long, FinishedApplication> _finished = [];
    private readonly Dictionary<long, ApplicationSpecification> _known = [];
    private readonly Dictionary<long, (ApplicationMaster Master, long AskId, int Task)> _held = [];
    private readonly Lock _finishedGate = new();

    /// <summary>Submits an application with its asks, all or nothing. It is durable when this completes.</summary>
    /// <param name="submission">What it is and wants.</param>
    /// <param name="cancellationToken">Gives up; it may have been submitted.</param>
    /// <returns>The application's number.</returns>
    /// <exception cref="SchedulerException">Invalid: its queue does not take it, or no node or queue could ever hold one of its
    /// asks.</exception>
    public ValueTask<long> SubmitAsync(ApplicationSubmission submission, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(submission);
        for (var i = 0; i < submission.Asks.Count; i++)
        {
            if (submission.Asks[i].DependsOn.Any(place => place < 0 || place >= i))
            {
                throw new ArgumentException($"Ask {i} of '{submission.Application.Name}' depends on one that does not come before it.",
                    nameof(submission));
            }
        }

        return CallAsync(() => Submit(submission), cancellationToken);
    }

    /// <summary>Ends an application: what is pending is dropped, what runs is stopped.</summary>
    /// <param name="applicationId">The application.</param>
    /// <param name="user">Who ends it: its owner, or one who may administer a queue of its path; null for the platform itself.</param>
    /// <param name="groups">The groups of that user.</param>
    /// <param name="cancellationToken">Gives up; it may have been killed.</param>
    /// <exception cref="SchedulerException">Invalid: there is no such application, or it is over. Conflict: the user may not.</exception>
    public async ValueTask KillAsync(long applicationId, string? user = null, IReadOnlyList<string>? groups = null,
        CancellationToken cancellationToken = default)
        => await CallAsync(
            () =>
            {
                FindApplication(applicationId);
                EnsureTaken(Apply(new SchedulerEvent.ApplicationEnded(NowMs, applicationId, ApplicationState.Killed)
                {
                    User = user,
                    Groups = groups ?? [],
                }));
                return true;
            },
            cancellationToken).ConfigureAwait(false);

    /// <summary>Registers the master of an application, or what drives one without a master container. A master that registered before
    /// is refused from now on.</summary>
    /// <param name="applicationId">The application.</param>
    /// <param name="cancellationToken">Gives up; it may have been registered.</param>
    /// <returns>The master's line to the manager; containers that run already are in it.</returns>
    /// <exception cref="SchedulerException">Invalid: there is no such application, or its master container does not run.</exception>
    public ValueTask<ApplicationMaster> RegisterMasterAsync(long applicationId, CancellationToken cancellationToken = default)
        => CallAsync(() => Register(applicationId), cancellationToken);

    /// <summary>Waits until an application is over.</summary>
    /// <param name="applicationId">The application.</param>
    /// <param name="cancellationToken">Gives up the wait.</param>
    /// <exception cref="SchedulerException">Invalid: there is no such application, and none that ended since this manager
    /// began.</exception>
    public async ValueTask<FinishedApplication> WaitForApplicationAsync(long applicationId, CancellationToken cancellationToken = default)
    {
        var ending = await CallAsync(() => EndingOf(applicationId), cancellationToken).ConfigureAwait(false);
        return await ending.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Applications that ended since this manager began, newest first; the last 10,000 are known.</summary>
    /// <param name="beforeId">Only those with a smaller number; null for the newest.</param>
    /// <param name="limit">How many at most.</param>
    public IReadOnlyList<FinishedApplication> FinishedApplications(long? beforeId = null, int limit = 100)
    {
        lock (_finishedGate)
        {
            return [.. _finished.Values.Reverse().Where(application => beforeId is null || application.Id < beforeId).Take(limit)];
        }
    }

    internal ValueTask<long> AskAsync(ApplicationMaster master, ContainerAsk ask, CancellationToken cancellationToken)
        => CallAsync(() => Ask(Speaking(master), ask), cancellationToken);

    internal async ValueTask CancelAskAsync(ApplicationMaster master, long askId, CancellationToken cancellationToken)
        => await CallAsync(
            () =>
            {
                if (_durable.Scheduler.FindAsk(askId)?.Application.Id != Speaking(master))
                {
                    throw SchedulerException.Invalid($"Application {master.ApplicationId} has no open ask {askId}.");
                }

                return Apply(new SchedulerEvent.AskCancelled(NowMs, askId)).Count;
            },
            cancellationToken).ConfigureAwait(false);

    internal async ValueTask ReleaseAsync(ApplicationMaster master, long containerId, ContainerOutcome outcome,
        CancellationToken cancellationToken)
        => await CallAsync(() => Release(Speaking(master), containerId, outcome), cancellationToken).ConfigureAwait(false);

    internal async ValueTask HeartbeatAsync(ApplicationMaster master, CancellationToken cancellationToken)
        => await CallAsync(() => Heard(Speaking(master)), cancellationToken).ConfigureAwait(false);

    internal async ValueTask FinishAsync(ApplicationMaster master, ApplicationState state, CancellationToken cancellationToken)
        => await CallAsync(() => Apply(new SchedulerEvent.ApplicationEnded(NowMs, Speaking(master), state)).Count, cancellationToken)
            .ConfigureAwait(false);

    private long Submit(ApplicationSubmission submission)
    {
        var id = ++_lastId;
        var decisions = Apply(new SchedulerEvent.ApplicationSubmitted(NowMs, id, submission.Application));
        if (decisions.OfType<SchedulerDecision.ApplicationRefused>().FirstOrDefault() is { } refusal)
        {
            throw SchedulerException.Invalid(refusal.Reason);
        }

        _known.Add(id, submission.Application);
        var firstAsk = _lastId + 1;
        _lastId += submission.Asks.Count;
        for (var i = 0; i < submission.Asks.Count; i++)
        {
            var ask = submission.Asks[i];
            if (WhyRefused(id, firstAsk + i, ask with { DependsOn = [.. ask.DependsOn.Select(place => firstAsk + place)] }) is { } reason)
            {
                Apply(new SchedulerEvent.ApplicationEnded(NowMs, id, ApplicationState.Failed));
                throw SchedulerException.Invalid(reason);
            }
        }

        return id;
    }

    private long Ask(long applicationId, ContainerAsk ask)
    {
        var id = ++_lastId;
        return WhyRefused(applicationId, id, ask) is { } reason ? throw SchedulerException.Invalid(reason) : id;
    }

    private string? WhyRefused(long applicationId, long askId, ContainerAsk ask)
        => Apply(new SchedulerEvent.ContainersAsked(NowMs, applicationId, askId, ask)).Select(decision => decision switch
        {
            SchedulerDecision.AskRefused refused when refused.AskId == askId => refused.Reason,
            SchedulerDecision.EventRefused refused => refused.Reason,
            _ => null,
        }).FirstOrDefault(reason => reason is not null);

    private ApplicationMaster Register(long applicationId)
    {
        var application = FindApplication(applicationId);
        if (application.Definition.Master is not null)
        {
            EnsureTaken(Apply(new SchedulerEvent.MasterReported(NowMs, applicationId)));
        }

        var attempt = 1;
        if (_masters.Remove(applicationId, out var before))
        {
            attempt = before.Attempt + 1;
            before.End(new SchedulerException(ErrorKind.Conflict, $"Another master registered for application {applicationId}."));
        }

        var master = new ApplicationMaster(this, applicationId, attempt);
        _masters.Add(applicationId, master);
        foreach (var container in application.Running.InOrder().Where(container => !container.Ask.IsMaster))
        {
            _held[container.Id] = (master, container.Ask.Id, container.Task);
            master.Tell(new ApplicationNotice.Allocated(ContextOf(container), container.Ask.Id, container.Task));
        }

        return master;
    }

    /// <summary>The application a master speaks for, if it still does.</summary>
    private long Speaking(ApplicationMaster master)
    {
        if (!_masters.TryGetValue(master.ApplicationId, out var current))
        {
            throw new SchedulerException(ErrorKind.Conflict, $"Application {master.ApplicationId} is over.");
        }

        return current == master ? master.ApplicationId : throw new SchedulerException(ErrorKind.Conflict,
            $"Application {master.ApplicationId} has another master by now (attempt {current.Attempt}); this one is attempt {master.Attempt}.");
    }

    private bool Heard(long applicationId)
    {
        if (FindApplication(applicationId).Definition.Master is not null)
        {
            EnsureTaken(Apply(new SchedulerEvent.MasterReported(NowMs, applicationId)));
        }

        return true;
    }

    private bool Release(long applicationId, long containerId, ContainerOutcome outcome)
    {
        if (_durable.Scheduler.FindContainer(containerId) is not { } container || container.Application.Id != applicationId)
        {
            throw SchedulerException.Invalid($"Application {applicationId} has no container {containerId}.");
        }

        if (container.Ask.Definition.Work is not null && _sessions.ContainsKey(container.Node.Name))
        {
            SendStop(container.Node.Name, containerId, _options.ReleaseGraceMs, "its master gave it back");
            return true;
        }

        CountEnd(outcome);
        Apply(new SchedulerEvent.ContainerEnded(NowMs, containerId, outcome));
        TellEnded(containerId, outcome);
        return true;
    }

    private Application FindApplication(long id)
        => _durable.Scheduler.FindApplication(id) is { IsEnded: false } application ? application
            : throw SchedulerException.Invalid($"There is no application {id}: it is over, or never was.");

    private Task<FinishedApplication> EndingOf(long applicationId)
    {
        lock (_finishedGate)
        {
            if (_finished.TryGetValue(applicationId, out var finished))
            {
                return Task.FromResult(finished);
            }
        }

        FindApplication(applicationId);
        if (!_endings.TryGetValue(applicationId, out var ending))
        {
            ending = new TaskCompletionSource<FinishedApplication>(TaskCreationOptions.RunContinuationsAsynchronously);
            _endings.Add(applicationId, ending);
        }

        return ending.Task;
    }
}
