using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Runtime;

namespace DataPlatform.Streaming.Operators;

/// <summary>Takes batches of one input of an operator.</summary>
internal interface IInput<T>
{
    void Process(in BatchView<T> batch);
}

/// <summary>One operator in one subtask. Everything here runs on the subtask's mailbox, one call at a time.</summary>
internal abstract class StreamOperator
{
    private readonly List<IOutput> _outputs = [];
    private readonly Dictionary<string, IOutput> _sides = new(StringComparer.Ordinal);

    /// <summary>Who the operator is; set before anything else is called.</summary>
    public OperatorContext Context { get; private set; } = null!;

    public OperatorCounters Counters { get; } = new();

    /// <summary>The event time up to which this operator has seen everything that is not late.</summary>
    public long CurrentWatermarkMs { get; private set; } = long.MinValue;

    public void Setup(OperatorContext context) => Context = context;

    /// <summary>The input of a record type; operators with two inputs tell them apart by index.</summary>
    public virtual IInput<T> Input<T>(int index) => (IInput<T>)this;

    /// <summary>Takes back what a checkpoint holds of this operator, from all subtasks it had then. Called before <see cref="Open"/>.</summary>
    public virtual void Restore(RestoredOperator restored)
    {
    }

    /// <summary>Begins; restored state is in place.</summary>
    public virtual void Open()
    {
    }

    /// <summary>Fires what the event time makes due, then passes the watermark on.</summary>
    public void AdvanceWatermark(long timeMs)
    {
        CurrentWatermarkMs = timeMs;
        Counters.WatermarkMs = timeMs;
        OnWatermark(timeMs);
        foreach (var output in _outputs)
        {
            output.Watermark(timeMs);
        }
    }

    public void ChangeStatus(bool idle)
    {
        Counters.IsIdle = idle;
        foreach (var output in _outputs)
        {
            output.Status(idle);
        }
    }

    /// <summary>The input is complete; a watermark of the end of time came before.</summary>
    public void EndInput()
    {
        foreach (var output in _outputs)
        {
            output.End();
        }
    }

    /// <summary>Adds the operator's state to a snapshot. What is added may be written later, on another thread.</summary>
    public virtual void Snapshot(SubtaskSnapshot snapshot)
    {
    }

    /// <summary>A checkpoint is durable and its output committed.</summary>
    public virtual void CheckpointCompleted(long checkpointId)
    {
    }

    /// <summary>Releases what the operator holds, also after a failure.</summary>
    public virtual ValueTask CloseAsync() => ValueTask.CompletedTask;

    public void AttachSide(string tag, IOutput output)
    {
        _sides[tag] = output;
        _outputs.Add(output);
    }

    /// <summary>Connects what reads this operator's results.</summary>
    public abstract void AttachMain(IOutput? output);

    protected virtual void OnWatermark(long timeMs)
    {
    }

    /// <summary>
    /// A user function threw on a record: by the operator's policy the record is put aside and counted, or the job ends with its position.
    /// </summary>
    /// <param name="exception">What it threw.</param>
    /// <param name="record">The record.</param>
    /// <param name="timeMs">Its event time.</param>
    /// <param name="index">Its place in the batch at hand, which <see cref="OperatorCounters.RecordsIn"/> counts already.</param>
    /// <param name="batchCount">The records of that batch.</param>
    protected void OnRecordFailed<T>(Exception exception, T record, long timeMs, int index, int batchCount)
    {
        var position = Counters.RecordsIn - batchCount + index;
        if (Context.FailedTag is not { } tag || exception is OperationCanceledException)
        {
            throw new OperatorException(this, exception, position);
        }

        Counters.FailedRecords++;
        var failed = new FailedRecord(Context.Name, Context.SubtaskIndex, position, record, timeMs, exception);
        Side(tag).Emit(new BatchView<FailedRecord>(new ReadOnlySpan<FailedRecord>(in failed), new ReadOnlySpan<long>(in timeMs)));
    }

    protected void AddOutput(IOutput output) => _outputs.Add(output);

    protected Output<T> Side<T>(OutputTag<T>? tag)
        => tag is not null && _sides.TryGetValue(tag.Id, out var output) ? (Output<T>)output : NoOutput<T>.Instance;
}

/// <summary>An operator with results of one type.</summary>
internal abstract class StreamOperator<TOut> : StreamOperator
{
    private Output<TOut> _main = NoOutput<TOut>.Instance;

    public override void AttachMain(IOutput? output)
    {
        if (output is not null)
        {
            _main = (Output<TOut>)output;
            AddOutput(output);
        }
    }

    protected void Emit(in BatchView<TOut> batch)
    {
        if (batch.Count > 0)
        {
            Counters.Gave<TOut>(batch.Count);
            _main.Emit(batch);
        }
    }
}

/// <summary>An operator with one input.</summary>
internal abstract class StreamOperator<TIn, TOut> : StreamOperator<TOut>, IInput<TIn>
{
    public void Process(in BatchView<TIn> batch)
    {
        Counters.Took<TIn>(batch.Count);
        OnBatch(batch);
    }

    protected abstract void OnBatch(in BatchView<TIn> batch);
}
