using System.Text.Json;
using System.Text.Json.Serialization;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Diagnostics;

/// <summary>What people do by hand, each action entered in the store's <see cref="IAuditLog"/> before it is done and completed after.</summary>
/// <remarks>Thread-safe. Where the log cannot be written the action is not done.</remarks>
public sealed class ManualActions
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly OrchestratorEngine _engine;
    private readonly string _actor;
    private readonly string _from;

    /// <summary>Acts for somebody.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="actor">Who.</param>
    /// <param name="from">From where, for example <c>page 127.0.0.1</c>.</param>
    public ManualActions(OrchestratorEngine engine, string actor, string from)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentException.ThrowIfNullOrWhiteSpace(actor);
        ArgumentException.ThrowIfNullOrWhiteSpace(from);
        _engine = engine;
        _actor = actor;
        _from = from;
    }

    /// <summary>Starts a run: <see cref="OrchestratorEngine.TriggerAsync"/>.</summary>
    /// <param name="dagId">The DAG.</param>
    /// <param name="conf">Its parameters; null for none.</param>
    /// <param name="logicalDate">Its name in time; null for now.</param>
    /// <param name="idempotencyKey">Makes a repeated request give the same run; null for a new run each time.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The run's number.</returns>
    public Task<long> TriggerAsync(
        string dagId, JsonElement? conf, DateTimeOffset? logicalDate, string? idempotencyKey, CancellationToken cancellationToken) => DoAsync(
        "dag.trigger", dagId, null, new { conf, logicalDate, idempotencyKey },
        () => _engine.TriggerAsync(dagId, conf, logicalDate, idempotencyKey, cancellationToken), id => $"run {id}");

    /// <summary>Pauses or resumes a DAG.</summary>
    /// <param name="dagId">The DAG.</param>
    /// <param name="isPaused">Which.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task SetPausedAsync(string dagId, bool isPaused, CancellationToken cancellationToken) => DoAsync(
        isPaused ? "dag.pause" : "dag.resume", dagId, null, null,
        async () =>
        {
            await (isPaused ? _engine.PauseAsync(dagId, cancellationToken) : _engine.ResumeAsync(dagId, cancellationToken)).ConfigureAwait(false);
            return true;
        },
        _ => isPaused ? "paused" : "resumed");

    /// <summary>Stops a run: <see cref="OrchestratorEngine.CancelRunAsync"/>.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<bool> CancelRunAsync(long runId, CancellationToken cancellationToken) => OnRunAsync(
        "run.cancel", runId, null, () => _engine.CancelRunAsync(runId, cancellationToken), done => done ? "cancelled" : null, cancellationToken);

    /// <summary>Ends a run as succeeded or failed: <see cref="OrchestratorEngine.MarkRunAsync"/>.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="isSuccess">How.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<bool> MarkRunAsync(long runId, bool isSuccess, CancellationToken cancellationToken) => OnRunAsync(
        "run.mark", runId, new { state = isSuccess ? "success" : "failed" }, () => _engine.MarkRunAsync(runId, isSuccess, cancellationToken),
        done => done ? $"marked {(isSuccess ? "success" : "failed")}" : null, cancellationToken);

    /// <summary>Clears task instances: <see cref="OrchestratorEngine.ClearAsync"/>.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="request">Which.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>How many were cleared.</returns>
    public Task<int> ClearAsync(long runId, ClearRequest request, CancellationToken cancellationToken) => OnRunAsync(
        "run.clear", runId, request, () => _engine.ClearAsync(runId, request, cancellationToken), count => $"cleared {count} task instances",
        cancellationToken);

    /// <summary>Sets the state of a task: <see cref="OrchestratorEngine.MarkAsync"/>.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="taskId">The task.</param>
    /// <param name="state">Success, Failed or Skipped.</param>
    /// <param name="mapIndex">Only this mapped instance; null for all.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>How many instances now have the state.</returns>
    public Task<int> MarkAsync(long runId, string taskId, TaskState state, int? mapIndex, CancellationToken cancellationToken) => OnRunAsync(
        "task.mark", runId, new { taskId, state, mapIndex }, () => _engine.MarkAsync(runId, taskId, state, mapIndex, cancellationToken),
        count => $"marked {count} task instances {state}", cancellationToken);

    /// <summary>Makes a backfill: <see cref="OrchestratorEngine.BackfillAsync"/>. A dry run changes nothing and is not entered.</summary>
    /// <param name="dagId">The DAG.</param>
    /// <param name="request">The range and how.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<(Backfill? Backfill, IReadOnlyList<BackfillRun> Runs)> BackfillAsync(
        string dagId, BackfillRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.IsDryRun
            ? _engine.BackfillAsync(dagId, request, cancellationToken)
            : DoAsync(
                "backfill.create", dagId, null, request, () => _engine.BackfillAsync(dagId, request, cancellationToken),
                made => $"backfill {made.Backfill?.Id} of {made.Runs.Count} dates");
    }

    /// <summary>Pauses, resumes or cancels a backfill: <see cref="OrchestratorEngine.SetBackfillAsync"/>.</summary>
    /// <param name="backfillId">The backfill.</param>
    /// <param name="state">Running, Paused or Cancelled.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<bool> SetBackfillAsync(long backfillId, BackfillState state, CancellationToken cancellationToken)
    {
        var backfill = await _engine.Store.History.FindBackfillAsync(backfillId, cancellationToken).ConfigureAwait(false)
            ?? throw new OrchestratorException(ErrorKind.Invalid, $"there is no backfill {backfillId}.");
        return await DoAsync(
            "backfill.set", backfill.DagId, null, new { backfillId, state }, () => _engine.SetBackfillAsync(backfillId, state, cancellationToken),
            done => done ? $"backfill {backfillId} is {state}" : null).ConfigureAwait(false);
    }

    /// <summary>Makes a pool: <see cref="OrchestratorEngine.CreatePoolAsync(string, int, string?, CancellationToken)"/>.</summary>
    /// <param name="name">The pool.</param>
    /// <param name="slots">Its slots.</param>
    /// <param name="description">What it is for; null for nothing.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task CreatePoolAsync(string name, int slots, string? description, CancellationToken cancellationToken) => OnPoolAsync(
        "pool.create", new { name, slots, description }, () => _engine.CreatePoolAsync(name, slots, description, cancellationToken),
        $"pool {name} of {slots} slots");

    /// <summary>Sets the slots of a pool: <see cref="OrchestratorEngine.SetPoolAsync(string, int, string?, CancellationToken)"/>.</summary>
    /// <param name="name">The pool.</param>
    /// <param name="slots">Its slots.</param>
    /// <param name="description">What it is for; null leaves what was said.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task SetPoolAsync(string name, int slots, string? description, CancellationToken cancellationToken) => OnPoolAsync(
        "pool.set", new { name, slots, description }, () => _engine.SetPoolAsync(name, slots, description, cancellationToken),
        $"pool {name} has {slots} slots");

    /// <summary>Takes a pool away: <see cref="OrchestratorEngine.DeletePoolAsync"/>.</summary>
    /// <param name="name">The pool.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task DeletePoolAsync(string name, CancellationToken cancellationToken) => OnPoolAsync(
        "pool.delete", new { name }, () => _engine.DeletePoolAsync(name, cancellationToken), $"pool {name} is gone");

    private Task<string> OnPoolAsync(string action, object detail, Func<Task> act, string said) => DoAsync(
        action, null, null, detail,
        async () =>
        {
            await act().ConfigureAwait(false);
            return said;
        },
        text => text);

    private async Task<T> OnRunAsync<T>(
        string action, long runId, object? detail, Func<Task<T>> act, Func<T, string?> say, CancellationToken cancellationToken)
    {
        var run = await _engine.Store.FindRunAsync(runId, cancellationToken).ConfigureAwait(false)
            ?? throw new OrchestratorException(ErrorKind.Invalid, $"there is no run {runId}.");
        return await DoAsync(action, run.DagId, runId, detail, act, say).ConfigureAwait(false);
    }

    /// <param name="action">What is done.</param>
    /// <param name="dagId">To which DAG.</param>
    /// <param name="runId">To which run.</param>
    /// <param name="detail">What was asked for.</param>
    /// <param name="act">Does it.</param>
    /// <param name="say">Says what was done; null when it turned out that there was nothing to do it to.</param>
    private async Task<T> DoAsync<T>(string action, string? dagId, long? runId, object? detail, Func<Task<T>> act, Func<T, string?> say)
    {
        // What has begun is completed whether or not the caller still waits.
        var audit = _engine.Store.Audit;
        var id = await audit.BeginAsync(new AuditEntry
        {
            At = _engine.Time.GetUtcNow(),
            Actor = _actor,
            From = _from,
            Action = action,
            DagId = dagId,
            RunId = runId,
            Detail = detail is null ? null : JsonSerializer.Serialize(detail, Json),
        }).ConfigureAwait(false);
        T result;
        try
        {
            result = await act().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is DataPlatformException or ArgumentException)
        {
            await audit.EndAsync(id, AuditOutcome.Refused, exception.Message).ConfigureAwait(false);
            throw;
        }

        var text = say(result);
        await audit.EndAsync(id, text is null ? AuditOutcome.Refused : AuditOutcome.Done, text ?? "it had ended already").ConfigureAwait(false);
        return result;
    }
}
