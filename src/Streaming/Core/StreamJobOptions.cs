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

    /// <summary>How many complete checkpoints are kept, at least 1. Default 2.</summary>
    public int CheckpointsRetained { get; set; } = 2;

    /// <summary>Records in a full batch, 1 to 65,536. Default 1,024.</summary>
    public int BatchSize { get; set; } = 1024;

    /// <summary>Batches that may wait between two subtasks before the sender pauses, at least 1. Default 8.</summary>
    public int ChannelCapacity { get; set; } = 8;

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
        if (CheckpointInterval is { } interval)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero, nameof(CheckpointInterval));
        }
    }
}
