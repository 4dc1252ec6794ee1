using System.Buffers.Binary;
using System.Text;
using Apache.Arrow;

namespace DataPlatform.Lakehouse.Scans;

/// <summary>
/// Puts a variant that was shredded into a typed column back into its binary form (Parquet's "Variant Shredding" and "Variant Encoding"):
/// where the typed column has a value, that value is encoded. Shredded objects and lists are refused.
/// </summary>
internal static class ShreddedVariant
{
    /// <exception cref="DeltaException">The typed column is of a type that this engine does not encode.</exception>
    public static ArrayData Value(ArrayData? binary, ArrayData typed, string column)
    {
        var length = typed.Offset + typed.Length;
        var values = binary is null ? null : (BinaryArray)ArrowArrayFactory.BuildArray(binary);
        var source = ArrowArrayFactory.BuildArray(typed);
        var builder = new BinaryArray.Builder();
        for (var row = 0; row < length; row++)
        {
            if (!source.IsNull(row))
            {
                builder.Append(Encode(source, row, column).AsSpan());
            }
            else if (values is not null && !values.IsNull(row))
            {
                builder.Append(values.GetBytes(row));
            }
            else
            {
                builder.AppendNull();
            }
        }

        return builder.Build().Data;
    }

    private static byte[] Encode(IArrowArray array, int row, string column) => array switch
    {
        BooleanArray flags => [Header(flags.GetValue(row)!.Value ? 1 : 2)],
        Int8Array numbers => [Header(3), unchecked((byte)numbers.GetValue(row)!.Value)],
        Int16Array numbers => Fixed(4, 2, b => BinaryPrimitives.WriteInt16LittleEndian(b, numbers.GetValue(row)!.Value)),
        Int32Array numbers => Fixed(5, 4, b => BinaryPrimitives.WriteInt32LittleEndian(b, numbers.GetValue(row)!.Value)),
        Int64Array numbers => Fixed(6, 8, b => BinaryPrimitives.WriteInt64LittleEndian(b, numbers.GetValue(row)!.Value)),
        DoubleArray numbers => Fixed(7, 8, b => BinaryPrimitives.WriteDoubleLittleEndian(b, numbers.GetValue(row)!.Value)),
        Date32Array dates => Fixed(11, 4, b => BinaryPrimitives.WriteInt32LittleEndian(b, dates.GetValue(row)!.Value)),
        FloatArray numbers => Fixed(14, 4, b => BinaryPrimitives.WriteSingleLittleEndian(b, numbers.GetValue(row)!.Value)),
        StringArray texts => Text(texts.GetString(row)),
        _ => throw DeltaException.Invalid($"The column '{column}' is a variant shredded as {array.Data.DataType.Name}, which this engine cannot read."),
    };

    /// <summary>A primitive's first byte: the type's number above two zero bits.</summary>
    private static byte Header(int type) => (byte)(type << 2);

    private static byte[] Fixed(int type, int width, Action<Span<byte>> write)
    {
        var bytes = new byte[1 + width];
        bytes[0] = Header(type);
        write(bytes.AsSpan(1));
        return bytes;
    }

    /// <summary>Up to 63 bytes a text is its length and itself, else it has a length of four bytes.</summary>
    private static byte[] Text(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        if (utf8.Length < 64)
        {
            return [(byte)((utf8.Length << 2) | 1), .. utf8];
        }

        return [.. Fixed(16, 4, b => BinaryPrimitives.WriteInt32LittleEndian(b, utf8.Length)), .. utf8];
    }
}
