using System.Collections.Concurrent;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Scheduling;

namespace DataPlatform.Orchestrator;

/// <summary>What pages and programs ask about the engine without changing anything.</summary>
public sealed partial class OrchestratorEngine
{
    /// <summary>Versions of DAGs kept in memory beside the registered ones.</summary>
    private const int VersionsMax = 256;

    private readonly ConcurrentDictionary<string, Dag> _versions = new(StringComparer.Ordinal);

    /// <summary>The clock it goes by.</summary>
    public TimeProvider Time => _time;

    /// <summary>A DAG that it runs, or null.</summary>
    /// <param name="dagId">The name.</param>
    public Dag? FindDag(string dagId)
    {
        ArgumentNullException.ThrowIfNull(dagId);
        return _byId.GetValueOrDefault(dagId);
    }

    /// <summary>A version of a DAG by its content hash, or null; one that is no longer registered has its structure and no code.</summary>
    /// <param name="hash">The hash, as runs have it.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async ValueTask<Dag?> FindVersionAsync(string hash, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(hash);
        if (_versions.TryGetValue(hash, out var known))
        {
            return known;
        }

        if (Array.Find(_dags, dag => dag.Hash == hash) is { } registered)
        {
            return registered;
        }

        if (await _store.FindModelAsync(hash, cancellationToken).ConfigureAwait(false) is not { } model)
        {
            return null;
        }

        // An immutable version is read once; a store with very many of them in use starts over.
        if (_versions.Count >= VersionsMax)
        {
            _versions.Clear();
        }

        return _versions[hash] = DagDocument.Read(model, null);
    }

    /// <summary>When this engine last saw that a dataset which its DAGs wait for or write was updated; null where it saw none since it started.</summary>
    /// <param name="dataset">The dataset.</param>
    public DateTimeOffset? DatasetUpdatedAt(DatasetId dataset) => _scheduler.UpdatedAt(dataset);

    /// <summary>What <see cref="ClearAsync"/> would touch, by what the store has now.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="request">Which; null for all.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The instances as they are, by task number and map index; nothing is changed.</returns>
    /// <exception cref="OrchestratorException">No such run.</exception>
    /// <exception cref="DagException">No such task.</exception>
    public async Task<IReadOnlyList<TaskInstance>> PreviewClearAsync(
        long runId, ClearRequest? request = null, CancellationToken cancellationToken = default)
    {
        var run = await _store.FindRunAsync(runId, cancellationToken).ConfigureAwait(false)
            ?? throw new OrchestratorException(ErrorKind.Invalid, $"there is no run {runId}.");
        var version = await FindVersionAsync(run.DagHash, cancellationToken).ConfigureAwait(false)
            ?? throw new OrchestratorException(ErrorKind.Invalid, $"the version of run {runId} is not in the store any more.");
        var instances = await _store.ListTaskInstancesAsync(runId, cancellationToken).ConfigureAwait(false);
        var graph = new RunGraph(version, runId, instances, new RunValues(run, version), static (_, _) => { });
        return [.. ClearSelection.Of(graph, request ?? new ClearRequest()).Select(task => task.ToInstance())];
    }
}
