using Apache.Arrow;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Expressions;
using DataPlatform.Lakehouse.Scans;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Snapshots;

namespace DataPlatform.Lakehouse.Commands;

/// <summary>Rows whose key is one of the keys of the rows to write; files whose bounds lie beside those of the keys are left out.</summary>
internal sealed class KeySelection : IRowSelection
{
    /// <summary>Keys that one write may have: they are held in memory.</summary>
    public const int KeysMax = 5_000_000;

    private readonly string[] _columns;
    private readonly FileBounds _bounds;
    private readonly HashSet<Key> _keys = [];
    private readonly object?[] _least;
    private readonly object?[] _greatest;

    public KeySelection(Snapshot snapshot, StructType schema, IReadOnlyList<string> columns)
    {
        _columns = [.. columns.Select(column => schema.Find(column)?.Name
            ?? throw DeltaException.Invalid($"There is no column '{column}' to merge on; the columns are {string.Join(", ", schema.Fields.Select(f => f.Name))}."))];
        _bounds = new FileBounds(snapshot);
        _least = new object?[_columns.Length];
        _greatest = new object?[_columns.Length];
    }

    /// <summary>Takes the keys of rows to write.</summary>
    /// <param name="rows">The rows, in the table's types.</param>
    /// <param name="firstRow">The number of the first, for errors.</param>
    /// <exception cref="DeltaException">A key is null, comes twice, or there are too many.</exception>
    public void Take(RecordBatch rows, long firstRow)
    {
        var readers = Readers(rows);
        for (var row = 0; row < rows.Length; row++)
        {
            var key = new Key(System.Array.ConvertAll(readers, reader => reader(row)));
            if (System.Array.IndexOf(key.Values, null) is >= 0 and var missing)
            {
                throw DeltaException.Invalid($"Row {firstRow + row} of the rows to merge has no '{_columns[missing]}', which it is merged on.");
            }

            if (!_keys.Add(key))
            {
                throw DeltaException.Invalid($"Row {firstRow + row} of the rows to merge has the key ({key}) of a row before: a key may come once.");
            }

            Widen(key);
        }

        if (_keys.Count > KeysMax)
        {
            throw DeltaException.Invalid($"More than {KeysMax} rows cannot be merged at once: merge them in parts, or replace by a condition.");
        }
    }

    public bool MayMatch(AddFile file)
    {
        if (_keys.Count == 0)
        {
            return false;
        }

        var bounds = _bounds.Of(file);
        for (var i = 0; i < _columns.Length; i++)
        {
            var known = bounds(_columns[i]);
            if (!known.MayHaveValue || IsBelow(known.Maximum, _least[i]) || IsBelow(_greatest[i], known.Minimum))
            {
                return false;
            }
        }

        return true;
    }

    public bool MatchesAll(AddFile file) => false;

    public int[] Matching(RecordBatch batch)
    {
        var readers = Readers(batch);
        List<int> rows = [];
        for (var row = 0; row < batch.Length; row++)
        {
            if (_keys.Contains(new Key(System.Array.ConvertAll(readers, reader => reader(row)))))
            {
                rows.Add(row);
            }
        }

        return [.. rows];
    }

    private static bool IsBelow(object? left, object? right) => left is not null && right is not null && Values.Compare(left, right) < 0;

    private Func<int, object?>[] Readers(RecordBatch batch) => System.Array.ConvertAll(_columns, column => ArrowValues.Reader(batch, column));

    private void Widen(Key key)
    {
        for (var i = 0; i < _columns.Length; i++)
        {
            _least[i] = _least[i] is null || IsBelow(key.Values[i], _least[i]) ? key.Values[i] : _least[i];
            _greatest[i] = _greatest[i] is null || IsBelow(_greatest[i], key.Values[i]) ? key.Values[i] : _greatest[i];
        }
    }

    private readonly struct Key(object?[] values) : IEquatable<Key>
    {
        public object?[] Values { get; } = values;

        public bool Equals(Key other) => Values.AsSpan().SequenceEqual(other.Values);

        public override bool Equals(object? obj) => obj is Key other && Equals(other);

        public override int GetHashCode()
        {
            var hash = default(HashCode);
            foreach (var value in Values)
            {
                hash.Add(value);
            }

            return hash.ToHashCode();
        }

        public override string ToString() => string.Join(", ", Values);
    }
}
