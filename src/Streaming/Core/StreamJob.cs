using DataPlatform.Kernel.Storage;
using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Graph;
using DataPlatform.Streaming.Runtime;

namespace DataPlatform.Streaming;

/// <summary>A job that has been built and can be started.</summary>
public sealed class StreamJob
{
    internal StreamJob(string name, StreamJobOptions options, StreamGraph graph)
    {
        Name = name;
        Options = options;
        Graph = graph;
        Storage = new CheckpointStorage(options.CheckpointStore ?? new InMemoryObjectStore(options.Time), name);
    }

    /// <summary>The job's name.</summary>
    public string Name { get; }

    internal StreamJobOptions Options { get; }

    internal StreamGraph Graph { get; }

    internal CheckpointStorage Storage { get; }

    /// <summary>
    /// Starts the job: from the newest complete checkpoint in its store, or from nothing. What that checkpoint had prepared in sinks is
    /// committed, again where need be, before any record flows.
    /// </summary>
    /// <param name="cancellationToken">Gives up starting, and cancels the job once it runs.</param>
    /// <returns>The running job; dispose it.</returns>
    /// <exception cref="StreamJobException">The checkpoint does not fit the job or is damaged.</exception>
    public Task<StreamJobExecution> StartAsync(CancellationToken cancellationToken = default) => StartAsync(PoolScheduler.Instance, cancellationToken);

    internal async Task<StreamJobExecution> StartAsync(IJobScheduler scheduler, CancellationToken cancellationToken)
    {
        var attempt = await JobAttempt.StartAsync(this, scheduler, Storage, cancellationToken).ConfigureAwait(false);
        return new StreamJobExecution(attempt, cancellationToken);
    }
}
