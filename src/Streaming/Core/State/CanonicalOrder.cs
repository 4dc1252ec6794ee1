namespace DataPlatform.Streaming.State;

/// <summary>
/// Brings entries into the order of their encoded keys, so that a savepoint has the same bytes whatever back end wrote it and in whatever
/// order the state came to be.
/// </summary>
internal sealed class CanonicalOrder
{
    private readonly StateWriter _keys = new();
    private readonly List<(int Offset, int Length, int Place)> _entries = [];

    public int Count => _entries.Count;

    /// <summary>Where to encode the next key, before <see cref="Add"/>.</summary>
    public StateWriter Keys => _keys;

    public void Clear()
    {
        _keys.Clear();
        _entries.Clear();
    }

    /// <summary>Adds an entry whose key has just been encoded.</summary>
    public void Add(int place)
    {
        var offset = _entries.Count == 0 ? 0 : _entries[^1].Offset + _entries[^1].Length;
        _entries.Add((offset, _keys.Length - offset, place));
    }

    /// <summary>The places in the order of their keys.</summary>
    public IEnumerable<int> Sorted()
    {
        _entries.Sort(Compare);
        return _entries.Select(static e => e.Place);
    }

    private int Compare((int Offset, int Length, int Place) a, (int Offset, int Length, int Place) b)
        => _keys.WrittenSpan.Slice(a.Offset, a.Length).SequenceCompareTo(_keys.WrittenSpan.Slice(b.Offset, b.Length));
}
