using System.Globalization;
using Apache.Arrow;
using DataPlatform.Lakehouse.DataFiles;
using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse.Expressions;

/// <summary>Builds a column from computed values.</summary>
internal static class ValueColumn
{
    /// <exception cref="DeltaException">A value does not fit the column.</exception>
    public static IArrowArray Of(StructField field, object?[] values)
    {
        try
        {
            return Build(field.Type, values);
        }
        catch (Exception e) when (e is OverflowException or InvalidCastException or FormatException)
        {
            throw new DeltaException(Kernel.ErrorKind.Invalid, $"A computed value does not fit the column '{field.Name}' of type {field.Type}: {e.Message}", e);
        }
    }

    private static IArrowArray Build(DeltaType type, object?[] values) => type switch
    {
        PrimitiveType { Kind: PrimitiveKind.String } => Fill(new StringArray.Builder(), values, (b, v) => b.Append((string)v), b => b.AppendNull()).Build(),
        PrimitiveType { Kind: PrimitiveKind.Long } => Fill(new Int64Array.Builder(), values, (b, v) => b.Append((long)v), b => b.AppendNull()).Build(),
        PrimitiveType { Kind: PrimitiveKind.Integer } => Fill(
            new Int32Array.Builder(), values, (b, v) => b.Append(checked((int)(long)v)), b => b.AppendNull()).Build(),
        PrimitiveType { Kind: PrimitiveKind.Short } => Fill(
            new Int16Array.Builder(), values, (b, v) => b.Append(checked((short)(long)v)), b => b.AppendNull()).Build(),
        PrimitiveType { Kind: PrimitiveKind.Byte } => Fill(
            new Int8Array.Builder(), values, (b, v) => b.Append(checked((sbyte)(long)v)), b => b.AppendNull()).Build(),
        PrimitiveType { Kind: PrimitiveKind.Double } => Fill(
            new DoubleArray.Builder(), values, (b, v) => b.Append(Values.ToDouble(v)), b => b.AppendNull()).Build(),
        PrimitiveType { Kind: PrimitiveKind.Float } => Fill(
            new FloatArray.Builder(), values, (b, v) => b.Append((float)Values.ToDouble(v)), b => b.AppendNull()).Build(),
        PrimitiveType { Kind: PrimitiveKind.Boolean } => Fill(new BooleanArray.Builder(), values, (b, v) => b.Append((bool)v), b => b.AppendNull()).Build(),
        PrimitiveType { Kind: PrimitiveKind.Binary } => Fill(
            new BinaryArray.Builder(), values, (b, v) => b.Append(((byte[])v).AsSpan()), b => b.AppendNull()).Build(),
        PrimitiveType { Kind: PrimitiveKind.Date } => Fill(new Date32Array.Builder(), values, (b, v) => b.Append((DateOnly)v), b => b.AppendNull()).Build(),
        PrimitiveType { Kind: PrimitiveKind.Timestamp or PrimitiveKind.TimestampNtz } => Retype(
            type, Fill(new Int64Array.Builder(), values, (b, v) => b.Append(((Instant)v).Micros), b => b.AppendNull()).Build()),
        DecimalType number => Decimals(number, values),
        _ => BatchShape.Nulls(ArrowSchemas.ToArrow(type), values.Length),
    };

    private static T Fill<T>(T builder, object?[] values, Action<T, object> append, Action<T> appendNull)
    {
        foreach (var value in values)
        {
            if (value is null)
            {
                appendNull(builder);
            }
            else
            {
                append(builder, value);
            }
        }

        return builder;
    }

    private static IArrowArray Retype(DeltaType type, Int64Array numbers) => ArrowArrayFactory.BuildArray(
        new ArrayData(ArrowSchemas.ToArrow(type), numbers.Length, numbers.NullCount, 0, numbers.Data.Buffers));

    private static Decimal128Array Decimals(DecimalType type, object?[] values)
        => Fill(
            new Decimal128Array.Builder((Apache.Arrow.Types.Decimal128Type)ArrowSchemas.ToArrow(type)), values,
            (b, v) => b.Append(decimal.Round(Convert.ToDecimal(v, CultureInfo.InvariantCulture), type.Scale)), b => b.AppendNull()).Build();
}
