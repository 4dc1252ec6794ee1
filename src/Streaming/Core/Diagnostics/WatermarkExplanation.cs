using System.Globalization;

namespace DataPlatform.Streaming.Diagnostics;

/// <summary>What an input, or a split of a source, does to event time.</summary>
public enum InputState
{
    /// <summary>It counts.</summary>
    Active,

    /// <summary>It was silent and is not yet where the others are; until then it does not count.</summary>
    CatchingUp,

    /// <summary>It is silent and does not count.</summary>
    Idle,

    /// <summary>It is held back because it is ahead of other sources; it counts.</summary>
    Paused,

    /// <summary>It is not read because receivers have no room; it counts.</summary>
    BackPressured,
}

/// <summary>Where one split of a source stands.</summary>
/// <param name="SplitId">The split.</param>
/// <param name="WatermarkMs">Its watermark; <see cref="long.MinValue"/> before the first.</param>
/// <param name="State">Whether it counts.</param>
/// <param name="LastRecordAt">When its last records came, by the job's clock, less the time in which it was held back.</param>
/// <param name="HoldsBack">Whether event time cannot pass the subtask because of it.</param>
public sealed record SplitExplanation(string SplitId, long WatermarkMs, InputState State, DateTimeOffset LastRecordAt, bool HoldsBack);

/// <summary>Where one input of a subtask stands: the records of one sending subtask.</summary>
/// <param name="Operator">The sending operators, the last of their chain.</param>
/// <param name="SubtaskIndex">Which of their subtasks.</param>
/// <param name="WatermarkMs">The watermark that came from there; <see cref="long.MinValue"/> before the first.</param>
/// <param name="State">Whether it counts.</param>
/// <param name="WaitsForBarrier">Whether it is not read now because a checkpoint is being aligned.</param>
/// <param name="HoldsBack">Whether event time cannot pass the subtask because of it.</param>
public sealed record InputExplanation(string Operator, int SubtaskIndex, long WatermarkMs, InputState State, bool WaitsForBarrier, bool HoldsBack);

/// <summary>Why event time is where it is at one subtask: its inputs or, at a source, its splits.</summary>
/// <param name="Operator">The operators of the subtask, head first.</param>
/// <param name="SubtaskIndex">Which subtask.</param>
/// <param name="WatermarkMs">The event time it has come to; <see cref="long.MinValue"/> before the first watermark.</param>
/// <param name="IsIdle">Whether no input of it counts.</param>
/// <param name="IsBackPressured">Whether it does not go on because a receiver has no room.</param>
/// <param name="Inputs">Its inputs; none for a source.</param>
/// <param name="Splits">Its splits that are not at their end; none for others than sources.</param>
public sealed record SubtaskExplanation(
    string Operator, int SubtaskIndex, long WatermarkMs, bool IsIdle, bool IsBackPressured, IReadOnlyList<InputExplanation> Inputs, IReadOnlyList<SplitExplanation> Splits);

/// <summary>
/// Why windows of an operator have not fired: the subtasks from the operator back to the sources along the inputs that hold event time back.
/// </summary>
/// <param name="Operator">The operator that was asked about.</param>
/// <param name="WatermarkMs">The lowest event time of its subtasks.</param>
/// <param name="Path">The subtasks that hold back, the operator's own first, sources last.</param>
public sealed record WatermarkExplanation(string Operator, long WatermarkMs, IReadOnlyList<SubtaskExplanation> Path)
{
    /// <summary>The splits that everything waits for, with the source they belong to.</summary>
    public IEnumerable<(SubtaskExplanation Source, SplitExplanation Split)> Blockers
        => Path.SelectMany(static s => s.Splits.Where(static p => p.HoldsBack || p.State == InputState.Idle).Select(p => (s, p)));

    /// <summary>The same in sentences.</summary>
    public override string ToString()
    {
        var blockers = Blockers.Select(static b => string.Create(
            CultureInfo.InvariantCulture,
            $"split '{b.Split.SplitId}' of '{b.Source.Operator}', subtask {b.Source.SubtaskIndex}: {b.Split.State} at {Time(b.Split.WatermarkMs)}, last record {b.Split.LastRecordAt:O}")).ToList();
        return string.Create(CultureInfo.InvariantCulture, $"'{Operator}' is at {Time(WatermarkMs)} and waits for ")
            + (blockers.Count == 0 ? "nothing" : string.Join("; ", blockers)) + ".";
    }

    private static string Time(long timeMs) => timeMs switch
    {
        long.MinValue => "no watermark",
        long.MaxValue => "the end of time",
        _ => timeMs.ToString(CultureInfo.InvariantCulture),
    };
}
