using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using DataPlatform.Streaming.Diagnostics;

namespace DataPlatform.Streaming.Checkpoints;

/// <content>Manifests, and the commits that follow them.</content>
internal sealed partial class CheckpointCoordinator
{
    private CheckpointManifest Describe(PendingCheckpoint pending) => new()
    {
        JobName = _storage.JobName,
        CheckpointId = pending.Id,
        Attempt = _attempt,
        CreatedAt = Now,
        MaxParallelism = _options.MaxParallelism,
        KeyHashVersion = State.KeyHashers.Version,
        Operators = pending.Operators,
        Sinks = _uncommitted.UpTo(pending.Id),
    };

    private void CompleteNext()
    {
        if (_completing || !_toComplete.TryDequeue(out var pending))
        {
            return;
        }

        _completing = true;
        var manifest = Describe(pending);
        _scheduler.RunBackground(() => CompleteAsync(pending, manifest));
    }

    private async Task CompleteAsync(PendingCheckpoint pending, CheckpointManifest manifest)
    {
        try
        {
            var bytes = await _storage.CompleteAsync(manifest, _cancellationToken).ConfigureAwait(false);
            if (pending.Request.Savepoint is { } savepoint)
            {
                await _savepoints.CompleteAsync(savepoint, manifest, _cancellationToken).ConfigureAwait(false);
            }

            Post(() => OnComplete(pending, bytes));
        }
        catch (Exception exception) when (exception is not OperationCanceledException and not StreamJobException { Kind: ErrorKind.Conflict })
        {
            // The manifest may be there all the same. Then the checkpoint is one to restore from, and what it has prepared is in the next one too.
            Post(() =>
            {
                _completing = false;
                GiveUp(pending, exception);
                CompleteNext();
            });
        }
#pragma warning disable CA1031 // Someone else runs the job, or it has been cancelled: the attempt ends with that as its cause.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _target.OnFailed(exception);
        }
    }

    private void OnComplete(PendingCheckpoint pending, int manifestBytes)
    {
        _completing = false;
        _pending.Remove(pending);
        _failuresInARow = 0;
        _lastEnded = Now;
        Last = new CheckpointSnapshot(pending.Id, Now - pending.StartedAt, pending.StateBytes + manifestBytes);
        StreamingInstruments.Completed(_storage.JobName, Last);
        _toCommit.Enqueue(pending);
        CompleteNext();
        CommitNext();
        BeginNext();
    }

    private void CommitNext()
    {
        if (_committing || !_toCommit.TryDequeue(out var pending))
        {
            return;
        }

        // A checkpoint that completed meanwhile subsumes this one: one commit for both, epoch by epoch.
        List<PendingCheckpoint> subsumed = [pending];
        while (_toCommit.TryDequeue(out var newer))
        {
            subsumed.Add(newer);
        }

        _committing = true;
        var ready = _uncommitted.UpTo(subsumed[^1].Id);
        _scheduler.RunBackground(() => GuardAsync(async () =>
        {
            await _target.CommitAsync(ready, _cancellationToken).ConfigureAwait(false);
            await RemoveOldAsync(subsumed[^1].Id).ConfigureAwait(false);
            Post(() => OnCommitted(subsumed, ready));
        }));
    }

    /// <summary>Old files that cannot be removed now are removed after a later checkpoint.</summary>
    private async Task RemoveOldAsync(long checkpointId)
    {
        try
        {
            await _storage.RemoveOldAsync(_options.CheckpointsRetained, checkpointId, _cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException) when (_options.TolerableCheckpointFailures > 0)
        {
            Post(() => FailedCleanups++);
        }
    }

    private void OnCommitted(List<PendingCheckpoint> subsumed, IReadOnlyList<SinkState> committed)
    {
        _committing = false;
        _uncommitted.Committed(committed);
        foreach (var pending in subsumed)
        {
            _target.NotifyCompleted(pending.Id);
            pending.Request.Caller?.TrySetResult(pending.Id);
        }

        if (subsumed.Exists(static p => p.Request.IsLast))
        {
            _target.OnFinished();
        }

        CommitNext();
    }

    private async Task GuardAsync(Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever fails here ends the attempt with that as its cause.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _target.OnFailed(exception);
        }
    }
}
