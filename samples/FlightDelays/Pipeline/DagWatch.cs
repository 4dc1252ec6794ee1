using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Samples.FlightDelays.Pipeline;

/// <summary>Waits until a dataset-triggered DAG has answered to given versions.</summary>
public sealed class DagWatch(IOrchestratorStore store, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits for the newest run of a DAG to end, once its runs have consumed these versions of the datasets that trigger it.</summary>
    /// <returns>That run.</returns>
    public async Task<DagRun> WaitForAsync(string dagId, IReadOnlyList<DatasetVersion> versions, CancellationToken cancellationToken)
    {
        while (true)
        {
            var runs = await store.ListRunsAsync(new RunQuery { DagId = dagId, Limit = 50 }, cancellationToken);
            var consumed = versions.All(version => runs.Any(run => run.Changes.Any(change => change.Dataset == version.Dataset && change.Version >= version.Version)));
            if (consumed && runs.MaxBy(run => run.Id) is { EndedAt: not null } newest)
            {
                return newest;
            }

            await Task.Delay(Interval, time, cancellationToken);
        }
    }
}
