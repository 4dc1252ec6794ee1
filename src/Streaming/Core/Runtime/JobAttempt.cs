using DataPlatform.Kernel;
using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Diagnostics;
using DataPlatform.Streaming.Graph;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.Sinks;
using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.Runtime;

/// <summary>One attempt to run a job: from a checkpoint, or from nothing, to the end, a stop or a failure.</summary>
internal sealed class JobAttempt : ISubtaskListener, ICheckpointTarget, IAsyncDisposable
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

    private JobAttempt(StreamJob job, IJobScheduler scheduler, CheckpointStorage storage, RestoredCheckpoint? restored, int number)
    {
        _job = job;
        _scheduler = scheduler;
        _storage = storage;
        _restored = restored;
        Number = number;
        Coordinator = new CheckpointCoordinator(storage, this, job.Options, scheduler, number, restored?.Manifest, _cancellation.Token);
    }

    public int Number { get; }

    public CheckpointCoordinator Coordinator { get; }

    /// <summary>Ends well, or with the failure that ended the attempt.</summary>
    public Task Ended => _ended.Task;

    public int SubtaskCount => _subtasks.Count;

    /// <summary>Restores, commits what the checkpoint holds, and lets records flow.</summary>
    public static async Task<JobAttempt> StartAsync(StreamJob job, IJobScheduler scheduler, CheckpointStorage storage, CancellationToken cancellationToken)
    {
        var number = await storage.ClaimAttemptAsync(cancellationToken).ConfigureAwait(false);
        var checkpoints = await storage.ListAsync(cancellationToken).ConfigureAwait(false);
        var restored = checkpoints.Count == 0
            ? null
            : new RestoredCheckpoint(storage, await storage.ReadAsync(checkpoints[^1], cancellationToken).ConfigureAwait(false));
        restored?.Validate(job.Options, job.Graph.Nodes.Select(static n => n.Uid).OfType<string>().ToHashSet(StringComparer.Ordinal));
        var attempt = new JobAttempt(job, scheduler, storage, restored, number);
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

    public JobSnapshot Snapshot() => new(
        _job.Name,
        Number,
        [.. _subtasks.SelectMany(static s => s.Operators.Reverse().Select(o => Describe(s, o)))
            .OrderBy(o => _job.Graph.Nodes.First(n => n.Name.Equals(o.Name, StringComparison.Ordinal)).Id).ThenBy(static o => o.SubtaskIndex)],
        _restored?.Manifest.CheckpointId,
        Coordinator.Last);

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

    private static OperatorSnapshot Describe(Subtask subtask, StreamOperator described)
    {
        var counters = described.Counters;
        return new OperatorSnapshot(
            described.Context.Name,
            described.Context.Uid,
            subtask.Index,
            Volatile.Read(ref counters.RecordsIn),
            Volatile.Read(ref counters.RecordsOut),
            Volatile.Read(ref counters.LateRecords),
            Volatile.Read(ref counters.FailedRecords),
            Volatile.Read(ref counters.WatermarkMs),
            counters.IsIdle,
            subtask.BackPressuredSteps);
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        foreach (var node in _job.Graph.Nodes)
        {
            await node.PrepareAsync(_restored, node.ParallelismIn(_job.Options), cancellationToken).ConfigureAwait(false);
            if (node is ISinkNode sink)
            {
                _committers.Add(node.Uid!, sink.CreateCommitter(new SinkCommitterContext(_job.Name, node.Uid!, Number, _job.Options.Time)));
            }
        }

        await Coordinator.CommitRestoredAsync().ConfigureAwait(false);
        _subtasks = new SubtaskBuilder(_job.Name, Number, _job.Options, new ExecutionPlan(_job.Graph, _job.Options), _scheduler, this, _cancellation.Token).Build();
        foreach (var subtask in _subtasks)
        {
            var restored = await RestoreAsync(subtask, cancellationToken).ConfigureAwait(false);
            subtask.Open();
            CheckAllRead(restored);
        }

        Coordinator.Start();
        foreach (var subtask in _subtasks)
        {
            subtask.Wake();
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

                var sections = await _storage.WriteStateAsync(
                    snapshot.CheckpointId, Number, SubtaskNumber(subtask), snapshot.States, _cancellation.Token).ConfigureAwait(false);
                Coordinator.Acknowledge(snapshot.CheckpointId, new SubtaskAck(sections, committables));
            }
        }
#pragma warning disable CA1031 // Whatever fails here ends the attempt with that as its cause.
        catch (Exception e)
#pragma warning restore CA1031
        {
            OnFailed(e is OperationCanceledException ? e : Failed(subtask, snapshot.CheckpointId, e));
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
