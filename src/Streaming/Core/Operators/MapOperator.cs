using DataPlatform.Streaming.Runtime;

namespace DataPlatform.Streaming.Operators;

/// <summary>One result for each record.</summary>
internal sealed class MapOperator<TIn, TOut>(Func<TIn, TOut> map) : StreamOperator<TIn, TOut>
{
    private TOut[] _results = [];

    protected override void OnBatch(in BatchView<TIn> batch)
    {
        var records = batch.Records;
        if (_results.Length < records.Length)
        {
            _results = new TOut[records.Length];
        }

        var results = _results.AsSpan(0, records.Length);
        for (var i = 0; i < records.Length; i++)
        {
            results[i] = map(records[i]);
        }

        Emit(new BatchView<TOut>(results, batch.TimesMs, default, batch.SplitWatermarksMs));
    }
}

/// <summary>Those records that a predicate holds for.</summary>
internal sealed class FilterOperator<T>(Func<T, bool> predicate) : StreamOperator<T, T>
{
    private T[] _kept = [];
    private long[] _timesMs = [];
    private long[] _splitWatermarksMs = [];

    protected override void OnBatch(in BatchView<T> batch)
    {
        var records = batch.Records;
        if (_kept.Length < records.Length)
        {
            _kept = new T[records.Length];
            _timesMs = new long[records.Length];
            _splitWatermarksMs = new long[records.Length];
        }

        var stamps = batch.SplitWatermarksMs;
        var kept = 0;
        for (var i = 0; i < records.Length; i++)
        {
            if (predicate(records[i]))
            {
                _kept[kept] = records[i];
                _timesMs[kept] = batch.TimesMs[i];
                if (!stamps.IsEmpty)
                {
                    _splitWatermarksMs[kept] = stamps[i];
                }

                kept++;
            }
        }

        Emit(new BatchView<T>(_kept.AsSpan(0, kept), _timesMs.AsSpan(0, kept), default, stamps.IsEmpty ? default : _splitWatermarksMs.AsSpan(0, kept)));
    }
}

/// <summary>Any number of results for each record.</summary>
internal sealed class FlatMapOperator<TIn, TOut>(Action<TIn, ICollector<TOut>> flatMap) : StreamOperator<TIn, TOut>, ICollector<TOut>
{
    private EmitBuffer<TOut> _buffer = null!;
    private long _timeMs;
    private long? _splitWatermarkMs;

    public override void Open() => _buffer = new EmitBuffer<TOut>(Context.Options.BatchSize);

    public void Collect(TOut record)
    {
        if (_splitWatermarkMs is { } stamp)
        {
            _buffer.Add(record, _timeMs, stamp);
        }
        else
        {
            _buffer.Add(record, _timeMs);
        }

        if (_buffer.IsFull)
        {
            Drain();
        }
    }

    protected override void OnBatch(in BatchView<TIn> batch)
    {
        var records = batch.Records;
        for (var i = 0; i < records.Length; i++)
        {
            _timeMs = batch.TimesMs[i];
            _splitWatermarkMs = batch.SplitWatermarksMs.IsEmpty ? null : batch.SplitWatermarksMs[i];
            flatMap(records[i], this);
        }

        Drain();
    }

    private void Drain()
    {
        Emit(_buffer.View);
        _buffer.Clear();
    }
}
