using DataPlatform.Kernel;
using DataPlatform.Kernel.Feeds;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Scheduling;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Orchestrator;

/// <summary>Hearing of dataset versions. The feed and what says the latest version are outside code: they may fail, and are asked again.</summary>
public sealed partial class OrchestratorEngine
{
    private static readonly Backoff FeedBackoff = Backoff.Exponential(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1), JitterMode.None);

    /// <summary>Asks for the latest versions. Gives the datasets for which that failed.</summary>
    private async Task<IReadOnlyList<DatasetId>> ProbeAsync(IEnumerable<DatasetId> datasets, CancellationToken cancellationToken)
    {
        List<DatasetId> unknown = [];
        if (_options.LatestVersion is not { } latest)
        {
            return unknown;
        }

        foreach (var dataset in datasets)
        {
            try
            {
                if (await latest(dataset, cancellationToken).ConfigureAwait(false) is { } version)
                {
                    await SeeAsync(version, cancellationToken).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                throw;
            }
#pragma warning disable CA1031 // Outside code: other datasets do not wait for this one, which is asked again.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                unknown.Add(dataset);
                LogNoVersion(dataset.Name, exception);
            }
        }

        return unknown;
    }

    private async Task ProbeAgainAsync(IReadOnlyList<DatasetId> unknown, CancellationToken cancellationToken)
    {
        try
        {
            for (var failures = 1; unknown.Count > 0; failures++)
            {
                await Task.Delay(RetryDelay.Of(FeedBackoff, failures, draw: 0), _time, cancellationToken).ConfigureAwait(false);
                unknown = await ProbeAsync(unknown, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The engine stops.
        }
    }

    /// <summary>Follows the feed. One that breaks is followed anew; what it told nobody meanwhile is asked for.</summary>
    private async Task ListenAsync(IDatasetFeed feed, CancellationToken cancellationToken)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                await foreach (var version in feed.FollowVersionsAsync(cancellationToken).ConfigureAwait(false))
                {
                    failures = 1;
                    await SeeAsync(version, cancellationToken).ConfigureAwait(false);
                }

                return;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (OrchestratorException) when (_scheduler.Fault is not null)
            {
                return;
            }
#pragma warning disable CA1031 // Outside code: DAGs that wait for no dataset go on.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                LogFeedBroke(failures, exception);
            }

            try
            {
                await Task.Delay(RetryDelay.Of(FeedBackoff, failures, draw: 0), _time, cancellationToken).ConfigureAwait(false);
                await ProbeAsync(_dags.SelectMany(dag => dag.Datasets?.Datasets ?? []).Distinct(), cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    [LoggerMessage(EventId = 3081, Level = LogLevel.Error, Message = "The latest version of dataset {Dataset} could not be asked for; it is asked for again")]
    private partial void LogNoVersion(string dataset, Exception exception);

    [LoggerMessage(EventId = 3082, Level = LogLevel.Error, Message = "The feed of dataset versions broke, {Failures} times in a row; it is followed anew")]
    private partial void LogFeedBroke(int failures, Exception exception);
}
