using System.Threading.Channels;
using DataPlatform.Kernel;
using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;

namespace DataPlatform.ResourceScheduler;

/// <summary>An application's master as it talks to the manager: asks, releases, reports, finishes, and hears what happens.
/// Thread-safe.</summary>
/// <remarks>One master speaks for an application: when another registers, this one is refused from then on.</remarks>
public sealed class ApplicationMaster
{
    /// <summary>Notices a master may leave unread; beyond them it has to register again.</summary>
    private const int NoticesMax = 65_536;

    private readonly ResourceManager _manager;
    private readonly Channel<ApplicationNotice> _notices = Channel.CreateBounded<ApplicationNotice>(
        new BoundedChannelOptions(NoticesMax) { SingleWriter = true });

    internal ApplicationMaster(ResourceManager manager, long applicationId, int attempt)
    {
        _manager = manager;
        ApplicationId = applicationId;
        Attempt = attempt;
    }

    /// <summary>The application.</summary>
    public long ApplicationId { get; }

    /// <summary>How many masters have registered for the application with this manager, this one included.</summary>
    public int Attempt { get; }

    /// <summary>What happens to the application, in order. Ends when the application does, or another master registers.</summary>
    public ChannelReader<ApplicationNotice> Notices => _notices.Reader;

    /// <summary>Asks for containers. What it asked for before stays.</summary>
    /// <param name="ask">What it wants; <see cref="ContainerAsk.DependsOn"/> names asks by number.</param>
    /// <param name="cancellationToken">Gives up; the ask may have been taken.</param>
    /// <returns>The ask's number.</returns>
    /// <exception cref="SchedulerException">Invalid: no node or queue could ever hold it. Conflict: another master speaks for the
    /// application, or it is over.</exception>
    public ValueTask<long> AskAsync(ContainerAsk ask, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ask);
        return _manager.AskAsync(this, ask, cancellationToken);
    }

    /// <summary>Gives up what is still pending of an ask.</summary>
    /// <param name="askId">The ask.</param>
    /// <param name="cancellationToken">Gives up; the ask may have been cancelled.</param>
    /// <exception cref="SchedulerException">Invalid: there is no such ask of this application. Conflict: as for
    /// <see cref="AskAsync"/>.</exception>
    public ValueTask CancelAsync(long askId, CancellationToken cancellationToken = default)
        => _manager.CancelAskAsync(this, askId, cancellationToken);

    /// <summary>Gives a container back. One that a node runs is stopped; one the master uses itself is over with this.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="outcome">How its work ended, where the master ran it.</param>
    /// <param name="cancellationToken">Gives up; the container may have been given back.</param>
    /// <exception cref="SchedulerException">Invalid: it is none of this application's containers. Conflict: as for
    /// <see cref="AskAsync"/>.</exception>
    public ValueTask ReleaseAsync(long containerId, ContainerOutcome outcome = ContainerOutcome.Succeeded,
        CancellationToken cancellationToken = default)
        => _manager.ReleaseAsync(this, containerId, outcome, cancellationToken);

    /// <summary>Says that the master is alive; needed where <see cref="SchedulerOptions.MasterLostAfterMs"/> is set.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SchedulerException">Conflict: as for <see cref="AskAsync"/>.</exception>
    public ValueTask HeartbeatAsync(CancellationToken cancellationToken = default) => _manager.HeartbeatAsync(this, cancellationToken);

    /// <summary>Ends the application: what is pending is dropped, what runs is stopped.</summary>
    /// <param name="state">How it ended.</param>
    /// <param name="cancellationToken">Gives up; the application may have ended.</param>
    /// <exception cref="SchedulerException">Conflict: as for <see cref="AskAsync"/>.</exception>
    public ValueTask FinishAsync(ApplicationState state = ApplicationState.Finished, CancellationToken cancellationToken = default)
        => state is ApplicationState.Finished or ApplicationState.Failed or ApplicationState.Killed
            ? _manager.FinishAsync(this, state, cancellationToken)
            : throw new ArgumentException($"An application does not end as {state}: finished, failed or killed.", nameof(state));

    internal void Tell(ApplicationNotice notice)
    {
        if (!_notices.Writer.TryWrite(notice))
        {
            End(new SchedulerException(ErrorKind.Unavailable,
                $"The master of application {ApplicationId} left {NoticesMax} notices unread: it has to register again."));
        }
    }

    internal void End(Exception? reason = null) => _notices.Writer.TryComplete(reason);
}
