using DataPlatform.Streaming.Diagnostics;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Streaming.Sources;

/// <content>What holds splits back: other sources that are slower, and receivers without room. Neither is silence.</content>
internal sealed partial class SourceOperator<T>
{
    private AlignmentGroup.Member? _member;
    private long _limitMs = long.MaxValue;
    private bool _isHeldBack;
    private long _heldBackSinceMs;

    // For readers on other threads; replaced when a split ends.
    private SplitTime<T>[] _described = [];

    public void HoldBack()
    {
        if (!_isHeldBack)
        {
            _isHeldBack = true;
            _heldBackSinceMs = Context.Timers.NowMs;
        }
    }

    public IReadOnlyList<SplitExplanation> Explain()
    {
        var splits = Volatile.Read(ref _described);
        return [.. splits.Select(s => new SplitExplanation(
            s.Id,
            s.WatermarkMs,
            s.IsPaused ? InputState.Paused
                : _valve.IsInputIdle(s.Index) ? InputState.Idle
                : _isHeldBack ? InputState.BackPressured
                : _valve.IsInputAligned(s.Index) ? InputState.Active : InputState.CatchingUp,
            DateTimeOffset.FromUnixTimeMilliseconds(s.LastRecordMs),
            _valve.IsInputAligned(s.Index) && s.WatermarkMs <= CurrentWatermarkMs))];
    }

    private void EndHoldingBack()
    {
        if (!_isHeldBack)
        {
            return;
        }

        _isHeldBack = false;
        var lostMs = Context.Timers.NowMs - _heldBackSinceMs;
        foreach (var split in _splits.Values)
        {
            split.LastRecordMs += lostMs;
        }
    }

    /// <summary>Tells the group how far this subtask is, and pauses the splits that are too far ahead of it.</summary>
    /// <returns>Whether nothing is left to be read now.</returns>
    private bool Align()
    {
        if (_member is not { } member)
        {
            return false;
        }

        member.Report(SlowestMs());
        var alignment = strategy.Alignment!;
        _limitMs = AlignmentGroup.Limit(Context.Alignments[alignment.Group].SlowestMs, alignment.MaxDriftMs);
        var canPauseOne = _reader.CanPauseSplits;
        var allAhead = _splits.Count > 0;
        foreach (var split in _splits.Values)
        {
            allAhead &= split.WatermarkMs > _limitMs;
        }

        foreach (var split in _splits.Values)
        {
            SetPaused(split, canPauseOne ? split.WatermarkMs > _limitMs : allAhead, canPauseOne);
        }

        return allAhead;
    }

    private void SetPaused(SplitTime<T> split, bool isPaused, bool canPauseOne)
    {
        if (split.IsPaused == isPaused)
        {
            return;
        }

        split.IsPaused = isPaused;
        if (!isPaused)
        {
            split.LastRecordMs = Context.Timers.NowMs;
        }

        if (canPauseOne)
        {
            _reader.SetPaused(split.Id, isPaused);
        }
    }

    /// <summary>How far the slowest split is that has a watermark and is not silent; the end of time when there is none.</summary>
    private long SlowestMs()
    {
        var slowest = long.MaxValue;
        foreach (var split in _splits.Values)
        {
            if (split.WatermarkMs != long.MinValue && !_valve.IsInputIdle(split.Index))
            {
                slowest = Math.Min(slowest, split.WatermarkMs);
            }
        }

        return slowest;
    }
}
