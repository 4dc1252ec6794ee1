namespace DataPlatform.Lakehouse.Scans.Skipping;

/// <summary>What is known of one file's column, as bits.</summary>
[Flags]
internal enum BoundFacts : byte
{
    None = 0,
    HasMinimum = 1,
    HasMaximum = 2,
    MayBeNull = 4,
    MayHaveValue = 8,
    Unknown = MayBeNull | MayHaveValue,
}

/// <summary>What is known of one column in each file of a chunk, in plain arrays: a condition over it is one pass over numbers.</summary>
internal abstract class ColumnBounds(int count)
{
    /// <summary>What is known of each file.</summary>
    public BoundFacts[] Facts { get; } = new BoundFacts[count];

    /// <summary>The memory it takes, for limits on what is kept.</summary>
    public virtual long SizeBytes => Facts.Length;

    /// <summary>The bounds of one file, as reasoning without arrays wants them.</summary>
    public Bounds Of(int row)
    {
        var facts = Facts[row];
        return new Bounds(
            facts.HasFlag(BoundFacts.HasMinimum) ? Minimum(row) : null, facts.HasFlag(BoundFacts.HasMaximum) ? Maximum(row) : null,
            facts.HasFlag(BoundFacts.MayBeNull), facts.HasFlag(BoundFacts.MayHaveValue));
    }

    /// <summary>Compares every file's bounds with a value.</summary>
    /// <param name="rules">The comparison.</param>
    /// <param name="value">The value.</param>
    /// <param name="truths">Which truth values the comparison can take, by file.</param>
    /// <returns>False where the column is not kept in a form that the value can be compared with.</returns>
    public virtual bool TryCompare(ComparisonRules rules, object value, Span<Truths> truths) => false;

    /// <summary>Whether a file's minimum and maximum, where both are known, are one value.</summary>
    public virtual bool IsOneValue(int row) => Equals(Minimum(row), Maximum(row));

    protected abstract object? Minimum(int row);

    protected abstract object? Maximum(int row);
}

/// <summary>A column whose values cannot be ordered here; only its nulls are known.</summary>
internal sealed class NullBounds(int count) : ColumnBounds(count)
{
    protected override object? Minimum(int row) => null;

    protected override object? Maximum(int row) => null;
}

/// <summary>Numbers, and what can be kept as one: days, microseconds.</summary>
/// <typeparam name="T">How a value is kept.</typeparam>
/// <param name="minima">The minimum of each file.</param>
/// <param name="maxima">The maximum of each file.</param>
/// <param name="box">A kept value as expressions know it.</param>
/// <param name="keep">A value of an expression as it is kept; null where it cannot be without loss.</param>
internal sealed class NumberBounds<T>(T[] minima, T[] maxima, Func<T, object?> box, Func<object, T?> keep) : ColumnBounds(minima.Length)
    where T : struct, IComparable<T>
{
    public NumberBounds(int count, Func<T, object?> box, Func<object, T?> keep)
        : this(new T[count], new T[count], box, keep)
    {
    }

    public T[] Minima { get; } = minima;

    public T[] Maxima { get; } = maxima;

    public override long SizeBytes => base.SizeBytes + (2L * Minima.Length * System.Runtime.CompilerServices.Unsafe.SizeOf<T>());

    public override bool TryCompare(ComparisonRules rules, object value, Span<Truths> truths)
    {
        if (keep(value) is not { } key)
        {
            return false;
        }

        for (var i = 0; i < truths.Length; i++)
        {
            truths[i] = rules.Of(Facts[i], Minima[i].CompareTo(key), Maxima[i].CompareTo(key));
        }

        return true;
    }

    public override bool IsOneValue(int row) => Minima[row].CompareTo(Maxima[row]) == 0;

    protected override object? Minimum(int row) => box(Minima[row]);

    protected override object? Maximum(int row) => box(Maxima[row]);
}

/// <summary>Texts as UTF-8 in one buffer, compared as bytes.</summary>
internal sealed class TextBounds(int count) : ColumnBounds(count)
{
    private readonly (int Start, int Length)[] _minima = new (int, int)[count];
    private readonly (int Start, int Length)[] _maxima = new (int, int)[count];
    private byte[] _bytes = new byte[Math.Max(64, count * 16)];
    private int _length;

    public override long SizeBytes => base.SizeBytes + _bytes.Length + (16L * _minima.Length);

    public void SetMinimum(int row, ReadOnlySpan<byte> text) => _minima[row] = Add(text);

    public void SetMaximum(int row, ReadOnlySpan<byte> text) => _maxima[row] = Add(text);

    public override bool TryCompare(ComparisonRules rules, object value, Span<Truths> truths)
    {
        if (value is not string text)
        {
            return false;
        }

        var key = System.Text.Encoding.UTF8.GetBytes(text).AsSpan();
        for (var i = 0; i < truths.Length; i++)
        {
            truths[i] = rules.Of(Facts[i], Bytes(_minima[i]).SequenceCompareTo(key), Bytes(_maxima[i]).SequenceCompareTo(key));
        }

        return true;
    }

    protected override object? Minimum(int row) => System.Text.Encoding.UTF8.GetString(Bytes(_minima[row]));

    protected override object? Maximum(int row) => System.Text.Encoding.UTF8.GetString(Bytes(_maxima[row]));

    private ReadOnlySpan<byte> Bytes((int Start, int Length) text) => _bytes.AsSpan(text.Start, text.Length);

    private (int Start, int Length) Add(ReadOnlySpan<byte> text)
    {
        if (_length + text.Length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_length + text.Length, checked(_bytes.Length * 2)));
        }

        text.CopyTo(_bytes.AsSpan(_length));
        _length += text.Length;
        return (_length - text.Length, text.Length);
    }
}

/// <summary>A partition column: each distinct value once, and a number per file.</summary>
internal sealed class PartitionBounds(int count, int[] codes, object?[] values) : ColumnBounds(count)
{
    /// <summary>Which of <see cref="Values"/> each file has.</summary>
    public int[] Codes { get; } = codes;

    /// <summary>The distinct values.</summary>
    public object?[] Values { get; } = values;

    public override long SizeBytes => base.SizeBytes + (4L * Codes.Length);

    /// <summary>Sets the facts of every file from its value.</summary>
    public PartitionBounds WithFacts()
    {
        for (var i = 0; i < Facts.Length; i++)
        {
            Facts[i] = Values[Codes[i]] is null ? BoundFacts.MayBeNull : BoundFacts.MayHaveValue | BoundFacts.HasMinimum | BoundFacts.HasMaximum;
        }

        return this;
    }

    protected override object? Minimum(int row) => Values[Codes[row]];

    protected override object? Maximum(int row) => Values[Codes[row]];
}
