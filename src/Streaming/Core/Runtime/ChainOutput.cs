using DataPlatform.Streaming.Operators;

namespace DataPlatform.Streaming.Runtime;

/// <summary>A direct call of the next operator in the same subtask. What that throws leaves here with the operator's name on it.</summary>
internal sealed class ChainOutput<T>(StreamOperator target, int inputIndex) : Output<T>
{
    private readonly IInput<T> _input = target.Input<T>(inputIndex);

    public override void Emit(in BatchView<T> batch)
    {
        try
        {
            _input.Process(batch);
        }
        catch (Exception exception) when (exception is not OperatorException)
        {
            throw new OperatorException(target, exception);
        }
    }

    public override void Watermark(long timeMs)
    {
        try
        {
            target.AdvanceWatermark(timeMs);
        }
        catch (Exception exception) when (exception is not OperatorException)
        {
            throw new OperatorException(target, exception);
        }
    }

    public override void Status(bool idle) => target.ChangeStatus(idle);

    public override void End()
    {
        try
        {
            target.EndInput();
        }
        catch (Exception exception) when (exception is not OperatorException)
        {
            throw new OperatorException(target, exception);
        }
    }
}

/// <summary>A shuffle by key that stays inside one subtask, because both sides have a parallelism of one: only the hashes are added.</summary>
internal sealed class ChainKeyOutput<T, TKey>(StreamOperator target, int inputIndex, Func<T, TKey> keySelector, State.KeyHasher<TKey> hasher) : Output<T>
{
    private readonly ChainOutput<T> _next = new(target, inputIndex);
    private int[] _hashes = [];

    public override void Emit(in BatchView<T> batch)
    {
        if (_hashes.Length < batch.Count)
        {
            _hashes = new int[batch.Count];
        }

        var records = batch.Records;
        for (var i = 0; i < records.Length; i++)
        {
            _hashes[i] = hasher.Hash(keySelector(records[i]));
        }

        _next.Emit(new BatchView<T>(records, batch.TimesMs, _hashes.AsSpan(0, records.Length), batch.SplitWatermarksMs));
    }

    public override void Watermark(long timeMs) => _next.Watermark(timeMs);

    public override void Status(bool idle) => _next.Status(idle);

    public override void End() => _next.End();
}
