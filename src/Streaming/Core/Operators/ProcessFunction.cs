using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.Operators;

/// <summary>A function over a stream without keys, with state of its subtask. One instance serves one subtask, one call at a time.</summary>
/// <typeparam name="TIn">The records.</typeparam>
/// <typeparam name="TOut">The results.</typeparam>
public abstract class ProcessFunction<TIn, TOut>
{
    /// <summary>Called once before the first record: declare state here; what a checkpoint holds of it is in place afterwards.</summary>
    /// <param name="states">Where to declare it.</param>
    public virtual void Open(IOperatorStates states)
    {
    }

    /// <summary>Takes a record.</summary>
    /// <param name="record">The record.</param>
    /// <param name="context">Its time, and where results go; it must not be kept.</param>
    public abstract void Process(TIn record, RecordContext<TOut> context);

    /// <summary>Called at each barrier, just before state is written: the moment to put what is held elsewhere into it.</summary>
    public virtual void OnCheckpoint()
    {
    }
}
