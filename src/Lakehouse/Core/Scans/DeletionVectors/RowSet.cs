namespace DataPlatform.Lakehouse.Scans.DeletionVectors;

/// <summary>Row positions of one data file, sorted and distinct. Immutable.</summary>
internal sealed class RowSet
{
    private readonly long[] _rows;

    private RowSet(long[] sorted) => _rows = sorted;

    public static RowSet Empty { get; } = new([]);

    public int Count => _rows.Length;

    public ReadOnlySpan<long> Rows => _rows;

    public static RowSet Of(IEnumerable<long> rows)
    {
        long[] sorted = [.. rows.Distinct()];
        Array.Sort(sorted);
        return new RowSet(sorted);
    }

    /// <summary>Takes over an array that is sorted and distinct already.</summary>
    public static RowSet OfSorted(long[] sorted) => new(sorted);

    public bool Contains(long row) => Array.BinarySearch(_rows, row) >= 0;

    public RowSet Union(RowSet other) => Of(_rows.Concat(other._rows));

    public RowSet Except(RowSet other) => new([.. _rows.Where(r => !other.Contains(r))]);

    /// <summary>The positions among <paramref name="length"/> rows from <paramref name="first"/> that are, or are not, in the set.</summary>
    public int[] Select(long first, int length, bool members)
    {
        var next = Array.BinarySearch(_rows, first);
        next = next < 0 ? ~next : next;
        List<int> found = new(members ? 16 : length);
        for (var i = 0; i < length; i++)
        {
            var isMember = next < _rows.Length && _rows[next] == first + i;
            next += isMember ? 1 : 0;
            if (isMember == members)
            {
                found.Add(i);
            }
        }

        return [.. found];
    }
}
