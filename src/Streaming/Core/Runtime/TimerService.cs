namespace DataPlatform.Streaming.Runtime;

/// <summary>Processing-time callbacks of one subtask. One timer of the clock wakes the subtask; the callbacks run in its next step.</summary>
internal sealed class TimerService : ITimerService, IAsyncDisposable
{
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly PriorityQueue<Action<long>, long> _due = new();
    private long _armedMs = long.MaxValue;

    public TimerService(TimeProvider time, Action wake)
    {
        _time = time;
        _timer = time.CreateTimer(static state => ((Action)state!)(), wake, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    public void Register(long atMs, Action<long> callback)
    {
        _due.Enqueue(callback, atMs);
        Arm();
    }

    /// <summary>Runs what is due.</summary>
    public void Fire()
    {
        if (_due.Count == 0 || _armedMs > NowMs)
        {
            return;
        }

        _armedMs = long.MaxValue;
        var now = NowMs;
        while (_due.TryPeek(out var callback, out var atMs) && atMs <= now)
        {
            _due.Dequeue();
            callback(now);
        }

        Arm();
    }

    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private void Arm()
    {
        if (_due.TryPeek(out _, out var atMs) && atMs < _armedMs)
        {
            _armedMs = atMs;
            _timer.Change(TimeSpan.FromMilliseconds(Math.Max(0, atMs - NowMs)), Timeout.InfiniteTimeSpan);
        }
    }
}
