namespace DataPlatform.Samples.FlightDelays.Domain;

/// <summary>Counts of delays by whole minute: small, exact, and mergeable, so mean, maximum and any percentile follow from it.</summary>
public sealed class DelayHistogram
{
    private readonly SortedList<int, int> _countByMinute = [];

    /// <summary>How many delays were added.</summary>
    public long Count { get; private set; }

    /// <summary>Their sum, minutes.</summary>
    public long SumMinutes { get; private set; }

    /// <summary>Counts by minute, growing.</summary>
    public IReadOnlyList<KeyValuePair<int, int>> Entries => [.. _countByMinute];

    /// <summary>Adds a delay.</summary>
    public void Add(int minutes, int times = 1)
    {
        _countByMinute[minutes] = _countByMinute.GetValueOrDefault(minutes) + times;
        Count += times;
        SumMinutes += (long)minutes * times;
    }

    /// <summary>The delay that a share of all delays does not exceed: the smallest one at or above which <paramref name="percent"/> % of the count lie.</summary>
    /// <param name="percent">1 to 100.</param>
    public int PercentileMinutes(int percent)
    {
        // The rank is computed in integers, so that it is the one a database computes too.
        var rank = ((Count * percent) + 99) / 100;
        long seen = 0;
        foreach (var (minutes, count) in _countByMinute)
        {
            seen += count;
            if (seen >= rank)
            {
                return minutes;
            }
        }

        throw new InvalidOperationException("An empty histogram has no percentile.");
    }

    /// <summary>The largest delay, minutes.</summary>
    public int MaximumMinutes => _countByMinute.Count > 0 ? _countByMinute.Keys[^1] : throw new InvalidOperationException("An empty histogram has no maximum.");
}
