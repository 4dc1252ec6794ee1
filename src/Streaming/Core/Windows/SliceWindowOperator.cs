using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.Runtime;
using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.Windows;

/// <summary>What a window aggregation needs to know.</summary>
internal sealed record SliceWindowPlan<TKey, TIn, TAccumulator, TResult, TOut>(
    SliceGrid Grid,
    long AllowedLatenessMs,
    OutputTag<TIn>? LateTag,
    Func<TIn, TKey> KeySelector,
    IAggregateFunction<TIn, TAccumulator, TResult> Aggregate,
    Func<TKey, TimeWindow, TResult, TOut> Result,
    IStateSerializer<TKey> KeySerializer,
    IStateSerializer<TAccumulator> AccumulatorSerializer)
    where TKey : notnull;

/// <summary>
/// Tumbling and sliding event-time windows with an aggregate. Each record goes into one slice; a window is its slices put together when the
/// watermark reaches its last millisecond.
/// </summary>
#pragma warning disable CA1001 // Closing the operator disposes its state.
internal sealed class SliceWindowOperator<TKey, TIn, TAccumulator, TResult, TOut>(SliceWindowPlan<TKey, TIn, TAccumulator, TResult, TOut> plan)
    : StreamOperator<TIn, TOut>
#pragma warning restore CA1001
    where TKey : notnull
{
    private readonly SliceGrid _grid = plan.Grid;
    private SliceState<TKey, TAccumulator> _state = null!;
    private EmitBuffer<TOut> _results = null!;
    private EmitBuffer<TIn> _late = null!;
    private Output<TIn> _lateOutput = null!;

    // The slice of the last record; a null table means that it is late.
    private StateTable<TKey, TAccumulator>? _table;
    private long _tableStartMs;
    private long _tableEndMs;
    private long _tableForgottenMs;
    private long _firstForgottenMs;

    // Only for sliding windows of an aggregate that can take away, and where slices are on the heap anyway.
    private RollingSum<TKey, TIn, TAccumulator, TResult>? _rolling;
    private Action<SliceId, StateTable<TKey, TAccumulator>>? _dropping;
    private bool _changesRolling;

    private RestoredOperator? _restored;

    // Where the record at hand has begun an accumulator that it is not yet in.
    private StateTable<TKey, TAccumulator>? _newIn;

    public override void Restore(RestoredOperator restored) => _restored = restored;

    public override void Open()
    {
        _state = new SliceState<TKey, TAccumulator>(_grid, Context, plan.KeySerializer, plan.AccumulatorSerializer, _restored);
        _restored = null;
        _results = new EmitBuffer<TOut>(Context.Options.BatchSize);
        _late = new EmitBuffer<TIn>(Context.Options.BatchSize);
        _lateOutput = Side(plan.LateTag);
        if (plan.Aggregate is IRetractableAggregate<TIn, TAccumulator, TResult> retractable
            && _grid.SlideMs < _grid.SizeMs && Context.Options.StateBackend is HeapStateBackend)
        {
            _rolling = new RollingSum<TKey, TIn, TAccumulator, TResult>(retractable);
            _dropping = _rolling.Leave;
        }
    }

    public override void Snapshot(SubtaskSnapshot snapshot) => _state.Snapshot(snapshot, Context.Uid, CurrentWatermarkMs);

    public override ValueTask CloseAsync()
    {
        _state?.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override void OnBatch(in BatchView<TIn> batch)
    {
        for (var i = 0; i < batch.Count; i++)
        {
            try
            {
                Add(batch.Records[i], batch.TimesMs[i], batch.KeyHashes[i], batch.SplitWatermarksMs.IsEmpty ? long.MinValue : batch.SplitWatermarksMs[i]);
            }
            catch (Exception exception) when (exception is not OperatorException)
            {
                ForgetNew(batch.Records[i], batch.KeyHashes[i]);
                OnRecordFailed(exception, batch.Records[i], batch.TimesMs[i], i, batch.Count);
            }
        }

        FlushResults();
        FlushLate();
    }

    protected override void OnWatermark(long timeMs)
    {
        _table = null;
        _tableEndMs = _tableStartMs = long.MinValue;
        while (_state.TryTakeDue(timeMs, out var windowStartMs))
        {
            Fire(windowStartMs);
        }

        FlushResults();
        _state.Forget(timeMs, plan.AllowedLatenessMs, _dropping);
    }

    private void Add(TIn record, long timeMs, int hash, long stampMs)
    {
        if (timeMs < _tableStartMs || timeMs >= _tableEndMs)
        {
            Locate(timeMs);
        }

        // By its split's watermark a record is late or not whatever the other splits do; only idleness can have closed its window before.
        if (_table is null || stampMs >= _tableForgottenMs || _state.WasLate(hash, _tableForgottenMs))
        {
            DropLate(record, timeMs);
            return;
        }

        if (_changesRolling)
        {
            // Late for the window that fired last, in time for one that shares the slice: rare, so the next window begins anew.
            _rolling!.Clear();
            _changesRolling = false;
        }

        var key = plan.KeySelector(record);
        var table = stampMs >= _firstForgottenMs ? LaterPart(stampMs) : _table;
        ref var accumulator = ref table.GetOrAdd(key, hash, out var exists);
        if (!exists)
        {
            _newIn = table;
            accumulator = plan.Aggregate.CreateAccumulator();
        }

        plan.Aggregate.Add(ref accumulator, record);
        _newIn = null;
        if (plan.AllowedLatenessMs > 0)
        {
            FireAgain(key, hash, timeMs);
        }
    }

    /// <summary>The aggregate threw on the first record of a key: without it the key has no window.</summary>
    private void ForgetNew(TIn record, int hash)
    {
        _newIn?.Remove(plan.KeySelector(record), hash);
        _newIn = null;
    }

    private void Locate(long timeMs)
    {
        _tableStartMs = _grid.SliceStart(timeMs);
        _tableEndMs = _tableStartMs + _grid.SliceMs;
        _tableForgottenMs = Lateness.CleanupTime(_grid.MaxTimestamp(_grid.LastWindowStart(timeMs)), plan.AllowedLatenessMs);
        _firstForgottenMs = Lateness.CleanupTime(_grid.MaxTimestamp(_grid.FirstWindowStart(timeMs)), plan.AllowedLatenessMs);
        _changesRolling = _rolling is not null && _tableStartMs < _rolling.EndMs;
        _table = _tableForgottenMs <= CurrentWatermarkMs ? null : _state.Slice(_tableStartMs, CurrentWatermarkMs);
    }

    /// <summary>The part of the slice for a record that is late for some of its windows by its split's watermark, and in time for others.</summary>
    private StateTable<TKey, TAccumulator> LaterPart(long splitWatermarkMs)
    {
        var firstLiveMs = _grid.FirstWindowStart(_tableStartMs);
        while (Lateness.IsLate(_grid.MaxTimestamp(firstLiveMs), plan.AllowedLatenessMs, splitWatermarkMs))
        {
            firstLiveMs += _grid.SlideMs;
        }

        return _state.Part(_tableStartMs, firstLiveMs, CurrentWatermarkMs);
    }

    private void DropLate(TIn record, long timeMs)
    {
        if (!_grid.IsInWindow(timeMs))
        {
            return;
        }

        Counters.LateRecords++;
        _late.Add(record, timeMs);
        if (_late.IsFull)
        {
            FlushLate();
        }
    }

    private void Fire(long windowStartMs)
    {
        var window = new TimeWindow(windowStartMs, windowStartMs + _grid.SizeMs);
        if (_rolling is not null)
        {
            using var sums = _rolling.Advance(_state.PartsOf(window), window.EndMs);
            while (sums.MoveNext())
            {
                if (!_state.WasFired(sums.Hash, window.MaxTimestampMs))
                {
                    EmitResult(sums.Key, window, in sums.Value.Accumulator);
                }
            }

            return;
        }

        using var entries = _state.Combine(window, plan.Aggregate).Scan();
        while (entries.MoveNext())
        {
            if (!_state.WasFired(entries.Hash, window.MaxTimestampMs))
            {
                EmitResult(entries.Key, window, in entries.Value);
            }
        }
    }

    /// <summary>A record that came after its window had fired, but in the time allowed, makes the window fire again for its key.</summary>
    private void FireAgain(TKey key, int hash, long timeMs)
    {
        for (var start = _grid.LastWindowStart(timeMs); start > timeMs - _grid.SizeMs; start -= _grid.SlideMs)
        {
            var window = new TimeWindow(start, start + _grid.SizeMs);
            var fired = window.MaxTimestampMs <= CurrentWatermarkMs || _state.WasFired(hash, window.MaxTimestampMs);
            if (fired && !Lateness.IsLate(window.MaxTimestampMs, plan.AllowedLatenessMs, CurrentWatermarkMs))
            {
                EmitResult(key, window, _state.Combine(window, key, hash, plan.Aggregate));
            }
        }
    }

    private void EmitResult(TKey key, TimeWindow window, in TAccumulator accumulator)
    {
        _results.Add(plan.Result(key, window, plan.Aggregate.GetResult(in accumulator)), window.MaxTimestampMs);
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
