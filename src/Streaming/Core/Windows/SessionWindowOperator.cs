using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.Runtime;
using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.Windows;

/// <summary>What sessions with an aggregate need to know.</summary>
internal sealed record SessionWindowPlan<TKey, TIn, TAccumulator, TResult, TOut>(
    SessionWindows<TIn> Sessions,
    long AllowedLatenessMs,
    OutputTag<TIn>? LateTag,
    Func<TIn, TKey> KeySelector,
    IAggregateFunction<TIn, TAccumulator, TResult> Aggregate,
    Func<TKey, TimeWindow, TResult, TOut> Result,
    IStateSerializer<TKey> KeySerializer,
    IStateSerializer<TAccumulator> AccumulatorSerializer)
    where TKey : notnull;

/// <summary>
/// Event-time sessions with an aggregate. A key has one look-out, at or before the next moment at which one of its sessions has something to do:
/// a record that only makes a session longer sets no timer, and the look-out that then comes too early sets itself anew.
/// </summary>
#pragma warning disable CA1001 // Closing the operator disposes its state.
internal sealed class SessionWindowOperator<TKey, TIn, TAccumulator, TResult, TOut>(SessionWindowPlan<TKey, TIn, TAccumulator, TResult, TOut> plan)
    : StreamOperator<TIn, TOut>
#pragma warning restore CA1001
    where TKey : notnull
{
    private const string StateName = "sessions";

    private readonly PriorityQueue<(TKey Key, int Hash), (long TimeMs, long Order)> _lookOuts = new();
    private KeyedStates<TKey> _states = null!;
    private StateTable<TKey, SessionSet<TAccumulator>> _table = null!;
    private RestoredWatermarks _before = null!;
    private RestoredOperator? _restored;
    private EmitBuffer<TOut> _results = null!;
    private EmitBuffer<TIn> _late = null!;
    private Output<TIn> _lateOutput = null!;
    private long _order;

    public override void Restore(RestoredOperator restored) => _restored = restored;

    public override void Open()
    {
        _states = new KeyedStates<TKey>(Context, plan.KeySerializer, _restored);
        _table = _states.Table(StateName, new SessionSetSerializer<TAccumulator>(plan.AccumulatorSerializer));
        _before = new RestoredWatermarks(Context.KeyGroups, Context.Options.MaxParallelism);
        _results = new EmitBuffer<TOut>(Context.Options.BatchSize);
        _late = new EmitBuffer<TIn>(Context.Options.BatchSize);
        _lateOutput = Side(plan.LateTag);
        if (_restored is not null)
        {
            _before.Restore(_restored);
            _restored = null;
            SetLookOuts();
        }
    }

    public override void Snapshot(SubtaskSnapshot snapshot)
    {
        _states.Snapshot(snapshot);
        _before.Snapshot(snapshot, Context.Uid, CurrentWatermarkMs);
    }

    public override ValueTask CloseAsync()
    {
        _states?.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override void OnBatch(in BatchView<TIn> batch)
    {
        for (var i = 0; i < batch.Count; i++)
        {
            var stampMs = batch.SplitWatermarksMs.IsEmpty ? long.MinValue : batch.SplitWatermarksMs[i];
            try
            {
                Add(batch.Records[i], batch.TimesMs[i], batch.KeyHashes[i], stampMs);
            }
            catch (Exception exception) when (exception is not OperatorException)
            {
                OnRecordFailed(exception, batch.Records[i], batch.TimesMs[i], i, batch.Count);
            }
        }

        FlushResults();
        FlushLate();
    }

    protected override void OnWatermark(long timeMs)
    {
        while (_lookOuts.TryPeek(out var at, out var due) && due.TimeMs <= timeMs)
        {
            _lookOuts.Dequeue();
            LookOut(at.Key, at.Hash, due.TimeMs, timeMs);
        }

        FlushResults();
        _before.Pass(timeMs);
    }

    private void Add(TIn record, long timeMs, int hash, long stampMs)
    {
        var key = plan.KeySelector(record);
        var window = new TimeWindow(timeMs, timeMs + plan.Sessions.GapMs(record));
        ref var set = ref _table.GetOrAdd(key, hash, out var exists);
        var at = exists ? set.FirstTouching(window) : -1;
        if (at < 0)
        {
            if (!exists)
            {
                // Back in place only with the record in it.
                _table.Remove(key, hash);
            }

            Begin(record, key, window, timeMs, stampMs, hash);
            return;
        }

        at = Join(ref set, at, window);
        plan.Aggregate.Add(ref set.At(at).Accumulator, record);
        Settle(key, hash, ref set, at);
    }

    private void Begin(TIn record, TKey key, TimeWindow window, long timeMs, long stampMs, int hash)
    {
        if (IsLate(window, hash, stampMs))
        {
            DropLate(record, timeMs);
            return;
        }

        var begun = new Session<TAccumulator>(window, plan.Aggregate.CreateAccumulator());
        plan.Aggregate.Add(ref begun.Accumulator, record);
        ref var set = ref _table.GetOrAdd(key, hash, out _);
        Settle(key, hash, ref set, set.Insert(begun));
    }

    /// <summary>Gives a session out at once whose end has passed, and sees to it that it is looked at again.</summary>
    private void Settle(TKey key, int hash, ref SessionSet<TAccumulator> set, int at)
    {
        ref var session = ref set.At(at);
        if (session.Window.MaxTimestampMs <= CurrentWatermarkMs || _before.HasReached(hash, session.Window.MaxTimestampMs))
        {
            session.IsFired = true;
            EmitResult(key, in session);
        }

        // A set that was away in the store has forgotten the look-out of its other sessions.
        SetLookOut(key, hash, ref set, set.LookOutMs == SessionSet<TAccumulator>.None ? NextMs(in set) : DueMs(in session));
    }

    /// <summary>Widens a session by a record's window; sessions that then touch become one.</summary>
    private int Join(ref SessionSet<TAccumulator> set, int at, TimeWindow window)
    {
        var cover = set.Peek(at).Window.Cover(window);
        if (cover == set.Peek(at).Window)
        {
            return at;
        }

        if (at + 1 == set.Count || !set.Peek(at + 1).Window.Touches(cover))
        {
            ref var session = ref set.At(at);
            session.Window = cover;
            session.IsFired = false;
            return at;
        }

        var all = set.ToArray().ToList();
        var joined = new Session<TAccumulator>(cover, all[at].Accumulator);
        while (at + 1 < all.Count && all[at + 1].Window.Touches(joined.Window))
        {
            var next = all[at + 1];
            joined.Window = joined.Window.Cover(next.Window);
            plan.Aggregate.Merge(ref joined.Accumulator, in next.Accumulator);
            all.RemoveAt(at + 1);
        }

        all[at] = joined;
        set.Set([.. all]);
        return at;
    }

    private void LookOut(TKey key, int hash, long setForMs, long watermarkMs)
    {
        if (!_table.TryPeek(key, hash, out var found) || (found.LookOutMs != setForMs && found.LookOutMs != SessionSet<TAccumulator>.None))
        {
            return;
        }

        ref var set = ref _table.GetOrAdd(key, hash, out _);
        set.LookOutMs = SessionSet<TAccumulator>.None;
        for (var at = 0; at < set.Count;)
        {
            ref var session = ref set.At(at);
            if (!session.IsFired && session.Window.MaxTimestampMs <= watermarkMs)
            {
                session.IsFired = true;
                EmitResult(key, in session);
            }

            if (Lateness.IsLate(session.Window.MaxTimestampMs, plan.AllowedLatenessMs, watermarkMs))
            {
                set.RemoveAt(at);
            }
            else
            {
                at++;
            }
        }

        if (set.Count == 0)
        {
            _table.Remove(key, hash);
            return;
        }

        SetLookOut(key, hash, ref set, NextMs(in set));
    }

    private void SetLookOut(TKey key, int hash, ref SessionSet<TAccumulator> set, long timeMs)
    {
        if (timeMs < set.LookOutMs)
        {
            set.LookOutMs = timeMs;
            _lookOuts.Enqueue((key, hash), (timeMs, _order++));
        }
    }

    private long NextMs(in SessionSet<TAccumulator> set)
    {
        var next = long.MaxValue;
        for (var at = 0; at < set.Count; at++)
        {
            next = Math.Min(next, DueMs(in set.Peek(at)));
        }

        return next;
    }

    private long DueMs(in Session<TAccumulator> session) => session.IsFired
        ? Lateness.CleanupTime(session.Window.MaxTimestampMs, plan.AllowedLatenessMs)
        : session.Window.MaxTimestampMs;

    private void SetLookOuts()
    {
        // The sets come from the store without a look-out, and so take the first one that comes.
        using var sets = _table.Scan();
        while (sets.MoveNext())
        {
            _lookOuts.Enqueue((sets.Key, sets.Hash), (NextMs(in sets.Value), _order++));
        }
    }

    private bool IsLate(TimeWindow window, int hash, long stampMs)
    {
        var forgottenMs = Lateness.CleanupTime(window.MaxTimestampMs, plan.AllowedLatenessMs);
        return forgottenMs <= CurrentWatermarkMs || forgottenMs <= stampMs || _before.HasReached(hash, forgottenMs);
    }

    private void DropLate(TIn record, long timeMs)
    {
        Counters.LateRecords++;
        _late.Add(record, timeMs);
        if (_late.IsFull)
        {
            FlushLate();
        }
    }

    private void EmitResult(TKey key, in Session<TAccumulator> session)
    {
        _results.Add(plan.Result(key, session.Window, plan.Aggregate.GetResult(in session.Accumulator)), session.Window.MaxTimestampMs);
        if (_results.IsFull)
        {
            FlushResults();
        }
    }

    private void FlushResults()
    {
        Emit(_results.View);
        _results.Clear();
    }

    private void FlushLate()
    {
        if (_late.Count > 0)
        {
            _lateOutput.Emit(_late.View);
            _late.Clear();
        }
    }
}
