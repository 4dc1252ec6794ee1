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
        var store = options.CheckpointStore ?? new InMemoryObjectStore(options.Time);
        Storage = new CheckpointStorage(store, name);
        Savepoints = new SavepointStorage(store, name);
    }

    /// <summary>The job's name.</summary>
    public string Name { get; }

    internal StreamJobOptions Options { get; }

    internal StreamGraph Graph { get; }

    internal CheckpointStorage Storage { get; }

    internal SavepointStorage Savepoints { get; }

    /// <summary>
    /// Starts the job: from the newest complete checkpoint in its store, or from nothing. What that checkpoint had prepared in sinks is
    /// committed, again where need be, before any record flows.
    /// </summary>
    /// <param name="cancellationToken">Gives up starting, and cancels the job once it runs.</param>
    /// <returns>The running job; dispose it.</returns>
    /// <exception cref="StreamJobException">The checkpoint does not fit the job or is damaged.</exception>
    public Task<StreamJobExecution> StartAsync(CancellationToken cancellationToken = default) => StartAsync(new StreamJobStart(), cancellationToken);

    /// <summary>Starts the job from where the caller says, for example from a savepoint, or from an older checkpoint when the newest is damaged.</summary>
    /// <param name="start">Where from.</param>
    /// <param name="cancellationToken">Gives up starting, and cancels the job once it runs.</param>
    /// <returns>The running job; dispose it.</returns>
    /// <exception cref="StreamJobException">The savepoint or checkpoint is missing, does not fit the job or is damaged.</exception>
    public Task<StreamJobExecution> StartAsync(StreamJobStart start, CancellationToken cancellationToken = default)
        => StartAsync(PoolScheduler.Instance, start, cancellationToken);

    /// <summary>The ids of the complete checkpoints that are kept, oldest first.</summary>
    /// <param name="cancellationToken">Stops the look.</param>
    public ValueTask<IReadOnlyList<long>> ListCheckpointsAsync(CancellationToken cancellationToken = default) => Storage.ListAsync(cancellationToken);

    /// <summary>The names of the job's savepoints.</summary>
    /// <param name="cancellationToken">Stops the look.</param>
    public ValueTask<IReadOnlyList<string>> ListSavepointsAsync(CancellationToken cancellationToken = default) => Savepoints.ListAsync(cancellationToken);

    /// <summary>Removes a savepoint; nothing else ever does. One that is not there is gone already.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Stops between two files; what is left can be disposed again.</param>
    /// <exception cref="StreamJobException">A checkpoint that the job keeps still lives in the savepoint's files.</exception>
    public async ValueTask DisposeSavepointAsync(string name, CancellationToken cancellationToken = default)
    {
        List<CheckpointManifest> retained = [];
        foreach (var id in await Storage.ListAsync(cancellationToken).ConfigureAwait(false))
        {
            retained.Add(await Storage.ReadAsync(id, cancellationToken).ConfigureAwait(false));
        }

        await Savepoints.DisposeAsync(name, retained, cancellationToken).ConfigureAwait(false);
    }

    internal async Task<StreamJobExecution> StartAsync(IJobScheduler scheduler, StreamJobStart start, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(start);
        var attempt = await JobAttempt.StartAsync(this, scheduler, start, cancellationToken).ConfigureAwait(false);
        return new StreamJobExecution(this, scheduler, start, attempt, cancellationToken);
    }

    /// <summary>Whose state a checkpoint may hold: operators with a uid, and records on their way.</summary>
    internal HashSet<string> Uids() => Graph.Nodes.Select(static n => n.Uid).OfType<string>()
        .Concat(Graph.Nodes.SelectMany(static n => n.Inputs).Select(static e => e.Uid)).ToHashSet(StringComparer.Ordinal);
}
