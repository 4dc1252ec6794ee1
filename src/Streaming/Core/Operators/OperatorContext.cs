using System.Runtime.CompilerServices;
using DataPlatform.Streaming.Runtime;
using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.Operators;

/// <summary>Who an operator is in the job, and what it may use.</summary>
internal sealed record OperatorContext(
    string JobName, string Name, string Uid, int SubtaskIndex, int Parallelism, int Attempt, KeyGroupRange KeyGroups, StreamJobOptions Options, ITimerService Timers, Action Wake,
    OutputTag<FailedRecord>? FailedTag = null)
{
    /// <summary>The groups of sources that are aligned in this attempt.</summary>
    public Time.AlignmentGroups Alignments { get; init; } = new();
}

/// <summary>Numbers of one operator in one subtask. Written by the mailbox, read by anybody.</summary>
internal sealed class OperatorCounters
{
    public long RecordsIn;
    public long RecordsOut;
    public long BytesIn;
    public long BytesOut;
    public long LateRecords;
    public long FailedRecords;
    public long StateBytes;
    public long WatermarkMs = long.MinValue;
    public bool IsIdle;

    /// <summary>Counts records taken, and their bytes as they lie in batches: with their times, without what they refer to.</summary>
    public void Took<T>(int records)
    {
        RecordsIn += records;
        BytesIn += (long)records * (Unsafe.SizeOf<T>() + sizeof(long));
    }

    /// <summary>Counts records given to the main output, and their bytes.</summary>
    public void Gave<T>(int records)
    {
        RecordsOut += records;
        BytesOut += (long)records * (Unsafe.SizeOf<T>() + sizeof(long));
    }
}
