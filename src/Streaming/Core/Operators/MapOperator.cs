using DataPlatform.Streaming.Runtime;

namespace DataPlatform.Streaming.Operators;

/// <summary>One result for each record.</summary>
internal sealed class MapOperator<TIn, TOut, TMap>(TMap map) : StreamOperator<TIn, TOut>
    where TMap : IRecordMap<TIn, TOut>
{
    private TMap _map = map;
    private TOut[] _results = [];

    protected override void OnBatch(in BatchView<TIn> batch)
    {
        if (_results.Length < batch.Count)
        {
            _results = new TOut[batch.Count];
        }

        for (var from = 0; from < batch.Count;)
        {
            var end = Run(batch, from);
            Emit(new BatchView<TOut>(_results.AsSpan(from, end - from), batch.TimesMs[from..end], default, batch.StampsFrom(from, end)));

            // At an end before the batch's lies a record that the function failed on.
            from = end + 1;
        }
    }

    /// <returns>The end of the batch, or the place of a record that the function failed on.</returns>
    private int Run(in BatchView<TIn> batch, int from)
    {
        var records = batch.Records;
        var results = _results.AsSpan(0, records.Length);
        var i = from;
        try
        {
            for (; i < results.Length; i++)
            {
                _map.Map(in records[i], out results[i]);
            }
        }
        catch (Exception exception) when (exception is not OperatorException)
        {
            OnRecordFailed(exception, records[i], batch.TimesMs[i], i, batch.Count);
        }

        return i;
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
        for (var i = 0; i < batch.Count; i++)
        {
            _timeMs = batch.TimesMs[i];
            _splitWatermarkMs = batch.SplitWatermarksMs.IsEmpty ? null : batch.SplitWatermarksMs[i];
            try
            {
                flatMap(batch.Records[i], this);
            }
            catch (Exception exception) when (exception is not OperatorException)
            {
                OnRecordFailed(exception, batch.Records[i], batch.TimesMs[i], i, batch.Count);
            }
        }

        Drain();
    }

    private void Drain()
    {
        Emit(_buffer.View);
        _buffer.Clear();
    }
}
