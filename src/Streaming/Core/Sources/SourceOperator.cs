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
}

/// <summary>Reads splits, gives records their event time, and combines the watermarks of the splits.</summary>
internal sealed class SourceOperator<T>(ISource<T> source, WatermarkStrategy<T> strategy, IReadOnlyList<SourceSplit> splits)
    : StreamOperator<T>, ISourceOutput<T>, ISourceDriver
{
    private readonly WatermarkValve _valve = new();
    private readonly Dictionary<string, SplitTime> _splits = new(StringComparer.Ordinal);
    private ISourceReader<T> _reader = null!;
    private long[] _timesMs = [];
    private bool _idleTimerSet;

    public override void Open()
    {
        _reader = source.CreateReader(new SourceReaderContext(
            Context.JobName, Context.Uid, Context.SubtaskIndex, Context.Parallelism, Context.Attempt, Context.Options.BatchSize, Context.Options.Time, Context.Wake));
        foreach (var split in splits.Where(static s => !s.IsFinished))
        {
            _splits.Add(split.Id, new SplitTime(_valve.Add(), strategy.CreateGenerator(), Context.Timers.NowMs));
        }

        _reader.AddSplits(splits);
    }

    public ReadStatus Poll()
    {
        if (_valve.IsIdle != Counters.IsIdle)
        {
            // The first poll of a subtask without splits says at once that it holds nobody back.
            ChangeStatus(_valve.IsIdle);
        }

        var status = _reader.Read(this);
        if (status == ReadStatus.Waiting && !_idleTimerSet)
        {
            ScheduleIdleCheck(Context.Timers.NowMs);
        }

        return status;
    }

    public void Finish()
    {
        ChangeStatus(idle: false);
        AdvanceWatermark(long.MaxValue);
        EndInput();
    }

    public void Emit(string splitId, ReadOnlySpan<T> records, ReadOnlySpan<long> eventTimesMs)
    {
        if (records.IsEmpty)
        {
            return;
        }

        var split = _splits[splitId];
        split.LastRecordMs = strategy.Idleness is null ? 0 : Context.Timers.NowMs;
        var times = TimesOf(records, eventTimesMs);
        EventTime.Check(times, splitId);
        Counters.RecordsIn += records.Length;
        Emit(new BatchView<T>(records, times, default));
        split.Generator.OnRecords(records, times);
        var rises = _valve.Status(split.Index, idle: false) | _valve.Watermark(split.Index, split.Generator.CurrentWatermarkMs);
        Publish(rises);
    }

    public void FinishSplit(string splitId)
    {
        if (_splits.Remove(splitId, out var split))
        {
            // What is read to its end expects nothing more, so it counts as idle for good.
            Publish(_valve.Status(split.Index, idle: true));
        }
    }

    public override void Snapshot(SubtaskSnapshot snapshot)
    {
        var writer = new State.StateWriter();
        SplitCodec.Write(writer, _reader.Snapshot());
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
            if (nowMs - split.LastRecordMs >= limitMs)
            {
                rises |= _valve.Status(split.Index, idle: true);
            }
        }

        Publish(rises);
        ScheduleIdleCheck(nowMs);
    }

    private sealed class SplitTime(int index, IWatermarkGenerator<T> generator, long lastRecordMs)
    {
        public int Index { get; } = index;

        public IWatermarkGenerator<T> Generator { get; } = generator;

        public long LastRecordMs { get; set; } = lastRecordMs;
    }
}
