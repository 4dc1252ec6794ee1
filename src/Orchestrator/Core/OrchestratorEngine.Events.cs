using System.Text.Json;
using DataPlatform.Kernel;

namespace DataPlatform.Orchestrator;

/// <summary>What comes from outside: events, and versions of datasets.</summary>
public sealed partial class OrchestratorEngine
{
    /// <summary>Raises an event: each DAG that waits for it (<see cref="Dags.DagBuilder.OnEvent"/>) gets a run with the payload as its conf.</summary>
    /// <param name="name">The event.</param>
    /// <param name="payload">What tasks read with <see cref="Execution.TaskContext.Conf{T}"/>; serialised as JSON. Null for nothing.</param>
    /// <param name="idempotencyKey">The sender's name for this one event: raised again with it, it gives the same runs. Null for new runs each
    /// time.</param>
    /// <param name="cancellationToken">Stops waiting; the runs may have been made.</param>
    /// <returns>The runs, by the name of their DAG, once they are stored.</returns>
    /// <exception cref="OrchestratorException">No DAG waits for the event, one refuses the payload (then no run is made), or the engine is not
    /// running.</exception>
    public async Task<IReadOnlyList<long>> RaiseEventAsync(
        string name, object? payload = null, string? idempotencyKey = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var json = payload is null ? null : JsonSerializer.Serialize(payload, JsonSerializerOptions.Web);
        var key = idempotencyKey is null ? null : $"event/{name}/{idempotencyKey}";
        var stored = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var dagId in key is null ? [] : _scheduler.WaitingFor(name))
        {
            if (await _store.FindRunAsync(dagId, key!, cancellationToken).ConfigureAwait(false) is { } known)
            {
                stored[dagId] = known.Id;
            }
        }

        return await _scheduler.AskAsync(() => _scheduler.Raise(name, json, key, stored), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes a version of a dataset into account, as if its feed had announced it. Versions that are not newer change nothing.</summary>
    /// <param name="version">The version.</param>
    /// <param name="cancellationToken">Stops waiting; the version may have been taken.</param>
    /// <exception cref="OrchestratorException">The engine is not running.</exception>
    public Task ReportVersionAsync(DatasetVersion version, CancellationToken cancellationToken = default) => _scheduler.AskAsync(
        () =>
        {
            _scheduler.OnVersion(version);
            return true;
        },
        cancellationToken);
}
