namespace DataPlatform.ResourceScheduler.Recovery;

/// <summary>
/// A scheduler whose events outlive it: <see cref="Apply"/> collects them, <see cref="CommitAsync"/> makes all collected ones durable at
/// once. What was decided may be acted on only after that.
/// </summary>
/// <remarks>
/// Not thread-safe: one leader, one loop. After any exception of a method that writes it leads no more: what the store holds is then
/// not known here, and the next leader finds out.
/// </remarks>
public sealed partial class DurableScheduler : IAsyncDisposable
{
    private readonly IStateStore? _store;
    private readonly SchedulerOptions _options;
    private readonly ByteWriter _events = new();
    private readonly ByteWriter _frame = new();
    private int _uncommitted;
    private long _sequence;
    private long _lastTimeMs;
    private ulong _digest = DecisionDigest.Empty;
    private bool _isOver;

    private DurableScheduler(IStateStore? store, SchedulerOptions options, ClusterScheduler scheduler)
    {
        _store = store;
        _options = options;
        Scheduler = scheduler;
    }

    /// <summary>The scheduler as of the newest event, committed or not. Another object after each save.</summary>
    public ClusterScheduler Scheduler { get; private set; }

    /// <summary>Held while the scheduler changes, for readers beside the leader's loop.</summary>
    internal Lock Gate { get; } = new();

    /// <summary>The epoch of this leader; 0 without a store.</summary>
    public long Epoch { get; private set; }

    /// <summary>Whether events are kept anywhere.</summary>
    public bool IsDurable => _store is not null;

    /// <summary>Events applied and not yet durable.</summary>
    public int Uncommitted => _uncommitted;

    /// <summary>Events made durable since the state was last saved.</summary>
    public long EventsSinceSave { get; private set; }

    /// <summary>What was found at the start.</summary>
    public RecoveryReport Recovered { get; private set; } = new(0, 0, 0, 0);

    /// <summary>A scheduler that remembers nothing beyond its process: commits do nothing.</summary>
    /// <param name="queues">The queue tree.</param>
    /// <param name="options">Settings; defaults when absent.</param>
    public static DurableScheduler Volatile(QueueTree queues, SchedulerOptions? options = null)
        => new(null, options ?? new SchedulerOptions(), new ClusterScheduler(queues, options));

    /// <summary>Claims the store, reads what earlier leaders left, and leads from there. Waits while another leads.</summary>
    /// <param name="queues">The queue tree; where it is another than the last leader was given, it is put in force.</param>
    /// <param name="store">Where events are kept. The caller disposes it.</param>
    /// <param name="owner">Who leads, for people.</param>
    /// <param name="options">Settings; defaults when absent.</param>
    /// <param name="cancellationToken">Gives up; a claim that was made is released.</param>
    /// <exception cref="SchedulerException">Corrupt: a record or the saved state is damaged, or was written by a program that decides
    /// differently; the message names the record. Invalid: the new queue tree lacks a queue with applications.</exception>
    public static async ValueTask<DurableScheduler> LeadAsync(QueueTree queues, IStateStore store, string owner,
        SchedulerOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(queues);
        ArgumentNullException.ThrowIfNull(store);
        ArgumentException.ThrowIfNullOrWhiteSpace(owner);
        var leader = new DurableScheduler(store, options ?? new SchedulerOptions(), new ClusterScheduler(queues, options))
        {
            Epoch = await store.ClaimAsync(owner, cancellationToken).ConfigureAwait(false),
        };
        try
        {
            await leader.RecoverAsync(queues, cancellationToken).ConfigureAwait(false);
            return leader;
        }
        catch
        {
            await store.ReleaseAsync(leader.Epoch, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Takes one event and says what follows. Nothing of it may leave the process before the next <see cref="CommitAsync"/>
    /// has completed.</summary>
    /// <param name="schedulerEvent">What happened.</param>
    public IReadOnlyList<SchedulerDecision> Apply(SchedulerEvent schedulerEvent)
    {
        ArgumentNullException.ThrowIfNull(schedulerEvent);
        ObjectDisposedException.ThrowIf(_isOver, this);
        IReadOnlyList<SchedulerDecision> decisions;
        lock (Gate)
        {
            decisions = Scheduler.Apply(schedulerEvent);
        }

        if (_store is not null)
        {
            EventCodec.Write(_events, schedulerEvent, _lastTimeMs);
            _lastTimeMs = schedulerEvent.TimeMs;
            _uncommitted++;
            foreach (var decision in decisions)
            {
                _digest = DecisionDigest.Add(_digest, decision);
            }
        }

        return decisions;
    }

    /// <summary>Has every node registered so far report itself anew before it gets more containers: what it runs, and whether it is
    /// there at all, only its next registration tells a new leader. The decisions are as after <see cref="Apply"/>.</summary>
    /// <param name="nowMs">The time, from which a node that stays silent is given up in the usual time.</param>
    public IReadOnlyList<SchedulerDecision> HoldNodes(long nowMs)
        => [.. Scheduler.NodeEpochs().ToArray().SelectMany(node => Apply(
            new SchedulerEvent.NodeReported(nowMs, node.Name, node.Epoch, [], IsHealthy: false)))];

    /// <summary>Makes every applied event durable, in one record.</summary>
    /// <param name="cancellationToken">Gives up; this leader is then over.</param>
    /// <exception cref="SchedulerException">Conflict: another leader has begun. Unavailable: the store did not answer.</exception>
    public ValueTask CommitAsync(CancellationToken cancellationToken = default)
        => _uncommitted == 0 ? ValueTask.CompletedTask : AppendAsync(isRestated: false, null, cancellationToken);

    /// <summary>Commits, and keeps the whole state, so that the next leader need not read the events before it.</summary>
    /// <param name="cancellationToken">Gives up; this leader is then over.</param>
    /// <exception cref="SchedulerException">As for <see cref="CommitAsync"/>.</exception>
    public async ValueTask SaveAsync(CancellationToken cancellationToken = default)
    {
        if (_store is null)
        {
            return;
        }

        await AppendAsync(isRestated: true, null, cancellationToken).ConfigureAwait(false);
        var state = Restate(_options);
        await WriteAsync(() => _store.SaveStateAsync(state, cancellationToken)).ConfigureAwait(false);
        EventsSinceSave = 0;
    }

    /// <summary>Releases the claim. Events that were not committed are lost.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_isOver && _store is not null)
        {
            _isOver = true;
            await _store.ReleaseAsync(Epoch, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async ValueTask AppendAsync(bool isRestated, LeaderConfiguration? configuration, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isOver, this);
        _frame.Clear();
        LogFrame.Begin(_frame, _sequence + 1, Epoch, isRestated, configuration, _uncommitted);
        _frame.Raw(_events.Written);
        LogFrame.End(_frame, _digest);
        var record = new LogRecord(_sequence + 1, Epoch, _frame.ToArray());
        await WriteAsync(() => _store!.AppendAsync(record, cancellationToken)).ConfigureAwait(false);
        _sequence++;
        EventsSinceSave += _uncommitted;
        BeginRecord();
    }

    private void BeginRecord()
    {
        _uncommitted = 0;
        _lastTimeMs = 0;
        _events.Clear();
        _digest = DecisionDigest.Empty;
    }

    private async ValueTask WriteAsync(Func<ValueTask> write)
    {
        try
        {
            await write().ConfigureAwait(false);
        }
        catch
        {
            // Whether the record is there is not known, so nothing more may be decided on top of it.
            _isOver = true;
            throw;
        }
    }

    /// <summary>Writes the scheduler out and goes on from what is read back, so that what the next leader reads is all there ever
    /// was.</summary>
    private SavedState Restate(SchedulerOptions options)
    {
        lock (Gate)
        {
            var writer = new ByteWriter();
            StateFrame.Write(writer, _sequence, Epoch, Scheduler, _configuration!);
            var payload = writer.ToArray();
            (Scheduler, _) = StateFrame.Read(payload, _sequence, options);
            return new SavedState(_sequence, Epoch, payload);
        }
    }
}
