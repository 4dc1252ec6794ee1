using System.Runtime.InteropServices;
using Apache.Arrow;
using DataPlatform.Lakehouse.Expressions;
using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse.Scans.Skipping;

/// <summary>
/// The values of a column as bounds that are exact: a row is to a condition what a file of one value is. So rows are filtered by the same passes
/// over arrays that leave out files.
/// </summary>
internal static class RowValues
{
    /// <summary>The rows of a column; null for a type whose values cannot be kept as numbers or texts.</summary>
    public static ColumnBounds? Of(IArrowArray array) => array switch
    {
        Int64Array a => Longs(a, BoundsBuilder.Keep(DeltaType.Long), a.Values),
        Int32Array a => Longs(a, BoundsBuilder.Keep(DeltaType.Integer), a.Values),
        Int16Array a => Longs(a, BoundsBuilder.Keep(DeltaType.Short), a.Values),
        Int8Array a => Longs(a, BoundsBuilder.Keep(DeltaType.Byte), a.Values),
        Date32Array a => Longs(a, BoundsBuilder.Keep(DeltaType.Date), a.Values),
        TimestampArray { Data.DataType: Apache.Arrow.Types.TimestampType { Unit: Apache.Arrow.Types.TimeUnit.Microsecond } } a
            => Longs(a, BoundsBuilder.Keep(DeltaType.Timestamp), a.Values),
        DoubleArray a => Doubles(a, a.Values),
        FloatArray a => Doubles(a, a.Values),
        StringArray a => Noted(new TextRows(a), a),
        _ => null,
    };

    private static NumberBounds<long> Longs<T>(IArrowArray array, (Func<long, object?> Box, Func<object, long?> Keep) form, ReadOnlySpan<T> values)
        where T : unmanaged, System.Numerics.INumber<T>
    {
        var kept = new long[array.Length];
        if (typeof(T) == typeof(long))
        {
            MemoryMarshal.Cast<T, long>(values).CopyTo(kept);
        }
        else
        {
            for (var i = 0; i < kept.Length; i++)
            {
                kept[i] = long.CreateTruncating(values[i]);
            }
        }

        return Noted(new NumberBounds<long>(kept, kept, form.Box, form.Keep), array);
    }

    /// <summary>Numbers whose order is that of the doubles: NaN above all, and the two zeros one.</summary>
    private static NumberBounds<long> Doubles<T>(IArrowArray array, ReadOnlySpan<T> values)
        where T : unmanaged, System.Numerics.INumber<T>
    {
        var kept = new long[array.Length];
        for (var i = 0; i < kept.Length; i++)
        {
            kept[i] = Rank(double.CreateTruncating(values[i]));
        }

        return Noted(
            new NumberBounds<long>(kept, kept, v => Unrank(v), v => v is double or long or decimal ? Rank(Values.ToDouble(v)) : null), array);
    }

    private static long Rank(double value)
    {
        if (double.IsNaN(value))
        {
            return long.MaxValue;
        }

        var bits = BitConverter.DoubleToInt64Bits(value == 0 ? 0.0 : value);
        return bits >= 0 ? bits : unchecked(long.MinValue - bits);
    }

    private static double Unrank(long rank) => rank == long.MaxValue ? double.NaN
        : BitConverter.Int64BitsToDouble(rank >= 0 ? rank : unchecked(long.MinValue - rank));

    private static T Noted<T>(T bounds, IArrowArray array)
        where T : ColumnBounds
    {
        const BoundFacts Value = BoundFacts.HasMinimum | BoundFacts.HasMaximum | BoundFacts.MayHaveValue;
        var facts = bounds.Facts;
        System.Array.Fill(facts, Value);
        if (array.NullCount != 0)
        {
            for (var i = 0; i < facts.Length; i++)
            {
                facts[i] = array.IsNull(i) ? BoundFacts.MayBeNull : Value;
            }
        }

        return bounds;
    }

    /// <summary>Texts left in their Arrow column.</summary>
    private sealed class TextRows(StringArray texts) : ColumnBounds(texts.Length)
    {
        public override bool TryCompare(ComparisonRules rules, object value, Span<Truths> truths)
        {
            if (value is not string text)
            {
                return false;
            }

            var key = System.Text.Encoding.UTF8.GetBytes(text).AsSpan();
            for (var i = 0; i < truths.Length; i++)
            {
                var order = Facts[i] == BoundFacts.MayBeNull ? 0 : texts.GetBytes(i).SequenceCompareTo(key);
                truths[i] = rules.Of(Facts[i], order, order);
            }

            return true;
        }

        public override bool IsOneValue(int row) => true;

        protected override object? Minimum(int row) => texts.GetString(row);

        protected override object? Maximum(int row) => texts.GetString(row);
    }
}
