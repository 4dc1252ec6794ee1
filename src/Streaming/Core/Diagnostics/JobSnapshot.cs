namespace DataPlatform.Streaming.Diagnostics;

/// <summary>The numbers of a job at one moment. Taken without stopping anything, so they need not fit each other to the record.</summary>
/// <param name="JobName">The job.</param>
/// <param name="Attempt">Which attempt is running.</param>
/// <param name="Operators">Its operators, subtask by subtask, in the order of the graph.</param>
/// <param name="RestoredCheckpointId">The checkpoint it began from; null when it began with nothing.</param>
/// <param name="LastCheckpoint">The last complete checkpoint of this attempt; null before the first.</param>
/// <param name="FailedCheckpoints">Checkpoints of this attempt that were given up.</param>
public sealed record JobSnapshot(
    string JobName, int Attempt, IReadOnlyList<OperatorSnapshot> Operators, long? RestoredCheckpointId, CheckpointSnapshot? LastCheckpoint, int FailedCheckpoints)
{
    /// <summary>The numbers of one operator over its subtasks: sums, and the lowest watermark.</summary>
    /// <param name="name">The operator's name.</param>
    /// <exception cref="ArgumentException">There is no such operator.</exception>
    public OperatorSnapshot Total(string name)
    {
        var parts = Operators.Where(o => o.Name.Equals(name, StringComparison.Ordinal)).ToList();
        return parts.Count == 0
            ? throw new ArgumentException($"Job '{JobName}' has no operator '{name}'.", nameof(name))
            : parts[0] with
            {
                SubtaskIndex = -1,
                RecordsIn = parts.Sum(static p => p.RecordsIn),
                RecordsOut = parts.Sum(static p => p.RecordsOut),
                BytesIn = parts.Sum(static p => p.BytesIn),
                BytesOut = parts.Sum(static p => p.BytesOut),
                LateRecords = parts.Sum(static p => p.LateRecords),
                FailedRecords = parts.Sum(static p => p.FailedRecords),
                StateBytes = parts.Sum(static p => p.StateBytes),
                WatermarkMs = parts.Min(static p => p.WatermarkMs),
                IsIdle = parts.TrueForAll(static p => p.IsIdle),
                WatermarkLag = parts.Max(static p => p.WatermarkLag),
                BackPressuredSteps = parts.Sum(static p => p.BackPressuredSteps),
                Busy = Sum(parts, static p => p.Busy),
                Idle = Sum(parts, static p => p.Idle),
                BackPressured = Sum(parts, static p => p.BackPressured),
            };
    }

    private static TimeSpan Sum(List<OperatorSnapshot> parts, Func<OperatorSnapshot, TimeSpan> part)
        => parts.Aggregate(TimeSpan.Zero, (sum, p) => sum + part(p));
}

/// <summary>The numbers of one operator in one subtask.</summary>
/// <param name="Name">The operator.</param>
/// <param name="Uid">Its uid; empty when it has none.</param>
/// <param name="SubtaskIndex">The subtask, from 0; -1 for a sum over all.</param>
/// <param name="RecordsIn">Records taken; for a source, records read.</param>
/// <param name="RecordsOut">Records given to the main output.</param>
/// <param name="LateRecords">Records that came too late for all their windows.</param>
/// <param name="FailedRecords">Records that a user function threw on and that were put aside.</param>
/// <param name="WatermarkMs">The event time reached; <see cref="long.MinValue"/> before the first watermark, <see cref="long.MaxValue"/> at the end.</param>
/// <param name="IsIdle">Whether the operator has no active input.</param>
/// <param name="BackPressuredSteps">How often the subtask paused because a receiver had no room.</param>
public sealed record OperatorSnapshot(
    string Name, string Uid, int SubtaskIndex, long RecordsIn, long RecordsOut, long LateRecords, long FailedRecords, long WatermarkMs, bool IsIdle, long BackPressuredSteps)
{
    /// <summary>Bytes of the records taken, as they lie in batches: with their times, without what they refer to.</summary>
    public long BytesIn { get; init; }

    /// <summary>Bytes of the records given to the main output, counted in the same way.</summary>
    public long BytesOut { get; init; }

    /// <summary>Bytes of the operator's state as its last checkpoint or savepoint holds it, files shared with earlier ones included; 0 before the first.</summary>
    public long StateBytes { get; init; }

    /// <summary>How far event time is behind the job's clock; null before the first watermark and at the end of the input.</summary>
    public TimeSpan? WatermarkLag { get; init; }

    /// <summary>How long the operator's subtask has worked, or waited for a thread; shared by the operators of a chain.</summary>
    public TimeSpan Busy { get; init; }

    /// <summary>How long it has had nothing to do.</summary>
    public TimeSpan Idle { get; init; }

    /// <summary>How long it has had work and no room for results.</summary>
    public TimeSpan BackPressured { get; init; }
}

/// <summary>A complete checkpoint.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Duration">From the barrier to the manifest.</param>
/// <param name="SizeBytes">State and manifest.</param>
public sealed record CheckpointSnapshot(long Id, TimeSpan Duration, long SizeBytes);
