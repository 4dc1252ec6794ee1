namespace DataPlatform.ResourceScheduler.Preemption;

/// <summary>Keeps rounds of preemption for one queue apart. Not thread-safe.</summary>
/// <param name="coolDown">The least time between two rounds.</param>
public sealed class CoolDowns(TimeSpan coolDown)
{
    private readonly SortedDictionary<string, long> _lastMs = new(StringComparer.Ordinal);

    /// <summary>Whether a round may begin now; if so it has.</summary>
    /// <param name="queue">The starved queue.</param>
    /// <param name="nowMs">The time.</param>
    public bool TryBegin(string queue, long nowMs)
    {
        if (_lastMs.TryGetValue(queue, out var last) && nowMs - last < coolDown.TotalMilliseconds)
        {
            return false;
        }

        _lastMs[queue] = nowMs;
        return true;
    }

    internal IEnumerable<KeyValuePair<string, long>> All => _lastMs;

    internal void Restore(string queue, long lastMs) => _lastMs[queue] = lastMs;

    /// <summary>Takes a begun round back: it came to nothing, so the next look may try again.</summary>
    /// <param name="queue">The starved queue.</param>
    public void Forget(string queue) => _lastMs.Remove(queue);
}
