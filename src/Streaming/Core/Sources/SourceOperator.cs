using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.Runtime;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Streaming.Sources;

/// <summary>The part of a source operator that its subtask drives.</summary>
internal interface ISourceDriver
{
    /// <summary>Asks the reader for records.</summary>
    ReadStatus Poll();

    /// <summary>Sends the end of time and the end of the input.</summary>
    void Finish();

    /// <summary>The source is not asked now, because receivers have no room. That is not silence.</summary>
    void HoldBack();

    /// <summary>The splits that are being read, with the place of each in event time. May be asked from any thread.</summary>
    IReadOnlyList<Diagnostics.SplitExplanation> Explain();
}

/// <summary>Reads splits, gives records their event time, and combines the watermarks of the splits.</summary>
internal sealed partial class SourceOperator<T>(ISource<T> source, WatermarkStrategy<T> strategy, IReadOnlyList<AssignedSplit> splits)
    : StreamOperator<T>, ISourceOutput<T>, ISourceDriver
{
    private readonly WatermarkValve _valve = new();
    private readonly Dictionary<string, SplitTime<T>> _splits = new(StringComparer.Ordinal);
    private ISourceReader<T> _reader = null!;
    private long[] _timesMs = [];
    private long[] _stampsMs = [];
    private bool _idleTimerSet;
    private bool _restoredRises;

    public override void Restore(RestoredOperator restored) => restored.MarkRead(SplitCodec.StateName);

    public override void Open()
    {
        _reader = source.CreateReader(new SourceReaderContext(
            Context.JobName, Context.Uid, Context.SubtaskIndex, Context.Parallelism, Context.Attempt, Context.Options.BatchSize, Context.Options.Time, Context.Wake));
        foreach (var (split, watermarkMs) in splits.Where(static s => !s.Split.IsFinished))
        {
            _splits.Add(split.Id, new SplitTime<T>(split.Id, _valve.Add(), strategy.CreateGenerator(), watermarkMs, Context.Timers.NowMs));
        }

        // Only when all are there: a split that is ahead must not speak for one that is still to be added.
        foreach (var time in _splits.Values)
        {
            _restoredRises |= _valve.Watermark(time.Index, time.WatermarkMs);
        }

        _reader.AddSplits([.. splits.Select(static s => s.Split)]);
        _described = [.. _splits.Values];
        _member = strategy.Alignment is { } alignment ? Context.Alignments[alignment.Group].Join(Context.Wake) : null;
        Align();
    }

    public ReadStatus Poll()
    {
        if (_restoredRises)
        {
            _restoredRises = false;
            AdvanceWatermark(_valve.CurrentMs);
        }

        EndHoldingBack();
        if (_member is not null && Align())
        {
            return ReadStatus.Waiting;
        }

        var status = _reader.Read(this);
        if (status != ReadStatus.Finished && _valve.IsIdle != Counters.IsIdle)
        {
            // A subtask without splits says that it holds nobody back; one that is at its end says so instead.
            ChangeStatus(_valve.IsIdle);
        }

        if (status == ReadStatus.Waiting && !_idleTimerSet)
        {
            ScheduleIdleCheck(Context.Timers.NowMs);
        }

        return status;
    }

    public void Finish()
    {
        // Who has nothing to read any more holds nobody back.
        _member?.Report(long.MaxValue);
        ChangeStatus(idle: false);
        AdvanceWatermark(long.MaxValue);
        EndInput();
    }

    public void Emit(string splitId, ReadOnlySpan<T> records, ReadOnlySpan<long> eventTimesMs)
    {
        var split = _splits[splitId];
        if (records.IsEmpty)
        {
            // Without records a source can still let its generator say that time has come further.
            split.Advance(records, eventTimesMs);
            Publish(_valve.Watermark(split.Index, split.WatermarkMs));
            return;
        }

        split.LastRecordMs = Context.Timers.NowMs;
        var times = TimesOf(records, eventTimesMs);
        EventTime.Check(times, splitId);
        Counters.Took<T>(records.Length);
        Emit(new BatchView<T>(records, times, default, Advance(split, records, times)));
        var rises = _valve.Status(split.Index, idle: false) | _valve.Watermark(split.Index, split.WatermarkMs);
        Publish(rises);
        Align();
    }

    public void FinishSplit(string splitId)
    {
        if (_splits.Remove(splitId, out var split))
        {
            _described = [.. _splits.Values];
            Publish(_valve.Finish(split.Index));
            Align();
        }
    }

    public override void Snapshot(SubtaskSnapshot snapshot)
    {
        var writer = new State.StateWriter();
        SplitCodec.Write(writer, [.. _reader.Snapshot().Select(s => new AssignedSplit(s, _splits.TryGetValue(s.Id, out var time) ? time.WatermarkMs : long.MinValue))]);
        snapshot.Add(new BytesStateSource(Context.Uid, SplitCodec.StateName, StateKind.Split, SplitCodec.Schema, writer.WrittenSpan.ToArray()));
    }

    public override void CheckpointCompleted(long checkpointId) => _reader.CheckpointCompleted(checkpointId);

    public override ValueTask CloseAsync() => _reader?.DisposeAsync() ?? ValueTask.CompletedTask;

    private void Publish(bool rises)
    {
        if (rises)
        {
            if (Counters.IsIdle)
            {
                ChangeStatus(idle: false);
            }

            AdvanceWatermark(_valve.CurrentMs);
        }

        if (_valve.IsIdle != Counters.IsIdle)
        {
            ChangeStatus(_valve.IsIdle);
        }
    }

    private ReadOnlySpan<long> TimesOf(ReadOnlySpan<T> records, ReadOnlySpan<long> eventTimesMs)
    {
        if (strategy.TimestampMs is not { } timestampMs)
        {
            return eventTimesMs.Length == records.Length
                ? eventTimesMs
                : throw new InvalidOperationException("The source gives no event times: let the watermark strategy take them from the records.");
        }

        if (_timesMs.Length < records.Length)
        {
            _timesMs = new long[records.Length];
        }

        for (var i = 0; i < records.Length; i++)
        {
            _timesMs[i] = timestampMs(records[i]);
        }

        return _timesMs.AsSpan(0, records.Length);
    }

    /// <summary>Moves the split's watermark past the records, and stamps them on the way where the strategy asks for it.</summary>
    private ReadOnlySpan<long> Advance(SplitTime<T> split, ReadOnlySpan<T> records, ReadOnlySpan<long> times)
    {
        if (!strategy.LatenessBySplit)
        {
            split.Advance(records, times);
            return default;
        }

        if (_stampsMs.Length < records.Length)
        {
            _stampsMs = new long[records.Length];
        }

        for (var i = 0; i < records.Length; i++)
        {
            _stampsMs[i] = split.WatermarkMs;
            split.Advance(records.Slice(i, 1), times.Slice(i, 1));
        }

        return _stampsMs.AsSpan(0, records.Length);
    }

    private void ScheduleIdleCheck(long nowMs)
    {
        if (strategy.Idleness is { } idleness && _splits.Count > 0)
        {
            _idleTimerSet = true;
            Context.Timers.Register(nowMs + (long)idleness.TotalMilliseconds, CheckIdle);
        }
    }

    private void CheckIdle(long nowMs)
    {
        _idleTimerSet = false;
        var limitMs = (long)strategy.Idleness!.Value.TotalMilliseconds;
        var rises = false;
        foreach (var split in _splits.Values)
        {
            // What is held back, here or by receivers without room, is not silent.
            if (!split.IsPaused && !_isHeldBack && nowMs - split.LastRecordMs >= limitMs)
            {
                rises |= _valve.Status(split.Index, idle: true);
            }
        }

        Publish(rises);
        Align();
        ScheduleIdleCheck(nowMs);
    }
}
