namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>What is due when. An entry that no longer matters is not removed: its action looks and does nothing.</summary>
internal sealed class TimerQueue
{
    private readonly PriorityQueue<Action, (DateTimeOffset Due, long Order)> _entries = new();
    private long _order;

    public DateTimeOffset? Earliest => _entries.TryPeek(out _, out var key) ? key.Due : null;

    public void Add(DateTimeOffset due, Action action) => _entries.Enqueue(action, (due, _order++));

    public bool TryTake(DateTimeOffset now, out Action action)
    {
        if (_entries.TryPeek(out action!, out var key) && key.Due <= now)
        {
            _entries.Dequeue();
            return true;
        }

        return false;
    }
}
