using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Streaming.Diagnostics;
using DataPlatform.Streaming.Runtime;

namespace DataPlatform.Streaming.Checkpoints;

/// <summary>
/// Begins checkpoints, collects what the subtasks contribute, completes them with a manifest and then has their output committed. An actor:
/// everything but the I/O runs on its mailbox. Manifests and commits follow in the order of ids.
/// </summary>
internal sealed partial class CheckpointCoordinator : Actor, IAsyncDisposable
{
    private readonly CheckpointStorage _storage;
    private readonly SavepointStorage _savepoints;
    private readonly ICheckpointTarget _target;
    private readonly StreamJobOptions _options;
    private readonly IJobScheduler _scheduler;
    private readonly CheckpointSchedule _schedule;
    private readonly int _attempt;
    private readonly CancellationToken _cancellationToken;
    private readonly UncommittedOutput _uncommitted;
    private readonly Queue<CheckpointRequest> _wanted = new();
    private readonly List<PendingCheckpoint> _pending = [];
    private readonly Queue<PendingCheckpoint> _toComplete = new();
    private readonly Queue<PendingCheckpoint> _toCommit = new();
    private readonly ITimer _timer;
    private CheckpointRequest _atEnd = new(IsLast: true);
    private DateTimeOffset _lastBegan;
    private DateTimeOffset? _lastEnded;
    private long _lastId;
    private int _failuresInARow;
    private bool _completing;
    private bool _committing;
    private bool _ending;

    public CheckpointCoordinator(
        CheckpointStorage storage,
        SavepointStorage savepoints,
        ICheckpointTarget target,
        StreamJobOptions options,
        IJobScheduler scheduler,
        int attempt,
        CheckpointManifest? restored,
        long lastId,
        CancellationToken cancellationToken)
        : base(scheduler)
    {
        _storage = storage;
        _savepoints = savepoints;
        _target = target;
        _options = options;
        _scheduler = scheduler;
        _schedule = new CheckpointSchedule(options.CheckpointInterval, options.CheckpointMinPause, options.ConcurrentCheckpointsMax);
        _attempt = attempt;
        _cancellationToken = cancellationToken;
        _lastId = lastId;
        _uncommitted = new UncommittedOutput(restored?.Sinks ?? []);
        _timer = options.Time.CreateTimer(static state => ((CheckpointCoordinator)state!).Post(((CheckpointCoordinator)state).OnTime), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The last complete checkpoint of this attempt; null before the first.</summary>
    public CheckpointSnapshot? Last { get; private set; }

    /// <summary>How many checkpoints of this attempt were given up.</summary>
    public int FailedCheckpoints { get; private set; }

    /// <summary>How often files of old checkpoints could not be removed.</summary>
    public int FailedCleanups { get; private set; }

    private DateTimeOffset Now => _options.Time.GetUtcNow();

    /// <summary>Commits what the restored checkpoint holds; to be awaited before any record flows.</summary>
    public async ValueTask CommitRestoredAsync()
    {
        var ready = _uncommitted.UpTo(_lastId);
        await _target.CommitAsync(ready, _cancellationToken).ConfigureAwait(false);
        _uncommitted.Committed(ready);
    }

    public void Start() => Post(() =>
    {
        _lastBegan = Now;
        Arm();
    });

    /// <summary>Asks for a checkpoint or savepoint now, or for one that the job ends with.</summary>
    public Task<long> TriggerAsync(bool stop = false, string? savepoint = null)
    {
        var caller = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() => Want(new CheckpointRequest(stop, stop, savepoint, caller)));
        return caller.Task;
    }

    /// <summary>Asks that the checkpoint which the job ends with, once its input has ended, is a savepoint.</summary>
    public Task<long> EndWithAsync(string savepoint)
    {
        var caller = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() => _atEnd = new CheckpointRequest(IsLast: true, Savepoint: savepoint, Caller: caller));
        return caller.Task;
    }

    /// <summary>All subtasks have come to their end: one more checkpoint commits the rest.</summary>
    public void AllEnded() => Post(() => Want(_atEnd));

    /// <summary>A subtask's contribution is durable.</summary>
    public void Acknowledge(long checkpointId, SubtaskAck ack) => Post(() => OnAck(checkpointId, ack));

    /// <summary>A subtask could not contribute. What its sinks have prepared is kept for the next checkpoint.</summary>
    public void Decline(long checkpointId, SubtaskAck committables, Exception? cause) => Post(() =>
    {
        Keep(checkpointId, committables);
        if (cause is not null && _pending.Find(p => p.Id == checkpointId) is { } pending)
        {
            GiveUp(pending, cause);
        }
    });

    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    protected override bool Step() => false;

    protected override void OnError(Exception exception) => _target.OnFailed(exception);

    /// <summary>Sets the one timer to what comes first: the next periodic checkpoint, or the end of the patience with one.</summary>
    private void Arm()
    {
        var next = _ending ? null : _schedule.Next(_pending.Count, _lastBegan, _lastEnded);
        foreach (var pending in _pending.Where(static p => !p.IsCompleting))
        {
            var limit = pending.StartedAt + _options.CheckpointTimeout;
            next = next < limit ? next : limit;
        }

        var now = Now;
        _timer.Change(next is not { } at ? Timeout.InfiniteTimeSpan : at > now ? at - now : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private void OnTime()
    {
        var now = Now;
        foreach (var pending in _pending.Where(p => !p.IsCompleting && now - p.StartedAt >= _options.CheckpointTimeout).ToList())
        {
            GiveUp(pending, new StreamJobException(
                ErrorKind.Unavailable,
                string.Create(CultureInfo.InvariantCulture, $"Checkpoint {pending.Id} of job '{_storage.JobName}' was not complete after {_options.CheckpointTimeout}: a subtask is held back, or the store is slow.")));
        }

        if (!_ending && _wanted.Count == 0 && _schedule.Next(_pending.Count, _lastBegan, _lastEnded) <= now)
        {
            Want(new CheckpointRequest());
        }

        Arm();
    }

    private void Want(CheckpointRequest request)
    {
        if (_ending && request.StopsSources && request.Savepoint is null)
        {
            // What was asked for is under way: the caller waits for the job's end.
            request.Caller?.TrySetResult(_lastId);
            return;
        }

        if (_ending || _cancellationToken.IsCancellationRequested)
        {
            request.Caller?.TrySetException(new StreamJobException(ErrorKind.Unavailable, $"Job '{_storage.JobName}' is ending; no further checkpoint begins."));
            return;
        }

        _ending = request.IsLast;
        _wanted.Enqueue(request);
        BeginNext();
    }

    private void BeginNext()
    {
        while (_wanted.TryPeek(out var request) && _schedule.HasRoom(_pending.Count))
        {
            _wanted.Dequeue();
            _lastBegan = Now;
            long? unalignedFromMs = request.Savepoint is null && _options.AlignmentTimeout is { } alignment
                ? (_lastBegan + alignment).ToUnixTimeMilliseconds()
                : null;
            var barrier = new CheckpointBarrier(++_lastId, request.StopsSources) { Savepoint = request.Savepoint, UnalignedFromMs = unalignedFromMs };
            _pending.Add(new PendingCheckpoint(barrier, request, _target.SubtaskCount, _lastBegan));
            _target.InjectBarrier(barrier);
        }

        Arm();
    }

    private void Keep(long checkpointId, SubtaskAck ack)
    {
        foreach (var (sinkUid, committable) in ack.Committables)
        {
            _uncommitted.Add(sinkUid, checkpointId, committable);
        }
    }

    private void OnAck(long checkpointId, SubtaskAck ack)
    {
        Keep(checkpointId, ack);
        if (_pending.Find(p => p.Id == checkpointId) is { } pending && pending.Add(ack))
        {
            pending.IsCompleting = true;
            _toComplete.Enqueue(pending);
            CompleteNext();
        }
    }

    /// <summary>A checkpoint has failed: its records are in the next one, and too many failures in a row end the attempt.</summary>
    private void GiveUp(PendingCheckpoint pending, Exception cause)
    {
        _pending.Remove(pending);
        FailedCheckpoints++;
        StreamingInstruments.GivenUp(_storage.JobName);
        _lastEnded = Now;
        pending.Request.Caller?.TrySetException(cause);
        if (++_failuresInARow > _options.TolerableCheckpointFailures || pending.Request.StopsSources)
        {
            _target.OnFailed(cause);
            return;
        }

        _target.CancelCheckpoint(pending.Id);
        if (pending.Request.IsLast)
        {
            // The input is at its end; only this checkpoint is missing.
            _wanted.Enqueue(pending.Request with { Savepoint = null, Caller = null });
        }

        BeginNext();
    }
}
