using Microsoft.Extensions.Logging;

namespace DataPlatform.ResourceScheduler.Autoscaling;

/// <summary>Carries out what an <see cref="Autoscaler"/> decides, at a fixed interval. One loop per cluster.</summary>
/// <param name="cluster">The cluster.</param>
/// <param name="provider">Where nodes come from.</param>
/// <param name="options">When nodes come and go.</param>
/// <param name="timeProvider">The clock of the interval.</param>
/// <param name="logger">For failures of the provider, which end nothing.</param>
public sealed partial class AutoscalerLoop(
    IScalableCluster cluster, INodeProvider provider, AutoscalerOptions options, TimeProvider timeProvider, ILogger<AutoscalerLoop> logger)
{
    private readonly Autoscaler _autoscaler = new(options);

    /// <summary>Between two looks. Default 10 s.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Runs until cancelled. A failing provider is logged and asked again at the next look.</summary>
    /// <param name="cancellationToken">Ends the loop between two steps; nodes asked for stay.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, timeProvider);
        do
        {
            try
            {
                await StepAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (SchedulerException error)
            {
                StepFailed(logger, error);
            }
        }
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Looks once and carries out what follows.</summary>
    /// <param name="cancellationToken">Cancelled: what was decided may be carried out in part.</param>
    public async Task StepAsync(CancellationToken cancellationToken)
    {
        var (snapshot, demand) = await cluster.LookAsync(cancellationToken).ConfigureAwait(false);
        foreach (var notice in await provider.TakeNoticesAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_autoscaler.Nodes.TryGetValue(notice.Node, out var group))
            {
                _autoscaler.BackOff(group.Name, snapshot.TimeMs);
            }

            await cluster.DecommissionAsync(notice.Node, snapshot.TimeMs
                + notice.RemainingMs, true, cancellationToken).ConfigureAwait(false);
        }

        foreach (var action in _autoscaler.Decide(snapshot, demand))
        {
            await CarryOutAsync(action, snapshot.TimeMs, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task CarryOutAsync(AutoscalerAction action, long nowMs, CancellationToken cancellationToken)
    {
        switch (action)
        {
            case AutoscalerAction.Start start:
                Starting(logger, start.Node, start.Reason);
                if (!await provider.TryStartAsync(start.Node, start.Group, cancellationToken).ConfigureAwait(false))
                {
                    _autoscaler.Forget(start.Node);
                    _autoscaler.BackOff(start.Group.Name, nowMs);
                }

                break;
            case AutoscalerAction.Drain drain:
                Draining(logger, drain.Node, drain.Reason);
                await cluster.DecommissionAsync(drain.Node, drain.DeadlineMs, false, cancellationToken).ConfigureAwait(false);
                break;
            case AutoscalerAction.GiveBack back:
                await provider.StopAsync(back.Node, cancellationToken).ConfigureAwait(false);
                break;
        }
    }

    [LoggerMessage(5060, LogLevel.Information, "Node {Node} is started: {Reason}.")]
    private static partial void Starting(ILogger logger, string node, string reason);

    [LoggerMessage(5061, LogLevel.Information, "Node {Node} is drained: {Reason}.")]
    private static partial void Draining(ILogger logger, string node, string reason);

    [LoggerMessage(5062, LogLevel.Warning, "A step of the autoscaler failed; the next look tries again.")]
    private static partial void StepFailed(ILogger logger, Exception error);
}
