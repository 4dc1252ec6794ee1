using DataPlatform.Streaming.Runtime;

namespace DataPlatform.Streaming.Operators;

/// <summary>
/// Those records that a predicate holds for. Long runs of them are passed on where they lie; only short runs are gathered, so that a filter that
/// keeps most records copies none, and one that keeps few copies those few.
/// </summary>
internal sealed class FilterOperator<T, TPredicate>(TPredicate predicate) : StreamOperator<T, T>
    where TPredicate : IRecordPredicate<T>
{
    // From about this length on a call of the next operator costs less than copying the run.
    private const int RunMin = 16;
    private const int NoRun = int.MaxValue;

    private TPredicate _predicate = predicate;
    private EmitBuffer<T> _gathered = null!;

    public override void Open() => _gathered = new EmitBuffer<T>(Math.Max(RunMin, Context.Options.BatchSize));

    protected override void OnBatch(in BatchView<T> batch)
    {
        for (var at = 0; at < batch.Count;)
        {
            at = Scan(batch, at);
        }

        Flush();
    }

    /// <summary>Passes on what is kept from a place on, up to the end or behind a record that the predicate failed on.</summary>
    private int Scan(in BatchView<T> batch, int from)
    {
        var records = batch.Records;
        var start = NoRun;
        var next = from;
        var isOurs = true;
        try
        {
            while (next < records.Length)
            {
                while (next < records.Length && !_predicate.Keep(in records[next]))
                {
                    next++;
                }

                start = next;
                while (next < records.Length && _predicate.Keep(in records[next]))
                {
                    next++;
                }

                // What throws in here belongs to an operator behind this one.
                isOurs = false;
                Pass(batch, start, next - start);
                isOurs = true;
                start = NoRun;
            }

            return next;
        }
        catch (Exception exception) when (isOurs)
        {
            Pass(batch, start, start == NoRun ? 0 : next - start);
            OnRecordFailed(exception, records[next], batch.TimesMs[next], next, batch.Count);
            return next + 1;
        }
    }

    private void Pass(in BatchView<T> batch, int start, int count)
    {
        if (count == 0)
        {
            return;
        }

        if (count >= RunMin)
        {
            Flush();
            Emit(batch.Slice(start, count));
            return;
        }

        if (!_gathered.HasRoom(count))
        {
            Flush();
        }

        _gathered.Add(batch, start, count);
    }

    private void Flush()
    {
        if (_gathered.Count > 0)
        {
            Emit(_gathered.View);
            _gathered.Clear();
        }
    }
}
