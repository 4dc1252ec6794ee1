using DataPlatform.Streaming.Runtime;
using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.Operators;

/// <summary>Who an operator is in the job, and what it may use.</summary>
internal sealed record OperatorContext(
    string JobName, string Name, string Uid, int SubtaskIndex, int Parallelism, int Attempt, KeyGroupRange KeyGroups, StreamJobOptions Options, ITimerService Timers, Action Wake,
    OutputTag<FailedRecord>? FailedTag = null);

/// <summary>Numbers of one operator in one subtask. Written by the mailbox, read by anybody.</summary>
internal sealed class OperatorCounters
{
    public long RecordsIn;
    public long RecordsOut;
    public long LateRecords;
    public long FailedRecords;
    public long WatermarkMs = long.MinValue;
    public bool IsIdle;
}
