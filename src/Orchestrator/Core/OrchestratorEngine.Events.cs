using System.Text.Json;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Scheduling;

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
        if (IsShared)
        {
            return await RaiseSharedAsync(_scheduler.WaitingFor(name), json, key, cancellationToken).ConfigureAwait(false);
        }

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
    public async Task ReportVersionAsync(DatasetVersion version, CancellationToken cancellationToken = default)
    {
        if (_scheduler.Fault is { } fault)
        {
            throw new OrchestratorException(ErrorKind.Unavailable, $"the engine stopped: {fault.Message}", fault);
        }

        await SeeAsync(version, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The DAGs may belong to several processes: the payload is checked for all of them, then each gets its run.</summary>
    private async Task<IReadOnlyList<long>> RaiseSharedAsync(
        IReadOnlyList<string> dagIds, string? conf, string? key, CancellationToken cancellationToken)
    {
        _scheduler.CheckPayload(dagIds, conf);
        var runs = new List<long>();
        foreach (var dagId in dagIds)
        {
            runs.Add(await AskAsync<long>(new TriggerCommand(dagId, conf, null, key, DagRunKind.Event), cancellationToken).ConfigureAwait(false));
        }

        return runs;
    }
}
