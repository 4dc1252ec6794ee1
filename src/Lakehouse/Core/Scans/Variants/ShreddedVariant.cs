using System.Buffers.Binary;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace DataPlatform.Lakehouse.Scans.Variants;

/// <summary>
/// Puts a variant that was shredded into typed columns back into its binary form (Parquet's "Variant Shredding"): where a typed column has a
/// value, that value is encoded; objects take in the fields that were left beside their typed ones.
/// </summary>
internal sealed class ShreddedVariant
{
    private readonly BinaryArray? _values;
    private readonly IArrowArray? _typed;
    private readonly ShreddedVariant? _element;
    private readonly (string Name, ShreddedVariant Value)[] _fields = [];
    private readonly string _column;

    private ShreddedVariant(IArrowArray? values, IArrowArray? typed, string column)
    {
        _values = values is null ? null : Bytes(values, column);
        _typed = typed;
        _column = column;
        if (typed is StructArray structure)
        {
            var type = (StructType)structure.Data.DataType;
            _fields = [.. type.Fields.Select((f, i) => (f.Name, Of((StructArray)structure.Fields[i], $"{column}.{f.Name}")))];
        }
        else if (typed is ListArray list)
        {
            _element = Of((StructArray)list.Values, column + ".element");
        }
    }

    /// <summary>The binary values of a column.</summary>
    /// <param name="group">The struct of <c>metadata</c>, <c>value</c> and <c>typed_value</c>.</param>
    /// <param name="column">Its name, for errors.</param>
    /// <exception cref="DeltaException">A typed column is of a type that variants do not have, or the bytes are damaged.</exception>
    public static ArrayData Value(ArrayData group, string column)
    {
        var structure = new StructArray(new ArrayData(group.DataType, group.Offset + group.Length, group.NullCount, 0, group.Buffers, group.Children));
        var metadata = Bytes(Child(structure, "metadata")!, column);
        var variant = Of(structure, column);
        var builder = new BinaryArray.Builder();
        for (var row = 0; row < structure.Length; row++)
        {
            if (structure.IsNull(row) || metadata.IsNull(row))
            {
                builder.AppendNull();
                continue;
            }

            try
            {
                builder.Append((variant.Encode(row, new VariantNames(metadata.GetBytes(row))) ?? VariantBytes.Null).AsSpan());
            }
            catch (Exception e) when (e is InvalidDataException or ArgumentOutOfRangeException or IndexOutOfRangeException)
            {
                throw new DeltaException(Kernel.ErrorKind.Corrupt, $"A variant in the column '{column}' is damaged: {e.Message}", e);
            }
        }

        return builder.Build().Data;
    }

    private static ShreddedVariant Of(StructArray group, string column) => new(Child(group, "value"), Child(group, "typed_value"), column);

    private static IArrowArray? Child(StructArray group, string name)
        => ((StructType)group.Data.DataType).Fields.ToList().FindIndex(f => f.Name == name) is >= 0 and var i ? ArrowLarge.Plain(group.Fields[i]) : null;

    private static BinaryArray Bytes(IArrowArray array, string column) => array as BinaryArray
        ?? throw DeltaException.Invalid($"The column '{column}' is a variant whose value is a {array.Data.DataType.Name} and no binary.");

    /// <summary>The value of a row; null where there is none, as for a field that an object does not have.</summary>
    private byte[]? Encode(int row, VariantNames names)
    {
        var rest = _values is not null && !_values.IsNull(row) ? _values.GetBytes(row).ToArray() : null;
        if (_typed is null || _typed.IsNull(row))
        {
            return rest;
        }

        return _typed switch
        {
            StructArray => Object(row, rest, names),
            ListArray list => List(list, row, names),
            _ => Primitive(_typed, row),
        };
    }

    private byte[] Object(int row, byte[]? rest, VariantNames names)
    {
        List<(string Name, int Id, byte[] Value)> fields = [];
        foreach (var (name, value) in _fields)
        {
            if (value.Encode(row, names) is { } encoded)
            {
                fields.Add((name, names.IdOf(name), encoded));
            }
        }

        if (rest is not null)
        {
            fields.AddRange(VariantBytes.Fields(rest).Select(f => (names.NameOf(f.Id), f.Id, f.Value)));
        }

        return VariantBytes.Object(fields);
    }

    private byte[] List(ListArray list, int row, VariantNames names)
        => VariantBytes.Array([.. Enumerable.Range(list.ValueOffsets[row], list.ValueOffsets[row + 1] - list.ValueOffsets[row])
            .Select(i => _element!.Encode(i, names) ?? VariantBytes.Null)]);

    private byte[] Primitive(IArrowArray array, int row) => array switch
    {
        BooleanArray flags => [VariantBytes.Header(flags.GetValue(row)!.Value ? 1 : 2)],
        Int8Array numbers => [VariantBytes.Header(3), unchecked((byte)numbers.GetValue(row)!.Value)],
        Int16Array numbers => VariantBytes.Fixed(4, 2, b => BinaryPrimitives.WriteInt16LittleEndian(b, numbers.GetValue(row)!.Value)),
        Int32Array numbers => VariantBytes.Fixed(5, 4, b => BinaryPrimitives.WriteInt32LittleEndian(b, numbers.GetValue(row)!.Value)),
        Int64Array numbers => VariantBytes.Fixed(6, 8, b => BinaryPrimitives.WriteInt64LittleEndian(b, numbers.GetValue(row)!.Value)),
        DoubleArray numbers => VariantBytes.Fixed(7, 8, b => BinaryPrimitives.WriteDoubleLittleEndian(b, numbers.GetValue(row)!.Value)),
        Decimal128Array numbers => Decimal(numbers, row),
        Date32Array dates => VariantBytes.Fixed(11, 4, b => BinaryPrimitives.WriteInt32LittleEndian(b, dates.GetValue(row)!.Value)),
        TimestampArray times => Time(times, row),
        FloatArray numbers => VariantBytes.Fixed(14, 4, b => BinaryPrimitives.WriteSingleLittleEndian(b, numbers.GetValue(row)!.Value)),
        StringArray texts => VariantBytes.Text(texts.GetString(row)),
        BinaryArray bytes => VariantBytes.Binary(bytes.GetBytes(row)),
        Time64Array times => VariantBytes.Fixed(17, 8, b => BinaryPrimitives.WriteInt64LittleEndian(b, times.GetValue(row)!.Value)),
        _ => throw DeltaException.Invalid($"The column '{_column}' is a variant shredded as {array.Data.DataType.Name}, which this engine cannot read."),
    };

    private static byte[] Decimal(Decimal128Array numbers, int row)
    {
        var type = (Decimal128Type)numbers.Data.DataType;
        var bytes = numbers.ValueBuffer.Span.Slice((numbers.Offset + row) * 16, 16).ToArray();
        var (kind, width) = type.Precision switch { <= 9 => (8, 4), <= 18 => (9, 8), _ => (10, 16) };
        return VariantBytes.Fixed(kind, 1 + width, b =>
        {
            b[0] = (byte)type.Scale;
            bytes.AsSpan(0, width).CopyTo(b[1..]);
        });
    }

    private static byte[] Time(TimestampArray times, int row)
    {
        var type = (TimestampType)times.Data.DataType;
        var hasZone = !string.IsNullOrEmpty(type.Timezone);
        var kind = (type.Unit, hasZone) switch
        {
            (TimeUnit.Nanosecond, true) => 18,
            (TimeUnit.Nanosecond, false) => 19,
            (_, true) => 12,
            _ => 13,
        };
        var value = times.GetValue(row)!.Value * type.Unit switch { TimeUnit.Second => 1_000_000, TimeUnit.Millisecond => 1_000, _ => 1 };
        return VariantBytes.Fixed(kind, 8, b => BinaryPrimitives.WriteInt64LittleEndian(b, value));
    }
}
