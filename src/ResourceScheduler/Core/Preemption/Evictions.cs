namespace DataPlatform.ResourceScheduler.Preemption;

/// <summary>Who was stopped for whom lately. Keeps that free of cycles: nobody is stopped for what was stopped for it, directly or through
/// others.</summary>
internal sealed class Evictions(long memoryMs)
{
    private readonly SortedDictionary<long, SortedDictionary<long, long>> _victimsOf = [];

    /// <summary>Whether stopping <paramref name="victim"/> for <paramref name="beneficiary"/> would close a cycle.</summary>
    public bool WouldClose(long beneficiary, long victim, long nowMs) => victim == beneficiary || (_victimsOf.ContainsKey(victim)
        && Reaches(victim, beneficiary, nowMs, []));

    public void Record(long beneficiary, long victim, long nowMs)
    {
        if (!_victimsOf.TryGetValue(beneficiary, out var victims))
        {
            _victimsOf[beneficiary] = victims = [];
        }

        victims[victim] = nowMs;
    }

    /// <summary>Everything remembered: for whom, who was stopped, and when.</summary>
    public IEnumerable<(long Beneficiary, long Victim, long AtMs)> All
        => _victimsOf.SelectMany(pair => pair.Value.Select(victim => (pair.Key, victim.Key, victim.Value)));

    public void Forget(long nowMs)
    {
        foreach (var (beneficiary, victims) in _victimsOf.ToArray())
        {
            foreach (var victim in victims.Where(pair => nowMs - pair.Value > memoryMs).Select(pair => pair.Key).ToArray())
            {
                victims.Remove(victim);
            }

            if (victims.Count == 0)
            {
                _victimsOf.Remove(beneficiary);
            }
        }
    }

    /// <summary>Whether a chain of evictions leads from one application to another.</summary>
    private bool Reaches(long from, long to, long nowMs, HashSet<long> seen)
    {
        if (!seen.Add(from) || !_victimsOf.TryGetValue(from, out var victims))
        {
            return false;
        }

        return victims.Any(pair => nowMs - pair.Value <= memoryMs && (pair.Key == to || Reaches(pair.Key, to, nowMs, seen)));
    }
}
