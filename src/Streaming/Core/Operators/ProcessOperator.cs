using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Runtime;
using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.Operators;

/// <summary>Any number of results for each record, with its times and with side outputs.</summary>
internal sealed class ProcessOperator<TIn, TOut>(ProcessFunction<TIn, TOut> function) : StreamOperator<TIn, TOut>
{
    private RestoredOperator? _restored;
    private SubtaskStates _states = null!;
    private EmitBuffer<TOut> _results = null!;
    private FunctionContext _context = null!;

    public override void Restore(RestoredOperator restored) => _restored = restored;

    public override void Snapshot(SubtaskSnapshot snapshot)
    {
        function.OnCheckpoint();
        _states.Snapshot(snapshot);
    }

    public override void Open()
    {
        _states = new SubtaskStates(Context, _restored);
        _restored = null;
        function.Open(_states);
        _results = new EmitBuffer<TOut>(Context.Options.BatchSize);
        _context = new FunctionContext(this);
    }

    protected override void OnBatch(in BatchView<TIn> batch)
    {
        for (var i = 0; i < batch.Count; i++)
        {
            _context.At(batch.TimesMs[i], batch.SplitWatermarksMs.IsEmpty ? null : batch.SplitWatermarksMs[i]);
            try
            {
                function.Process(batch.Records[i], _context);
            }
            catch (Exception exception) when (exception is not OperatorException)
            {
                OnRecordFailed(exception, batch.Records[i], batch.TimesMs[i], i, batch.Count);
            }
        }

        Flush();
    }

    private void Add(TOut record, long timeMs, long? stampMs)
    {
        if (stampMs is { } stamp)
        {
            _results.Add(record, timeMs, stamp);
        }
        else
        {
            _results.Add(record, timeMs);
        }

        if (_results.IsFull)
        {
            Flush();
        }
    }

    private void Flush()
    {
        Emit(_results.View);
        _results.Clear();
    }

    private sealed class FunctionContext(ProcessOperator<TIn, TOut> owner) : RecordContext<TOut>
    {
        private long _timeMs;
        private long? _stampMs;

        public override long TimestampMs => _timeMs;

        public override long WatermarkMs => owner.CurrentWatermarkMs;

        public override long ProcessingTimeMs => owner.Context.Timers.NowMs;

        public void At(long timeMs, long? stampMs) => (_timeMs, _stampMs) = (timeMs, stampMs);

        public override void Collect(TOut record) => owner.Add(record, _timeMs, _stampMs);

        public override void Collect<TSide>(OutputTag<TSide> tag, TSide record)
        {
            ArgumentNullException.ThrowIfNull(tag);
            var stampMs = _stampMs ?? 0;
            owner.Side(tag).Emit(new BatchView<TSide>(
                new ReadOnlySpan<TSide>(in record), new ReadOnlySpan<long>(in _timeMs), default, _stampMs is null ? default : new ReadOnlySpan<long>(in stampMs)));
        }
    }
}

/// <summary>A function that has no state.</summary>
internal sealed class DelegateProcessFunction<TIn, TOut>(Action<TIn, RecordContext<TOut>> process) : ProcessFunction<TIn, TOut>
{
    public override void Process(TIn record, RecordContext<TOut> context) => process(record, context);
}
