using System.Collections.Concurrent;

namespace DataPlatform.Quality.Metrics;

/// <summary>What a runner learned from its runs so far, to plan the next ones better. Thread-safe; forgetting it costs time and no correctness.</summary>
internal sealed class RunMemory
{
    // Suites change and so do their metrics: beyond this many keys it is better to learn anew than to grow.
    private const int KeysMax = 100_000;

    private readonly ConcurrentDictionary<string, byte> _failed = new();
    private readonly ConcurrentDictionary<string, byte> _counted = new();
    private readonly ConcurrentDictionary<string, (long Rows, long Values)> _values = new();

    /// <summary>Metrics that failed among others.</summary>
    public IReadOnlySet<string> Failed => Known(_failed);

    /// <summary>Ranges that bounds did not settle.</summary>
    public IReadOnlySet<string> Counted => Known(_counted);

    public void AddFailed(string key) => Add(_failed, key);

    public void AddCounted(string key) => Add(_counted, key);

    /// <summary>Different values found at the beginning of a column; null when that is not known, or was so for a table half as large.</summary>
    public long? ValuesOf(string relation, string column, long rows)
        => _values.TryGetValue(KeyOf(relation, column), out var known) && rows < 2 * Math.Max(known.Rows, 1) ? known.Values : null;

    public void SetValues(string relation, string column, long rows, long values)
    {
        if (_values.Count < KeysMax)
        {
            _values[KeyOf(relation, column)] = (rows, values);
        }
    }

    /// <summary>Rows a relation had in the newest run.</summary>
    public ConcurrentDictionary<string, long> Rows { get; } = new();

    /// <summary>Whether a relation's footers tell the bounds of its columns.</summary>
    public ConcurrentDictionary<string, bool> TellsBounds { get; } = new();

    private static string KeyOf(string relation, string column) => Rules.Canonical.Join(relation, column.ToUpperInvariant());

    private static HashSet<string> Known(ConcurrentDictionary<string, byte> keys) => keys.Keys.ToHashSet(StringComparer.Ordinal);

    private static void Add(ConcurrentDictionary<string, byte> keys, string key)
    {
        if (keys.Count < KeysMax)
        {
            keys.TryAdd(key, 0);
        }
    }
}
