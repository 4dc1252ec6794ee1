using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.Runtime;
using DataPlatform.Streaming.State;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Streaming.Windows;

/// <summary>Windows of any kind with triggers: each key keeps its open windows, timers do the rest.</summary>
internal sealed partial class WindowOperator<TKey, TIn, TAccumulator, TOut>(WindowPlan<TKey, TIn, TAccumulator, TOut> plan)
    : KeyedOperator<TKey, TimeWindow, TOut>(plan.KeySerializer, TimeWindowSerializer), IInput<TIn>, ICollector<TOut>
    where TKey : notnull
{
    private static readonly IStateSerializer<TimeWindow> TimeWindowSerializer = new StateSerializers().Get<TimeWindow>();

    private readonly List<TimeWindow> _assigned = [];
    private readonly List<OpenWindow<TAccumulator>> _touching = [];
    private StateTable<TKey, WindowSet<TAccumulator>> _sets = null!;
    private RestoredWatermarks _before = null!;
    private EmitBuffer<TOut> _results = null!;
    private WindowTriggerContext _trigger = null!;
    private long _resultTimeMs;

    public void Process(in BatchView<TIn> batch)
    {
        Counters.Took<TIn>(batch.Count);
        for (var i = 0; i < batch.Count; i++)
        {
            var stampMs = batch.SplitWatermarksMs.IsEmpty ? long.MinValue : batch.SplitWatermarksMs[i];
            try
            {
                Process(batch.Records[i], batch.TimesMs[i], batch.KeyHashes[i], stampMs);
            }
            catch (Exception exception) when (exception is not OperatorException)
            {
                OnRecordFailed(exception, batch.Records[i], batch.TimesMs[i], i, batch.Count);
            }
        }

        FlushResults();
    }

    public void Collect(TOut record)
    {
        _results.Add(record, _resultTimeMs);
        if (_results.IsFull)
        {
            FlushResults();
        }
    }

    public override void Snapshot(SubtaskSnapshot snapshot)
    {
        base.Snapshot(snapshot);
        _before.Snapshot(snapshot, Context.Uid, CurrentWatermarkMs);
    }

    protected override void OnOpen(RestoredOperator? restored)
    {
        _sets = States.Table("windows", new WindowSetSerializer<TAccumulator>(plan.AccumulatorSerializer));
        _before = new RestoredWatermarks(Context.KeyGroups, Context.Options.MaxParallelism);
        if (restored is not null)
        {
            _before.Restore(restored);
        }

        _results = new EmitBuffer<TOut>(Context.Options.BatchSize);
        _trigger = new WindowTriggerContext(this);
    }

    protected override void OnWatermark(long timeMs)
    {
        base.OnWatermark(timeMs);
        _before.Pass(timeMs);
        if (timeMs == long.MaxValue && plan.Assigner.Domain == TimeDomain.ProcessingTime)
        {
            // The clock will not come to the end of these windows any more, for the job ends with its input.
            FireProcessingTimers(long.MaxValue);
        }
    }

    protected override void FlushResults()
    {
        Emit(_results.View);
        _results.Clear();
    }

    protected override void OnTimer(in KeyedTimer<TKey, TimeWindow> timer, TimeDomain domain)
    {
        if (!_sets.TryGet(timer.Key, timer.Hash, out var set) || set.Find(timer.Namespace) is not { } open)
        {
            return;
        }

        _trigger.At(open);
        var result = domain == TimeDomain.EventTime
            ? plan.Trigger.OnEventTime(timer.TimeMs, open.Window, _trigger)
            : plan.Trigger.OnProcessingTime(timer.TimeMs, open.Window, _trigger);
        Apply(result, open, timer.TimeMs);
        if (domain == plan.Assigner.Domain && timer.TimeMs == CleanupTime(open.Window))
        {
            Remove(set, open);
        }
        else if (open.IsBlank)
        {
            Remove(set, open);
        }
    }

    private void Process(TIn record, long eventTimeMs, int hash, long stampMs)
    {
        var key = plan.KeySelector(record);
        States.Current.Set(key, hash);
        var timeMs = plan.Assigner.Domain == TimeDomain.EventTime ? eventTimeMs : Context.Timers.NowMs;
        _assigned.Clear();
        plan.Assigner.Assign(record, timeMs, _assigned);
        var live = _assigned.Count == 0;
        foreach (var window in _assigned)
        {
            if (Open(window, hash, stampMs) is not { } open)
            {
                continue;
            }

            live = true;
            Add(open, record, timeMs);
        }

        if (!live)
        {
            Counters.LateRecords++;
            Side(plan.LateTag).Emit(new BatchView<TIn>(new ReadOnlySpan<TIn>(in record), new ReadOnlySpan<long>(in eventTimeMs)));
        }
    }

    private void Add(OpenWindow<TAccumulator> open, TIn record, long timeMs)
    {
        if (open.HasRecords)
        {
            plan.Fold.Add(ref open.Accumulator, record, timeMs);
        }
        else
        {
            // In place only when it holds the record: the aggregate may throw.
            var begun = plan.Fold.Create();
            plan.Fold.Add(ref begun, record, timeMs);
            open.Accumulator = begun;
            open.HasRecords = true;
        }

        _trigger.At(open);
        Apply(plan.Trigger.OnRecord(record, timeMs, open.Window, _trigger), open, timeMs);
        if (open.IsBlank)
        {
            Remove(Set(), open);
        }
    }

    /// <summary>Does what the trigger said.</summary>
    private void Apply(TriggerResult result, OpenWindow<TAccumulator> open, long timeMs)
    {
        if (result.HasFlag(TriggerResult.Fire) && open.HasRecords)
        {
            // The global window has no last millisecond: its results take the time of what made it fire.
            _resultTimeMs = open.Window == GlobalWindows.Window ? timeMs : open.Window.MaxTimestampMs;
            var context = new WindowContext<TKey>(States.Current.Key, open.Window, CurrentWatermarkMs, Context.Timers.NowMs);
            plan.Emit(in context, ref open.Accumulator, this);
        }

        if (result.HasFlag(TriggerResult.Purge))
        {
            open.HasRecords = false;
            open.Accumulator = default!;
            plan.Trigger.OnPurge(_trigger);
        }
    }
}
