using DataPlatform.Kernel.Storage;
using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming;

/// <summary>Settings of a job. Checked when the job is built.</summary>
public sealed class StreamJobOptions
{
    /// <summary>How many subtasks an operator has unless it says otherwise, 1 to <see cref="MaxParallelism"/>. Default 1.</summary>
    public int Parallelism { get; set; } = 1;

    /// <summary>
    /// The number of key groups, and so the most subtasks a keyed operator can ever have; fixed for the life of the job's state.
    /// 1 to 32,768, default 128.
    /// </summary>
    public int MaxParallelism { get; set; } = 128;

    /// <summary>Where checkpoints go, below the job's name; null keeps them in memory, so that nothing survives the process.</summary>
    public IObjectStore? CheckpointStore { get; set; }

    /// <summary>How often a checkpoint begins; null for only the one at the end. Default null.</summary>
    public TimeSpan? CheckpointInterval { get; set; }

    /// <summary>How long there is at least between the end of a checkpoint and the beginning of the next periodic one. Default zero.</summary>
    public TimeSpan CheckpointMinPause { get; set; }

    /// <summary>How long a checkpoint may take before it is given up. Default 10 minutes.</summary>
    public TimeSpan CheckpointTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How many checkpoints may be in the making at once; unaligned ones and those with a pause are one at a time. Default 1.</summary>
    public int ConcurrentCheckpointsMax { get; set; } = 1;

    /// <summary>
    /// How many checkpoints in a row may fail, by a store that does not answer or by their timeout, before the attempt ends. Default 0.
    /// </summary>
    public int TolerableCheckpointFailures { get; set; }

    /// <summary>
    /// How long after it began a checkpoint still waits for barriers to be aligned. After that it goes past the records in flight and keeps them
    /// instead, so that it completes in time when receivers hold their senders back; zero does so at once. All record types on shuffled edges then
    /// need state serialisers. Savepoints, and pointwise and broadcast edges, are aligned in any case. Default null: always aligned.
    /// </summary>
    public TimeSpan? AlignmentTimeout { get; set; }

    /// <summary>Whether, and when, a failed attempt is followed by another. Default <see cref="RestartStrategy.None"/>.</summary>
    public RestartStrategy RestartStrategy { get; set; } = RestartStrategy.None;

    /// <summary>How many complete checkpoints are kept, at least 1. Default 2.</summary>
    public int CheckpointsRetained { get; set; } = 2;

    /// <summary>Records in a full batch, 1 to 65,536. Default 1,024.</summary>
    public int BatchSize { get; set; } = 1024;

    /// <summary>Batches that may wait between two subtasks before the sender pauses, at least 1. Default 8.</summary>
    public int ChannelCapacity { get; set; } = 8;

    /// <summary>
    /// How much may wait in front of a subtask, as the time it takes to work it off: a slow one is given less than <see cref="ChannelCapacity"/>, so
    /// that barriers and watermarks do not stand behind seconds of records. Null always gives the whole capacity. Default 200 ms.
    /// </summary>
    public TimeSpan? BufferDebloatTarget { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long a record may wait for its batch to fill. A subtask without input sends at once. Default 5 ms.</summary>
    public TimeSpan BatchLinger { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>The job's clock. Default the system's.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>
    /// Accepts a checkpoint that holds state of operators which the job does not have any more; that state is given up. Default false.
    /// </summary>
    public bool AllowRemovedOperators { get; set; }

    /// <summary>Where keyed state is kept. Default <see cref="State.StateBackend.Heap"/>.</summary>
    public StateBackend StateBackend { get; set; } = StateBackend.Heap;

    /// <summary>The serialisers of keys and state.</summary>
    public StateSerializers Serializers { get; } = new();

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxParallelism, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxParallelism, KeyGroups.CountMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(Parallelism, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Parallelism, MaxParallelism);
        ArgumentOutOfRangeException.ThrowIfLessThan(CheckpointsRetained, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BatchSize, 65_536);
        ArgumentOutOfRangeException.ThrowIfLessThan(ChannelCapacity, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchLinger, TimeSpan.Zero);
        ArgumentNullException.ThrowIfNull(Time);
        ArgumentNullException.ThrowIfNull(StateBackend);
        ArgumentNullException.ThrowIfNull(RestartStrategy);
        if (BufferDebloatTarget is { } target)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(target, TimeSpan.Zero, nameof(BufferDebloatTarget));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(CheckpointMinPause, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(CheckpointTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(ConcurrentCheckpointsMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(TolerableCheckpointFailures, 0);
        if (AlignmentTimeout is { } alignment)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(alignment, TimeSpan.Zero, nameof(AlignmentTimeout));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(ConcurrentCheckpointsMax, 1);
        }

        if (CheckpointInterval is { } interval)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero, nameof(CheckpointInterval));
        }
    }
}
