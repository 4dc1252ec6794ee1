namespace DataPlatform.Quality.Profiles;

/// <summary>Finds the most frequent values of a stream with a bounded number of counters, and merges.</summary>
/// <remarks>
/// Misra and Gries with the merge of Agarwal et al. 2012: a count is too low by at most <see cref="ErrorMax"/>, and every value that occurs
/// more often than that is here. Exact while fewer different values than counters were seen. Not thread-safe.
/// </remarks>
public sealed class TopValues
{
    internal const int Counters = 256;
    private readonly Dictionary<string, long> _counts;

    /// <summary>Makes an empty sketch.</summary>
    public TopValues()
        : this(new Dictionary<string, long>(StringComparer.Ordinal), 0)
    {
    }

    internal TopValues(Dictionary<string, long> counts, long errorMax)
    {
        _counts = counts;
        ErrorMax = errorMax;
    }

    /// <summary>By how much a count may be too low; 0 while counts are exact.</summary>
    public long ErrorMax { get; private set; }

    internal IReadOnlyDictionary<string, long> Counts => _counts;

    /// <summary>Adds a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="times">How often it occurred.</param>
    public void Add(string value, long times = 1)
    {
        ArgumentNullException.ThrowIfNull(value);
        _counts[value] = _counts.GetValueOrDefault(value) + times;
        if (_counts.Count > 2 * Counters)
        {
            Reduce();
        }
    }

    /// <summary>Takes in another sketch.</summary>
    /// <param name="other">The other; unchanged.</param>
    public void Merge(TopValues other)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach (var (value, count) in other._counts)
        {
            _counts[value] = _counts.GetValueOrDefault(value) + count;
        }

        ErrorMax += other.ErrorMax;
        Reduce();
    }

    /// <summary>The most frequent values, most frequent first; equal counts by value.</summary>
    /// <param name="count">At most so many.</param>
    public IReadOnlyList<(string Value, long Count)> Top(int count)
        => [.. _counts.OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal).Take(count).Select(c => (c.Key, c.Value))];

    /// <summary>Subtracts from all what the first counter too many holds, and drops those that reach zero.</summary>
    private void Reduce()
    {
        if (_counts.Count <= Counters)
        {
            return;
        }

        var cut = _counts.Values.OrderDescending().Skip(Counters).First();
        ErrorMax += cut;
        foreach (var (value, count) in _counts.ToList())
        {
            if (count > cut)
            {
                _counts[value] = count - cut;
            }
            else
            {
                _counts.Remove(value);
            }
        }
    }
}
