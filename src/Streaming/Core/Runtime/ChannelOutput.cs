using DataPlatform.Streaming.Checkpoints;

namespace DataPlatform.Streaming.Runtime;

/// <summary>
/// Fills batches for other subtasks. A batch leaves when it is full, at a barrier, when the subtask runs out of input, or after the linger
/// time. A watermark waits for the batch it follows: later than possible is always right, and it keeps batches full under load.
/// </summary>
internal abstract class ChannelOutput<T>(LocalChannel<T>[] targets, int attempt, TimeProvider time) : Output<T>, IChannelOutput
{
    private readonly Batch<T>?[] _open = new Batch<T>?[targets.Length];
    private readonly bool[] _watermarkOwed = new bool[targets.Length];
    private WatermarkElement? _watermark;
    private long? _openSince;

    public long? OpenSince => _openSince;

    public bool HasRoom
    {
        get
        {
            foreach (var target in Targets)
            {
                if (!target.HasRoom)
                {
                    return false;
                }
            }

            return true;
        }
    }

    protected LocalChannel<T>[] Targets { get; } = targets;

    public override void Watermark(long timeMs)
    {
        _watermark = new WatermarkElement(timeMs) { Attempt = attempt };
        Array.Fill(_watermarkOwed, true);
        _openSince ??= time.GetTimestamp();
    }

    public override void Status(bool idle) => FlushAndSend(new StatusElement(idle) { Attempt = attempt });

    public override void End() => FlushAndSend(new EndElement { Attempt = attempt });

    public void Barrier(CheckpointBarrier barrier) => FlushAndSend(new BarrierElement(barrier) { Attempt = attempt });

    public void Flush()
    {
        if (_openSince is null)
        {
            return;
        }

        for (var target = 0; target < Targets.Length; target++)
        {
            FlushTo(target);
        }

        _openSince = null;
    }

    /// <summary>The batch being filled for a target, with room for one record.</summary>
    protected Batch<T> OpenBatch(int target)
    {
        ref var batch = ref _open[target];
        if (batch is null)
        {
            batch = Targets[target].Rent();
            _openSince ??= time.GetTimestamp();
        }
        else if (batch.IsFull)
        {
            FlushTo(target);
            batch = Targets[target].Rent();
        }

        return batch;
    }

    /// <summary>Copies a whole view to one target.</summary>
    protected void Append(int target, in BatchView<T> view)
    {
        for (var done = 0; done < view.Count;)
        {
            var batch = OpenBatch(target);
            var taken = Math.Min(view.Count - done, batch.Records.Length - batch.Count);
            view.Records.Slice(done, taken).CopyTo(batch.Records.AsSpan(batch.Count));
            view.TimesMs.Slice(done, taken).CopyTo(batch.TimesMs.AsSpan(batch.Count));
            if (view.SplitWatermarksMs.IsEmpty)
            {
                batch.LeaveUnstamped(batch.Count, taken);
            }
            else
            {
                view.SplitWatermarksMs.Slice(done, taken).CopyTo(batch.Stamps(batch.Count));
            }

            batch.Count += taken;
            done += taken;
        }
    }

    private void FlushAndSend(StreamElement element)
    {
        Flush();
        foreach (var target in Targets)
        {
            target.Send(element);
        }
    }

    private void FlushTo(int target)
    {
        if (_open[target] is { } batch)
        {
            _open[target] = null;
            Targets[target].Send(batch);
        }

        if (_watermarkOwed[target])
        {
            _watermarkOwed[target] = false;
            Targets[target].Send(_watermark!);
        }
    }
}

/// <summary>Each record to the subtask that owns its key group.</summary>
internal sealed class HashOutput<T, TKey>(
    LocalChannel<T>[] targets, int attempt, TimeProvider time, Func<T, TKey> keySelector, State.KeyHasher<TKey> hasher, int maxParallelism)
    : ChannelOutput<T>(targets, attempt, time)
{
    private readonly int[] _targetOfGroup = State.KeyGroups.Targets(maxParallelism, targets.Length);

    public override void Emit(in BatchView<T> batch)
    {
        var records = batch.Records;
        var times = batch.TimesMs;
        for (var i = 0; i < records.Length; i++)
        {
            var hash = hasher.Hash(keySelector(records[i]));
            var open = OpenBatch(_targetOfGroup[State.KeyGroups.GroupOf(hash, _targetOfGroup.Length)]);
            var at = open.Count++;
            open.Records[at] = records[i];
            open.TimesMs[at] = times[i];
            open.KeyHashes[at] = hash;
            if (!batch.SplitWatermarksMs.IsEmpty)
            {
                open.Stamps(at)[0] = batch.SplitWatermarksMs[i];
            }
            else
            {
                open.LeaveUnstamped(at, 1);
            }
        }
    }
}

/// <summary>Each batch to the next subtask in turn; with one target this is also the forward edge.</summary>
internal sealed class RebalanceOutput<T>(LocalChannel<T>[] targets, int attempt, TimeProvider time, int first) : ChannelOutput<T>(targets, attempt, time)
{
    private int _next = first % targets.Length;

    public override void Emit(in BatchView<T> batch)
    {
        Append(_next, batch);
        _next = _next + 1 == Targets.Length ? 0 : _next + 1;
    }
}

/// <summary>Every record to every subtask.</summary>
internal sealed class BroadcastOutput<T>(LocalChannel<T>[] targets, int attempt, TimeProvider time) : ChannelOutput<T>(targets, attempt, time)
{
    public override void Emit(in BatchView<T> batch)
    {
        for (var target = 0; target < Targets.Length; target++)
        {
            Append(target, batch);
        }
    }
}

/// <summary>Each record where a function of the user's says.</summary>
internal sealed class CustomOutput<T>(LocalChannel<T>[] targets, int attempt, TimeProvider time, Func<T, int, int> partitioner) : ChannelOutput<T>(targets, attempt, time)
{
    public override void Emit(in BatchView<T> batch)
    {
        for (var i = 0; i < batch.Count; i++)
        {
            var target = partitioner(batch.Records[i], Targets.Length);
            if ((uint)target >= (uint)Targets.Length)
            {
                throw new InvalidOperationException($"The partitioner sent a record to subtask {target}; there are {Targets.Length}, from 0.");
            }

            Append(target, batch.Slice(i, 1));
        }
    }
}
