using DataPlatform.Kernel;
using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Diagnostics;
using DataPlatform.Streaming.Graph;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.Sinks;
using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.Runtime;

/// <summary>One attempt to run a job: from a checkpoint, or from nothing, to the end, a stop or a failure.</summary>
internal sealed partial class JobAttempt : ISubtaskListener, ICheckpointTarget, IAsyncDisposable
{
    private readonly StreamJob _job;
    private readonly IJobScheduler _scheduler;
    private readonly CheckpointStorage _storage;
    private readonly RestoredCheckpoint? _restored;
    private readonly CancellationTokenSource _cancellation = new();
    private readonly TaskCompletionSource _ended = new();
    private readonly Dictionary<string, ISinkCommitter> _committers = new(StringComparer.Ordinal);
    private IReadOnlyList<Subtask> _subtasks = [];
    private int _endedSubtasks;
    private int _ending;

    private JobAttempt(StreamJob job, IJobScheduler scheduler, RestoredCheckpoint? restored, int number, long lastCheckpointId)
    {
        _job = job;
        _scheduler = scheduler;
        _storage = job.Storage;
        _restored = restored;
        Number = number;
        Coordinator = new CheckpointCoordinator(job.Storage, job.Savepoints, this, job.Options, scheduler, number, restored?.Manifest, lastCheckpointId, _cancellation.Token);
    }

    public int Number { get; }

    public CheckpointCoordinator Coordinator { get; }

    /// <summary>Ends well, or with the failure that ended the attempt.</summary>
    public Task Ended => _ended.Task;

    public int SubtaskCount => _subtasks.Count;

    /// <summary>Restores, commits what the checkpoint holds, and lets records flow.</summary>
    public static async Task<JobAttempt> StartAsync(StreamJob job, IJobScheduler scheduler, StreamJobStart start, CancellationToken cancellationToken)
    {
        var number = await job.Storage.ClaimAttemptAsync(cancellationToken).ConfigureAwait(false);
        var checkpoints = await job.Storage.ListAsync(cancellationToken).ConfigureAwait(false);
        var manifest = await ReadAsync(job, start, checkpoints, cancellationToken).ConfigureAwait(false);
        var restored = manifest is null ? null : new RestoredCheckpoint(job.Storage, manifest, job.Options, isClaimed: start is { Savepoint: null, CheckpointId: null });
        restored?.Validate(job.Uids());
        var lastId = Math.Max(manifest?.CheckpointId ?? 0, checkpoints.Count == 0 ? 0 : checkpoints[^1]);
        var attempt = new JobAttempt(job, scheduler, restored, number, lastId);
        try
        {
            await attempt.OpenAsync(cancellationToken).ConfigureAwait(false);
            return attempt;
        }
        catch
        {
            await attempt.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The manifest that a start begins from; null for nothing.</summary>
    private static async ValueTask<CheckpointManifest?> ReadAsync(StreamJob job, StreamJobStart start, IReadOnlyList<long> checkpoints, CancellationToken cancellationToken)
    {
        if (start.Savepoint is { } savepoint)
        {
            return await job.Savepoints.ReadAsync(savepoint, cancellationToken).ConfigureAwait(false);
        }

        var id = start.CheckpointId ?? (checkpoints.Count == 0 ? null : checkpoints[^1]);
        return id is { } from ? await job.Storage.ReadAsync(from, cancellationToken).ConfigureAwait(false) : null;
    }

    /// <summary>Lets the sources end as if they had no more records.</summary>
    public void Drain()
    {
        foreach (var source in _subtasks.Where(static s => s.IsSource))
        {
            source.Post(source.Drain);
        }
    }

    public void Cancel() => OnFailed(new OperationCanceledException($"Job '{_job.Name}' was cancelled."));

    public void InjectBarrier(CheckpointBarrier barrier)
    {
        foreach (var source in _subtasks.Where(static s => s.IsSource))
        {
            source.Post(() => source.TriggerCheckpoint(barrier));
        }
    }

    public void CancelCheckpoint(long checkpointId)
    {
        foreach (var subtask in _subtasks)
        {
            subtask.Post(() => subtask.CancelCheckpoint(checkpointId));
        }
    }

    public async ValueTask CommitAsync(IReadOnlyList<SinkState> sinks, CancellationToken cancellationToken)
    {
        foreach (var sink in sinks)
        {
            // A sink that the job lacks was given up by choice when the checkpoint was accepted.
            if (_committers.TryGetValue(sink.Uid, out var committer))
            {
                foreach (var epoch in sink.Epochs)
                {
                    await CommitAsync(sink.Uid, committer, epoch, cancellationToken).ConfigureAwait(false);
                }
            }
        }
    }

    public void NotifyCompleted(long checkpointId)
    {
        foreach (var subtask in _subtasks)
        {
            subtask.Post(() => subtask.NotifyCompleted(checkpointId));
        }
    }

    public void OnFinished()
    {
        Halt();
        End(_ended.SetResult);
    }

    public void OnSnapshot(Subtask subtask, SubtaskSnapshot snapshot)
    {
        // Writes of one subtask follow each other, so that what an abandoned checkpoint detached from a sink is known before the next.
        var before = subtask.LastWrite;
        var written = new TaskCompletionSource();
        subtask.LastWrite = written.Task;
        _scheduler.RunBackground(async () =>
        {
            await before.ConfigureAwait(false);
            await WriteAsync(subtask, snapshot).ConfigureAwait(false);
            written.SetResult();
        });
    }

    public void OnEnded(Subtask subtask)
    {
        if (Interlocked.Increment(ref _endedSubtasks) == _subtasks.Count)
        {
            Coordinator.AllEnded();
        }
    }

    public void OnFailed(Exception exception)
    {
        Halt();
        if (End(() => Fail(exception)))
        {
            _cancellation.Cancel();
        }
    }

    public async ValueTask DisposeAsync()
    {
        StreamingInstruments.Remove(this);
        Halt();
        _cancellation.Cancel();
        await Coordinator.DisposeAsync().ConfigureAwait(false);
        foreach (var subtask in _subtasks)
        {
            await subtask.StopAsync().ConfigureAwait(false);
            await subtask.LastWrite.ConfigureAwait(false);
            await subtask.DisposeAsync().ConfigureAwait(false);
        }

        foreach (var committer in _committers.Values)
        {
            await committer.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Ends the attempt once; who waits for it goes on in the background, not on the mailbox that brought the end.</summary>
    private bool End(Action how)
    {
        if (Interlocked.Exchange(ref _ending, 1) != 0)
        {
            return false;
        }

        _scheduler.RunBackground(() =>
        {
            how();
            return Task.CompletedTask;
        });
        return true;
    }

    private void Fail(Exception exception)
    {
        if (exception is OperationCanceledException)
        {
            _ended.SetCanceled();
        }
        else
        {
            _ended.SetException(exception);
        }
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        foreach (var node in _job.Graph.Nodes)
        {
            await node.PrepareAsync(_restored, node.ParallelismIn(_job.Options), cancellationToken).ConfigureAwait(false);
            if (node is ISinkNode sink)
            {
                _committers.Add(node.Uid!, sink.CreateCommitter(new SinkCommitterContext(_job.Name, node.Uid!, Number, _job.Options.Time)
                {
                    Inputs = [.. StreamGraph.DatasetsBefore(node).Select(static dataset => new LineageDataset(dataset))],
                }));
            }
        }

        await Coordinator.CommitRestoredAsync().ConfigureAwait(false);
        _subtasks = new SubtaskBuilder(_job.Name, Number, _job.Options, new ExecutionPlan(_job.Graph, _job.Options, InFlightEdges()), _scheduler, this, _cancellation.Token).Build();
        foreach (var subtask in _subtasks)
        {
            var restored = await RestoreAsync(subtask, cancellationToken).ConfigureAwait(false);
            await RestoreInFlightAsync(subtask, cancellationToken).ConfigureAwait(false);
            subtask.Open();
            CheckAllRead(restored);
        }

        Coordinator.Start();
        StreamingInstruments.Add(this);
        foreach (var subtask in _subtasks)
        {
            subtask.Begin();
        }
    }

    private void CheckAllRead(List<(StreamOperator Operator, RestoredOperator State)> restored)
    {
        foreach (var (restoring, state) in restored)
        {
            if (state.Unread is [var name, ..] && !_job.Options.AllowRemovedOperators)
            {
                throw new StreamJobException(
                    ErrorKind.Invalid,
                    $"The checkpoint holds state '{name}' of operator '{restoring.Context.Name}', which does not declare it any more. Declare it, or set {nameof(StreamJobOptions.AllowRemovedOperators)} to give it up.")
                { OperatorName = restoring.Context.Name };
            }
        }
    }

    private async ValueTask<List<(StreamOperator Operator, RestoredOperator State)>> RestoreAsync(Subtask subtask, CancellationToken cancellationToken)
    {
        List<(StreamOperator, RestoredOperator)> all = [];
        foreach (var restoring in subtask.Operators.Where(static o => o.Context.Uid.Length > 0))
        {
            var groups = KeyGroups.RangeOf(subtask.Index, subtask.Vertex.Parallelism, _job.Options.MaxParallelism);
            if (_restored is not null && await _restored.LoadAsync(restoring.Context.Uid, groups, cancellationToken).ConfigureAwait(false) is { } state)
            {
                restoring.Restore(state);
                all.Add((restoring, state));
            }
        }

        return all;
    }

    private async Task CommitAsync(string sinkUid, ISinkCommitter committer, SinkEpoch epoch, CancellationToken cancellationToken)
    {
        try
        {
            await committer.CommitAsync(epoch.CheckpointId, epoch.Committables, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new StreamJobException(
                (e as DataPlatformException)?.Kind ?? ErrorKind.Unavailable, $"Sink '{sinkUid}' could not commit checkpoint {epoch.CheckpointId}: {e.Message}", e)
            { OperatorName = _job.Graph.Nodes.First(n => n.Uid == sinkUid).Name };
        }
    }

    private async Task WriteAsync(Subtask subtask, SubtaskSnapshot snapshot)
    {
        try
        {
            using (snapshot)
            {
                List<(string, ReadOnlyMemory<byte>)> committables = [];
                foreach (var (sinkUid, prepared) in snapshot.Committables)
                {
                    committables.Add((sinkUid, await prepared.ConfigureAwait(false)));
                }

                await WriteStateAsync(subtask, snapshot, committables).ConfigureAwait(false);
            }
        }
#pragma warning disable CA1031 // Whatever fails here ends the attempt with that as its cause: what a sink could not prepare is lost with its writer.
        catch (Exception e)
#pragma warning restore CA1031
        {
            OnFailed(e is OperationCanceledException ? e : Failed(subtask, snapshot.CheckpointId, e));
        }
    }

    private async Task WriteStateAsync(Subtask subtask, SubtaskSnapshot snapshot, List<(string, ReadOnlyMemory<byte>)> committables)
    {
        if (snapshot.IsAbandoned)
        {
            Coordinator.Decline(snapshot.CheckpointId, new SubtaskAck([], committables), cause: null);
            return;
        }

        try
        {
            var number = SubtaskNumber(subtask);
            if (snapshot.Savepoint is { } savepoint)
            {
                var whole = await _job.Savepoints.WriteStateAsync(savepoint, Number, number, snapshot.States, _cancellation.Token).ConfigureAwait(false);
                Acknowledge(subtask, snapshot, new SubtaskAck(whole, committables));
                return;
            }

            var sections = await _storage.WriteStateAsync(snapshot.CheckpointId, Number, number, snapshot.States, _cancellation.Token).ConfigureAwait(false);
            var databases = await _storage.UploadAsync(snapshot.CheckpointId, Number, number, snapshot.Uploads, _cancellation.Token).ConfigureAwait(false);
            Acknowledge(subtask, snapshot, new SubtaskAck(sections, committables) { Databases = databases });
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Coordinator.Decline(snapshot.CheckpointId, new SubtaskAck([], committables), Failed(subtask, snapshot.CheckpointId, e));
        }
    }

    private void Acknowledge(Subtask subtask, SubtaskSnapshot snapshot, SubtaskAck written)
    {
        MeasureState(subtask, written);
        Coordinator.Acknowledge(snapshot.CheckpointId, written);
    }

    private HashSet<string> InFlightEdges() => _restored is null
        ? []
        : [.. _restored.Manifest.Operators.Select(static o => o.Uid).Where(static uid => uid.StartsWith(InFlightState.UidPrefix, StringComparison.Ordinal))];

    /// <summary>Puts what was in flight in an unaligned checkpoint back into the channels: into the first of each edge.</summary>
    private async ValueTask RestoreInFlightAsync(Subtask subtask, CancellationToken cancellationToken)
    {
        if (_restored is null || subtask.Gate is not { } gate)
        {
            return;
        }

        HashSet<string> edges = new(StringComparer.Ordinal);
        var groups = KeyGroups.RangeOf(subtask.Index, subtask.Vertex.Parallelism, _job.Options.MaxParallelism);
        for (var channel = 0; channel < gate.Channels.Count; channel++)
        {
            var uid = gate.Channels[channel].EdgeUid;
            if (edges.Add(uid) && await _restored.LoadAsync(uid, groups, cancellationToken).ConfigureAwait(false) is { } state)
            {
                CheckCanRestore(subtask, gate.Channels[channel]);
                gate.Restore(channel, state, subtask.Index, subtask.Vertex.Parallelism);
            }
        }
    }

    private void CheckCanRestore(Subtask subtask, InputChannel channel)
    {
        if (!channel.CanRestore)
        {
            throw new StreamJobException(
                ErrorKind.Invalid,
                $"Checkpoint {_restored!.Manifest.CheckpointId} holds records on their way to '{subtask.Vertex.Head.Name}', which have no state serialiser any more: register it, or start the job once as it was and take a savepoint.")
            { OperatorName = subtask.Vertex.Head.Name };
        }
    }

    private static StreamJobException Failed(Subtask subtask, long checkpointId, Exception cause) => new(
        (cause as DataPlatformException)?.Kind ?? ErrorKind.Unavailable,
        $"Operators '{string.Join(" -> ", subtask.Vertex.Nodes.Select(static n => n.Name))}', subtask {subtask.Index}, could not write checkpoint {checkpointId}: {cause.Message}",
        cause)
    { OperatorName = subtask.Vertex.Head.Name, SubtaskIndex = subtask.Index };

    private int SubtaskNumber(Subtask subtask)
    {
        var number = 0;
        while (_subtasks[number] != subtask)
        {
            number++;
        }

        return number;
    }

    private void Halt()
    {
        foreach (var subtask in _subtasks)
        {
            subtask.Halt();
        }
    }
}
