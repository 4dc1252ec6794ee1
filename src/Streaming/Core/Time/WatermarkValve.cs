namespace DataPlatform.Streaming.Time;

/// <summary>
/// Combines the watermarks of several inputs: the minimum over the inputs that are active and have caught up. A pure state machine; it
/// serves the channels of a subtask and the splits of a source alike.
/// </summary>
/// <remarks>
/// An idle input does not hold time back. When all are idle the highest watermark seen is given out, then idleness. An input that becomes
/// active again counts only after it has caught up with what was given out. "No active input" never means the end of time.
/// </remarks>
internal sealed class WatermarkValve
{
    private readonly List<Input> _inputs = [];

    /// <summary>The watermark given out last; <see cref="long.MinValue"/> before the first.</summary>
    public long CurrentMs { get; private set; } = long.MinValue;

    /// <summary>Whether there is no active input. A valve without inputs is idle.</summary>
    public bool IsIdle { get; private set; } = true;

    public int Count => _inputs.Count;

    /// <summary>Adds an active input.</summary>
    /// <returns>Its index.</returns>
    public int Add()
    {
        _inputs.Add(new Input { WatermarkMs = long.MinValue, IsAligned = CurrentMs == long.MinValue });
        IsIdle = false;
        return _inputs.Count - 1;
    }

    /// <summary>The watermark of one input.</summary>
    public long WatermarkOf(int input) => _inputs[input].WatermarkMs;

    /// <summary>Whether one input is idle.</summary>
    public bool IsInputIdle(int input) => _inputs[input].IsIdle;

    /// <summary>Whether one input holds its share in the minimum.</summary>
    public bool IsInputAligned(int input) => _inputs[input].IsAligned;

    /// <summary>An input's watermark.</summary>
    /// <returns>True when <see cref="CurrentMs"/> has risen.</returns>
    public bool Watermark(int input, long timeMs)
    {
        var state = _inputs[input];
        if (state.IsIdle || timeMs <= state.WatermarkMs)
        {
            return false;
        }

        state.WatermarkMs = timeMs;
        state.IsAligned |= timeMs >= CurrentMs;
        return RaiseToMinimum();
    }

    /// <summary>An input has become idle or active again.</summary>
    /// <returns>True when <see cref="CurrentMs"/> has risen; look at <see cref="IsIdle"/> for the other outcome.</returns>
    public bool Status(int input, bool idle)
    {
        var state = _inputs[input];
        if (state.IsIdle == idle)
        {
            return false;
        }

        state.IsIdle = idle;
        if (!idle)
        {
            state.IsAligned = state.WatermarkMs >= CurrentMs;
            IsIdle = false;
            return false;
        }

        state.IsAligned = false;
        return RaiseWithout();
    }

    /// <summary>
    /// An input is over. It holds nothing back, and it is not idle either: when it was the last one, time stands still until its end is
    /// announced, so that nobody downstream runs ahead of what is still to be fired for it.
    /// </summary>
    /// <returns>True when <see cref="CurrentMs"/> has risen; look at <see cref="IsIdle"/> for the other outcome.</returns>
    public bool Finish(int input)
    {
        var state = _inputs[input];
        state.IsFinished = true;
        state.IsAligned = false;
        return !_inputs.TrueForAll(static i => i.IsFinished) && RaiseWithout();
    }

    private bool RaiseWithout()
    {
        if (!_inputs.TrueForAll(static i => i.IsIdle || i.IsFinished))
        {
            return RaiseToMinimum();
        }

        IsIdle = true;
        return RaiseTo(_inputs.Max(static i => i.WatermarkMs));
    }

    private bool RaiseToMinimum()
    {
        var minimum = long.MaxValue;
        var any = false;
        foreach (var input in _inputs)
        {
            if (input.IsAligned)
            {
                any = true;
                minimum = Math.Min(minimum, input.WatermarkMs);
            }
        }

        return any && RaiseTo(minimum);
    }

    private bool RaiseTo(long timeMs)
    {
        if (timeMs <= CurrentMs)
        {
            return false;
        }

        CurrentMs = timeMs;
        return true;
    }

    private sealed class Input
    {
        public long WatermarkMs;
        public bool IsIdle;
        public bool IsAligned;
        public bool IsFinished;
    }
}
