using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;
using DataPlatform.Lakehouse.DataFiles;
using DataPlatform.Lakehouse.Scans.Variants;
using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse.Scans;

/// <summary>Brings a column of a data file to its type in the table: widened types, other time units, renamed and missing nested fields.</summary>
/// <remarks>Positions stay: a result covers the same offset and length as its source, so that parents need not move.</remarks>
internal sealed class ArrowCast(ColumnMappingMode mode)
{
    private const string FieldIdKey = "PARQUET:field_id";
    private const long MicrosPerDay = 86_400_000_000;

    /// <summary>The field of a file that holds a column: by id, by physical name, or by name.</summary>
    public int Find(IReadOnlyList<Field> fields, StructField wanted)
    {
        if (mode == ColumnMappingMode.Id && ColumnMapping.IdOf(wanted) is { } id && fields.Any(f => IdOf(f) is not null))
        {
            return IndexOf(fields, f => IdOf(f) == id);
        }

        var name = mode == ColumnMappingMode.None ? wanted.Name : ColumnMapping.PhysicalName(wanted);
        return IndexOf(fields, f => f.Name == name) is >= 0 and var exact ? exact
            : IndexOf(fields, f => string.Equals(f.Name, name, StringComparison.OrdinalIgnoreCase));
    }

    /// <exception cref="DeltaException">The file's type cannot become the table's type.</exception>
    public IArrowArray To(IArrowArray array, DeltaType type, string column) => ArrowArrayFactory.BuildArray(Cast(array.Data, type, column));

    private static string? IdOf(Field field) => field.HasMetadata && field.Metadata.TryGetValue(FieldIdKey, out var id) ? id : null;

    private static int IndexOf(IReadOnlyList<Field> fields, Func<Field, bool> matches)
    {
        for (var i = 0; i < fields.Count; i++)
        {
            if (matches(fields[i]))
            {
                return i;
            }
        }

        return -1;
    }

    private ArrayData Cast(ArrayData data, DeltaType type, string column)
    {
        var target = ArrowSchemas.ToArrow(type);
        return (type, data.DataType) switch
        {
            (Schemas.StructType wanted, Apache.Arrow.Types.StructType has) => Struct(data, wanted, has, target, column),
            (ArrayType wanted, ListType) => With(data, target, [Cast(data.Children[0], wanted.Element, column + ".element")]),
            (Schemas.MapType wanted, Apache.Arrow.Types.MapType) => Map(data, wanted, (Apache.Arrow.Types.MapType)target, column),
            (PrimitiveType { Kind: PrimitiveKind.Variant }, Apache.Arrow.Types.StructType has) => Variant(data, has, target, column),
            (PrimitiveType { Kind: PrimitiveKind.Void }, _) => BatchShape.Nulls(target, data.Offset + data.Length).Data,
            (_, LargeStringType or LargeBinaryType) => Cast(ArrowLarge.Narrow(data), type, column),
            (_, StringViewType) => Cast(ArrowLarge.OfViews(new StringViewArray(data)).Data, type, column),
            (_, BinaryViewType) => Cast(ArrowLarge.OfViews(new BinaryViewArray(data)).Data, type, column),
            (_, DictionaryType) => Cast(ArrowLarge.Decoded(data), type, column),
            (_, LargeListType list) => Cast(ArrowLarge.Narrow(data, list), type, column),
            (PrimitiveType { Kind: PrimitiveKind.String }, StringType or BinaryType) => With(data, target, null),
            (PrimitiveType { Kind: PrimitiveKind.Binary }, BinaryType or StringType) => With(data, target, null),
            (PrimitiveType { Kind: PrimitiveKind.Boolean }, BooleanType) => data,
            (DecimalType wanted, _) => Decimal(data, wanted, target, column),
            (PrimitiveType { Kind: PrimitiveKind.Timestamp or PrimitiveKind.TimestampNtz }, _) => Time(data, target, column),
            (PrimitiveType primitive, _) => Number(data, primitive.Kind, target, column),
            _ => throw Impossible(data, type, column),
        };
    }

    private static ArrayData With(ArrayData data, IArrowType type, ArrayData[]? children)
        => new(type, data.Length, data.NullCount, data.Offset, data.Buffers, children ?? data.Children);

    private ArrayData Struct(ArrayData data, Schemas.StructType wanted, Apache.Arrow.Types.StructType has, IArrowType target, string column)
    {
        var children = new ArrayData[wanted.Fields.Count];
        for (var i = 0; i < children.Length; i++)
        {
            var field = wanted.Fields[i];
            var index = Find(has.Fields, field);
            children[i] = index >= 0
                ? Cast(data.Children[index], field.Type, $"{column}.{field.Name}")
                : BatchShape.Nulls(ArrowSchemas.ToArrow(field.Type), data.Offset + data.Length).Data;
        }

        return With(data, target, children);
    }

    private ArrayData Map(ArrayData data, Schemas.MapType wanted, Apache.Arrow.Types.MapType target, string column)
    {
        var entries = data.Children[0];
        var cast = With(
            entries, new Apache.Arrow.Types.StructType([target.KeyField, target.ValueField]),
            [Cast(entries.Children[0], wanted.Key, column + ".key"), Cast(entries.Children[1], wanted.Value, column + ".value")]);
        return With(data, target, [cast]);
    }

    private static ArrayData Variant(ArrayData data, Apache.Arrow.Types.StructType has, IArrowType target, string column)
    {
        var metadata = IndexOf(has.Fields, f => f.Name == "metadata");
        var value = IndexOf(has.Fields, f => f.Name == "value");
        var typed = IndexOf(has.Fields, f => f.Name == "typed_value");
        if (metadata < 0 || (value < 0 && typed < 0))
        {
            throw new DeltaException(Kernel.ErrorKind.Corrupt, $"The column '{column}' is a variant, and a data file has no metadata or value for it.");
        }

        var bytes = typed < 0 ? data.Children[value] : ShreddedVariant.Value(data, column);
        return With(data, target, [bytes, data.Children[metadata]]);
    }

    private static ArrayData Number(ArrayData data, PrimitiveKind kind, IArrowType target, string column) => (kind, data.DataType) switch
    {
        (PrimitiveKind.Long, Int64Type) or (PrimitiveKind.Integer, Int32Type) or (PrimitiveKind.Short, Int16Type) or (PrimitiveKind.Byte, Int8Type)
            or (PrimitiveKind.Double, DoubleType) or (PrimitiveKind.Float, FloatType) or (PrimitiveKind.Date, Date32Type) => data,
        (PrimitiveKind.Long, Int32Type) => Map<int, long>(data, target, v => v),
        (PrimitiveKind.Long, Int16Type) => Map<short, long>(data, target, v => v),
        (PrimitiveKind.Long, Int8Type) => Map<sbyte, long>(data, target, v => v),
        (PrimitiveKind.Integer, Int16Type) => Map<short, int>(data, target, v => v),
        (PrimitiveKind.Integer, Int8Type) => Map<sbyte, int>(data, target, v => v),
        (PrimitiveKind.Short, Int8Type) => Map<sbyte, short>(data, target, v => v),
        (PrimitiveKind.Short, Int32Type) => Map<int, short>(data, target, v => (short)v),
        (PrimitiveKind.Byte, Int32Type) => Map<int, sbyte>(data, target, v => (sbyte)v),
        (PrimitiveKind.Double, FloatType) => Map<float, double>(data, target, v => v),
        (PrimitiveKind.Double, Int32Type) => Map<int, double>(data, target, v => v),
        (PrimitiveKind.Double, Int16Type) => Map<short, double>(data, target, v => v),
        (PrimitiveKind.Double, Int8Type) => Map<sbyte, double>(data, target, v => v),
        (PrimitiveKind.Date, Int32Type) => With(data, target, null),
        _ => throw new DeltaException(
            Kernel.ErrorKind.Corrupt, $"The column '{column}' is {kind} in the table, and {data.DataType.Name} in a data file, which cannot become it."),
    };

    private static ArrayData Time(ArrayData data, IArrowType target, string column) => data.DataType switch
    {
        TimestampType { Unit: TimeUnit.Microsecond } => With(data, target, null),
        TimestampType { Unit: TimeUnit.Millisecond } => Map<long, long>(data, target, v => v * 1000),
        TimestampType { Unit: TimeUnit.Nanosecond } => Map<long, long>(data, target, v => FloorDivide(v, 1000)),
        TimestampType { Unit: TimeUnit.Second } => Map<long, long>(data, target, v => v * 1_000_000),
        Date32Type => Map<int, long>(data, target, v => v * MicrosPerDay),
        Int64Type => With(data, target, null),
        _ => throw new DeltaException(
            Kernel.ErrorKind.Corrupt, $"The column '{column}' is a timestamp in the table, and {data.DataType.Name} in a data file."),
    };

    private static ArrayData Decimal(ArrayData data, DecimalType wanted, IArrowType target, string column) => data.DataType switch
    {
        Decimal128Type has when has.Scale <= wanted.Scale => has.Scale == wanted.Scale ? With(data, target, null) : Scale(data, wanted.Scale - has.Scale, target),
        Int32Type => Map<int, Int128>(data, target, v => v * Power(wanted.Scale)),
        Int64Type => Map<long, Int128>(data, target, v => v * Power(wanted.Scale)),
        Int16Type => Map<short, Int128>(data, target, v => v * Power(wanted.Scale)),
        Int8Type => Map<sbyte, Int128>(data, target, v => v * Power(wanted.Scale)),
        _ => throw Impossible(data, wanted, column),
    };

    private static ArrayData Scale(ArrayData data, int digits, IArrowType target)
    {
        var factor = Power(digits);
        return Map<Int128, Int128>(data, target, v => v * factor);
    }

    private static Int128 Power(int digits)
    {
        Int128 power = 1;
        for (var i = 0; i < digits; i++)
        {
            power *= 10;
        }

        return power;
    }

    private static long FloorDivide(long value, long by) => (value / by) - (value % by < 0 ? 1 : 0);

    private static ArrayData Map<TFrom, TTo>(ArrayData data, IArrowType target, Func<TFrom, TTo> convert)
        where TFrom : unmanaged
        where TTo : unmanaged
    {
        var source = MemoryMarshal.Cast<byte, TFrom>(data.Buffers[1].Span);
        var count = Math.Min(source.Length, data.Offset + data.Length);
        var bytes = new byte[(data.Offset + data.Length) * System.Runtime.CompilerServices.Unsafe.SizeOf<TTo>()];
        var values = MemoryMarshal.Cast<byte, TTo>(bytes.AsSpan());
        var validity = data.Buffers[0];
        for (var i = 0; i < count; i++)
        {
            // What lies under a null is undefined and must not be converted: it could overflow.
            if (validity.IsEmpty || BitUtility.GetBit(validity.Span, i))
            {
                values[i] = convert(source[i]);
            }
        }

        return new ArrayData(target, data.Length, data.NullCount, data.Offset, [validity, new ArrowBuffer(bytes)]);
    }

    private static DeltaException Impossible(ArrayData data, DeltaType type, string column) => new(
        Kernel.ErrorKind.Corrupt, $"The column '{column}' is {type} in the table, and {data.DataType.Name} in a data file, which cannot become it.");
}
