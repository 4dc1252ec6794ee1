using DataPlatform.Streaming.Diagnostics;
using DataPlatform.Streaming.Runtime;

namespace DataPlatform.Streaming.Checkpoints;

/// <summary>What the coordinator asks of the attempt that it serves.</summary>
internal interface ICheckpointTarget
{
    int SubtaskCount { get; }

    /// <summary>Lets barriers into the stream, at all sources.</summary>
    void InjectBarrier(CheckpointBarrier barrier);

    /// <summary>Commits output that a durable checkpoint holds.</summary>
    ValueTask CommitAsync(IReadOnlyList<SinkState> sinks, CancellationToken cancellationToken);

    void NotifyCompleted(long checkpointId);

    /// <summary>The last checkpoint is complete and committed.</summary>
    void OnFinished();

    void OnFailed(Exception exception);
}

/// <summary>
/// Begins checkpoints, collects what the subtasks contribute, completes them with a manifest and then has their output committed. An actor:
/// everything but the I/O runs on its mailbox. One checkpoint is in the making at a time; commits follow in order.
/// </summary>
internal sealed class CheckpointCoordinator : Actor, IAsyncDisposable
{
    private readonly CheckpointStorage _storage;
    private readonly ICheckpointTarget _target;
    private readonly StreamJobOptions _options;
    private readonly IJobScheduler _scheduler;
    private readonly int _attempt;
    private readonly CancellationToken _cancellationToken;
    private readonly UncommittedOutput _uncommitted;
    private readonly List<(CheckpointBarrier Barrier, bool IsLast, TaskCompletionSource<long>? Caller)> _wanted = [];
    private readonly Queue<PendingCheckpoint> _toCommit = new();
    private PendingCheckpoint? _pending;
    private ITimer? _timer;
    private long _lastId;
    private bool _committing;
    private bool _ending;

    public CheckpointCoordinator(
        CheckpointStorage storage,
        ICheckpointTarget target,
        StreamJobOptions options,
        IJobScheduler scheduler,
        int attempt,
        CheckpointManifest? restored,
        CancellationToken cancellationToken)
        : base(scheduler)
    {
        _storage = storage;
        _target = target;
        _options = options;
        _scheduler = scheduler;
        _attempt = attempt;
        _cancellationToken = cancellationToken;
        _lastId = restored?.CheckpointId ?? 0;
        _uncommitted = new UncommittedOutput(restored?.Sinks ?? []);
    }

    /// <summary>The last complete checkpoint of this attempt; null before the first.</summary>
    public CheckpointSnapshot? Last { get; private set; }

    /// <summary>Commits what the restored checkpoint holds; to be awaited before any record flows.</summary>
    public async ValueTask CommitRestoredAsync()
    {
        var ready = _uncommitted.UpTo(_lastId);
        await _target.CommitAsync(ready, _cancellationToken).ConfigureAwait(false);
        _uncommitted.Committed(ready);
    }

    public void Start()
    {
        if (_options.CheckpointInterval is { } interval)
        {
            _timer = _options.Time.CreateTimer(_ => Post(OnInterval), null, interval, interval);
        }
    }

    /// <summary>Asks for a checkpoint now.</summary>
    public Task<long> TriggerAsync(bool stop)
    {
        var caller = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() => Want(stop, isLast: stop, caller));
        return caller.Task;
    }

    /// <summary>All subtasks have come to their end: one more checkpoint commits the rest.</summary>
    public void AllEnded() => Post(() => Want(stop: false, isLast: true, caller: null));

    /// <summary>A subtask's contribution is durable.</summary>
    public void Acknowledge(long checkpointId, SubtaskAck ack) => Post(() => OnAck(checkpointId, ack));

    public ValueTask DisposeAsync() => _timer?.DisposeAsync() ?? ValueTask.CompletedTask;

    protected override bool Step() => false;

    protected override void OnError(Exception exception) => _target.OnFailed(exception);

    private void OnInterval()
    {
        if (_pending is null && _wanted.Count == 0 && !_ending)
        {
            Want(stop: false, isLast: false, caller: null);
        }
    }

    private void Want(bool stop, bool isLast, TaskCompletionSource<long>? caller)
    {
        if (_ending && stop)
        {
            // What was asked for is under way: the caller waits for the job's end.
            caller?.TrySetResult(_lastId);
            return;
        }

        if (_ending || _cancellationToken.IsCancellationRequested)
        {
            caller?.TrySetException(new StreamJobException(Kernel.ErrorKind.Unavailable, $"Job '{_storage.JobName}' is ending; no further checkpoint begins."));
            return;
        }

        _ending = isLast;
        _wanted.Add((new CheckpointBarrier(0, stop), isLast, caller));
        BeginNext();
    }

    private void BeginNext()
    {
        if (_pending is not null || _wanted.Count == 0)
        {
            return;
        }

        var (barrier, isLast, caller) = _wanted[0];
        _wanted.RemoveAt(0);
        _pending = new PendingCheckpoint(barrier with { CheckpointId = ++_lastId }, isLast, _target.SubtaskCount, _options.Time.GetTimestamp());
        if (caller is not null)
        {
            _pending.Completion.Task.ContinueWith(
                static (task, state) => ((TaskCompletionSource<long>)state!).TrySetFromTask(task), caller, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        _target.InjectBarrier(_pending.Barrier);
    }

    private void OnAck(long checkpointId, SubtaskAck ack)
    {
        foreach (var (sinkUid, committable) in ack.Committables)
        {
            _uncommitted.Add(sinkUid, checkpointId, committable);
        }

        if (_pending is { } pending && pending.Id == checkpointId && pending.Add(ack))
        {
            var manifest = Describe(pending);
            _scheduler.RunBackground(() => CompleteAsync(pending, manifest));
        }
    }

    private CheckpointManifest Describe(PendingCheckpoint pending) => new()
    {
        JobName = _storage.JobName,
        CheckpointId = pending.Id,
        Attempt = _attempt,
        CreatedAt = _options.Time.GetUtcNow(),
        MaxParallelism = _options.MaxParallelism,
        KeyHashVersion = State.KeyHashers.Version,
        Operators = pending.Operators,
        Sinks = _uncommitted.UpTo(pending.Id),
    };

    private Task CompleteAsync(PendingCheckpoint pending, CheckpointManifest manifest) => GuardAsync(async () =>
    {
        var bytes = await _storage.CompleteAsync(manifest, _cancellationToken).ConfigureAwait(false);
        Post(() => OnComplete(pending, bytes));
    });

    private void OnComplete(PendingCheckpoint pending, int manifestBytes)
    {
        Last = new CheckpointSnapshot(pending.Id, _options.Time.GetElapsedTime(pending.StartedAt), pending.StateBytes + manifestBytes);
        _pending = null;
        _toCommit.Enqueue(pending);
        CommitNext();
        BeginNext();
    }

    private void CommitNext()
    {
        if (_committing || !_toCommit.TryDequeue(out var pending))
        {
            return;
        }

        _committing = true;
        var ready = _uncommitted.UpTo(pending.Id);
        _scheduler.RunBackground(() => GuardAsync(async () =>
        {
            await _target.CommitAsync(ready, _cancellationToken).ConfigureAwait(false);
            await _storage.RemoveOldAsync(_options.CheckpointsRetained, pending.Id, _cancellationToken).ConfigureAwait(false);
            Post(() => OnCommitted(pending, ready));
        }));
    }

    private void OnCommitted(PendingCheckpoint pending, IReadOnlyList<SinkState> committed)
    {
        _committing = false;
        _uncommitted.Committed(committed);
        _target.NotifyCompleted(pending.Id);
        pending.Completion.TrySetResult(pending.Id);
        if (pending.IsLast)
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
