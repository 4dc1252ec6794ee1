namespace DataPlatform.Quality.Alerts;

/// <summary>How many messages may be sent now: full at first, refilled one at a time. Not thread-safe.</summary>
internal sealed class TokenBucket(int capacity, TimeSpan refillEvery, DateTimeOffset start)
{
    private readonly int _capacity = capacity;
    private int _tokens = capacity;
    private DateTimeOffset _refilledAt = start;

    public int Available(DateTimeOffset now)
    {
        // A clock that was put back refills nothing and takes nothing away.
        var refills = Math.Max(0, (now - _refilledAt).Ticks / refillEvery.Ticks);
        if (_tokens + refills >= _capacity)
        {
            (_tokens, _refilledAt) = (_capacity, now > _refilledAt ? now : _refilledAt);
        }
        else
        {
            _tokens += (int)refills;
            _refilledAt += refillEvery * refills;
        }

        return _tokens;
    }

    public void Take() => _tokens--;
}
