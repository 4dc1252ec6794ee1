using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Runtime;
using DataPlatform.Streaming.State;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Streaming.Operators;

/// <summary>The machinery around keyed functions: their context, their results, their timers.</summary>
internal abstract class KeyedFunctionOperator<TKey, TOut>(IStateSerializer<TKey> keySerializer)
    : KeyedOperator<TKey, VoidNamespace, TOut>(keySerializer, VoidNamespace.Serializer)
    where TKey : notnull
{
    private EmitBuffer<TOut> _results = null!;
    private FunctionContext _context = null!;

    protected override void OnOpen(RestoredOperator? restored)
    {
        _results = new EmitBuffer<TOut>(Context.Options.BatchSize);
        _context = new FunctionContext(this);
    }

    protected KeyedContext<TKey, TOut> ContextFor(TKey key, int hash, long timeMs)
    {
        States.Current.Set(key, hash);
        _context.At(timeMs);
        return _context;
    }

    protected override void OnTimer(in KeyedTimer<TKey, VoidNamespace> timer, TimeDomain domain)
        => OnTimer(timer.TimeMs, domain, ContextFor(timer.Key, timer.Hash, timer.TimeMs));

    protected abstract void OnTimer(long timeMs, TimeDomain domain, KeyedContext<TKey, TOut> context);

    protected override void FlushResults()
    {
        Emit(_results.View);
        _results.Clear();
    }

    private void Add(TOut record, long timeMs)
    {
        _results.Add(record, timeMs);
        if (_results.IsFull)
        {
            FlushResults();
        }
    }

    private sealed class FunctionContext(KeyedFunctionOperator<TKey, TOut> owner) : KeyedContext<TKey, TOut>
    {
        private long _timeMs;

        public override TKey Key => owner.States.Current.Key;

        public override long TimestampMs => _timeMs;

        public override long WatermarkMs => owner.CurrentWatermarkMs;

        public override long ProcessingTimeMs => owner.Context.Timers.NowMs;

        public void At(long timeMs) => _timeMs = timeMs;

        public override void Collect(TOut record) => owner.Add(record, _timeMs);

        public override void Collect<TSide>(OutputTag<TSide> tag, TSide record)
        {
            ArgumentNullException.ThrowIfNull(tag);
            owner.Side(tag).Emit(new BatchView<TSide>(new ReadOnlySpan<TSide>(in record), new ReadOnlySpan<long>(in _timeMs)));
        }

        public override void RegisterEventTimer(long timeMs) => owner.RegisterEventTimer(timeMs, default);

        public override void RegisterProcessingTimer(long timeMs) => owner.RegisterProcessingTimer(timeMs, default);

        public override void DeleteEventTimer(long timeMs) => owner.EventTimers.Delete(Timer(timeMs));

        public override void DeleteProcessingTimer(long timeMs) => owner.ProcessingTimers.Delete(Timer(timeMs));

        private KeyedTimer<TKey, VoidNamespace> Timer(long timeMs) => new(timeMs, owner.States.Current.Key, owner.States.Current.Hash, default);
    }
}

/// <summary>Runs a keyed function.</summary>
internal sealed class KeyedProcessOperator<TKey, TIn, TOut>(
    KeyedProcessFunction<TKey, TIn, TOut> function, Func<TIn, TKey> keySelector, IStateSerializer<TKey> keySerializer)
    : KeyedFunctionOperator<TKey, TOut>(keySerializer), IInput<TIn>
    where TKey : notnull
{
    public void Process(in BatchView<TIn> batch)
    {
        Counters.Took<TIn>(batch.Count);
        for (var i = 0; i < batch.Count; i++)
        {
            var record = batch.Records[i];
            try
            {
                function.Process(record, ContextFor(keySelector(record), batch.KeyHashes[i], batch.TimesMs[i]));
            }
            catch (Exception exception) when (exception is not OperatorException)
            {
                OnRecordFailed(exception, record, batch.TimesMs[i], i, batch.Count);
            }
        }

        FlushResults();
    }

    protected override void OnOpen(RestoredOperator? restored)
    {
        base.OnOpen(restored);
        function.Open(States);
    }

    protected override void OnTimer(long timeMs, TimeDomain domain, KeyedContext<TKey, TOut> context) => function.OnTimer(timeMs, domain, context);
}

/// <summary>Runs a keyed function over two inputs.</summary>
internal sealed class KeyedCoProcessOperator<TKey, TFirst, TSecond, TOut>(
    KeyedCoProcessFunction<TKey, TFirst, TSecond, TOut> function,
    Func<TFirst, TKey> firstKey,
    Func<TSecond, TKey> secondKey,
    IStateSerializer<TKey> keySerializer)
    : KeyedFunctionOperator<TKey, TOut>(keySerializer)
    where TKey : notnull
{
    public override IInput<T> Input<T>(int index) => index == 0 ? (IInput<T>)(object)new FirstInput(this) : (IInput<T>)(object)new SecondInput(this);

    protected override void OnOpen(RestoredOperator? restored)
    {
        base.OnOpen(restored);
        function.Open(States);
    }

    protected override void OnTimer(long timeMs, TimeDomain domain, KeyedContext<TKey, TOut> context) => function.OnTimer(timeMs, domain, context);

    private sealed class FirstInput(KeyedCoProcessOperator<TKey, TFirst, TSecond, TOut> owner) : IInput<TFirst>
    {
        public void Process(in BatchView<TFirst> batch)
        {
            owner.Counters.Took<TFirst>(batch.Count);
            for (var i = 0; i < batch.Count; i++)
            {
                var record = batch.Records[i];
                try
                {
                    owner.ProcessFirst(record, owner.ContextFor(owner.FirstKey(record), batch.KeyHashes[i], batch.TimesMs[i]));
                }
                catch (Exception exception) when (exception is not OperatorException)
                {
                    owner.OnRecordFailed(exception, record, batch.TimesMs[i], i, batch.Count);
                }
            }

            owner.FlushResults();
        }
    }

    private sealed class SecondInput(KeyedCoProcessOperator<TKey, TFirst, TSecond, TOut> owner) : IInput<TSecond>
    {
        public void Process(in BatchView<TSecond> batch)
        {
            owner.Counters.Took<TSecond>(batch.Count);
            for (var i = 0; i < batch.Count; i++)
            {
                var record = batch.Records[i];
                try
                {
                    owner.ProcessSecond(record, owner.ContextFor(owner.SecondKey(record), batch.KeyHashes[i], batch.TimesMs[i]));
                }
                catch (Exception exception) when (exception is not OperatorException)
                {
                    owner.OnRecordFailed(exception, record, batch.TimesMs[i], i, batch.Count);
                }
            }

            owner.FlushResults();
        }
    }

    private TKey FirstKey(TFirst record) => firstKey(record);

    private TKey SecondKey(TSecond record) => secondKey(record);

    private void ProcessFirst(TFirst record, KeyedContext<TKey, TOut> context) => function.ProcessFirst(record, context);

    private void ProcessSecond(TSecond record, KeyedContext<TKey, TOut> context) => function.ProcessSecond(record, context);
}
