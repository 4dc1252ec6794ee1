using System.Buffers.Binary;
using System.Text;

namespace DataPlatform.Lakehouse.Scans.Variants;

/// <summary>Values in the binary form of a variant (Parquet's "Variant Encoding"): a first byte that tells the type, then the value.</summary>
internal static class VariantBytes
{
    private const int ShortTextMax = 63;
    private const int ObjectKind = 2;
    private const int ArrayKind = 3;

    /// <summary>The null of a variant, which is a value and not SQL's NULL.</summary>
    public static byte[] Null { get; } = [0];

    /// <summary>A primitive: the type's number above two zero bits.</summary>
    public static byte Header(int type) => (byte)(type << 2);

    public static byte[] Fixed(int type, int width, Action<Span<byte>> write)
    {
        var bytes = new byte[1 + width];
        bytes[0] = Header(type);
        write(bytes.AsSpan(1));
        return bytes;
    }

    /// <summary>Up to 63 bytes a text is its length and itself, else it has a length of four bytes.</summary>
    public static byte[] Text(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        return utf8.Length <= ShortTextMax ? [(byte)((utf8.Length << 2) | 1), .. utf8] : Sized(16, utf8);
    }

    public static byte[] Binary(ReadOnlySpan<byte> bytes) => Sized(15, bytes);

    /// <summary>A list of values.</summary>
    public static byte[] Array(IReadOnlyList<byte[]> items)
    {
        var isLarge = items.Count > byte.MaxValue;
        var width = Width(items.Sum(i => i.Length));
        using var buffer = new MemoryStream();
        buffer.WriteByte((byte)((isLarge ? 1 << 4 : 0) | ((width - 1) << 2) | ArrayKind));
        Number(buffer, items.Count, isLarge ? 4 : 1);
        Offsets(buffer, items, width);
        return buffer.ToArray();
    }

    /// <summary>An object; its fields are put in the order of their names' bytes.</summary>
    public static byte[] Object(IEnumerable<(string Name, int Id, byte[] Value)> fields)
    {
        var sorted = fields.OrderBy(f => f.Name, Utf8Order.Instance).ToArray();
        var isLarge = sorted.Length > byte.MaxValue;
        var width = Width(sorted.Sum(f => f.Value.Length));
        var idWidth = Width(sorted.Length == 0 ? 0 : sorted.Max(f => f.Id));
        using var buffer = new MemoryStream();
        buffer.WriteByte((byte)((isLarge ? 1 << 6 : 0) | ((idWidth - 1) << 4) | ((width - 1) << 2) | ObjectKind));
        Number(buffer, sorted.Length, isLarge ? 4 : 1);
        foreach (var field in sorted)
        {
            Number(buffer, field.Id, idWidth);
        }

        Offsets(buffer, [.. sorted.Select(f => f.Value)], width);
        return buffer.ToArray();
    }

    /// <summary>The fields of an object by id, each with the bytes of its value.</summary>
    /// <exception cref="InvalidDataException">The bytes are not an object.</exception>
    public static IEnumerable<(int Id, byte[] Value)> Fields(byte[] value)
    {
        if (value.Length < 2 || (value[0] & 3) != ObjectKind)
        {
            throw new InvalidDataException("the part of a variant that was left beside its typed fields is not an object");
        }

        var (width, idWidth, countWidth) = (((value[0] >> 2) & 3) + 1, ((value[0] >> 4) & 3) + 1, (value[0] >> 6 & 1) == 1 ? 4 : 1);
        var count = Number(value, 1, countWidth);
        var ids = 1 + countWidth;
        var offsets = ids + (count * idWidth);
        var data = offsets + ((count + 1) * width);
        for (var i = 0; i < count; i++)
        {
            var start = data + Number(value, offsets + (i * width), width);
            yield return (Number(value, ids + (i * idWidth), idWidth), value[start..(start + Length(value, start))]);
        }
    }

    private static int Width(long largest) => largest switch { <= 0xFF => 1, <= 0xFFFF => 2, <= 0xFFFFFF => 3, _ => 4 };

    private static byte[] Sized(int type, ReadOnlySpan<byte> bytes)
    {
        var length = bytes.Length;
        return [.. Fixed(type, 4, b => BinaryPrimitives.WriteInt32LittleEndian(b, length)), .. bytes];
    }

    private static void Offsets(MemoryStream buffer, IReadOnlyList<byte[]> values, int width)
    {
        var offset = 0;
        foreach (var value in values)
        {
            Number(buffer, offset, width);
            offset += value.Length;
        }

        Number(buffer, offset, width);
        foreach (var value in values)
        {
            buffer.Write(value);
        }
    }

    private static void Number(MemoryStream buffer, int number, int width)
    {
        for (var i = 0; i < width; i++)
        {
            buffer.WriteByte((byte)((number >> (8 * i)) & 0xFF));
        }
    }

    internal static int Number(ReadOnlySpan<byte> bytes, int at, int width)
    {
        var number = 0;
        for (var i = 0; i < width; i++)
        {
            number |= bytes[at + i] << (8 * i);
        }

        return number;
    }

    /// <summary>How many bytes a value takes; an object's values need not lie in the order of its fields.</summary>
    private static int Length(ReadOnlySpan<byte> value, int at)
    {
        var header = value[at];
        var (type, kind) = (header >> 2, header & 3);
        return kind switch
        {
            1 => 1 + type,
            ObjectKind => Nested(value, at, ((type >> 2) & 3) + 1, (type & 3) + 1, (type >> 4 & 1) == 1),
            ArrayKind => Nested(value, at, 0, (type & 3) + 1, (type >> 2 & 1) == 1),
            _ => 1 + type switch
            {
                0 or 1 or 2 => 0,
                3 => 1,
                4 => 2,
                5 or 11 or 14 => 4,
                6 or 7 or 12 or 13 or 17 or 18 or 19 => 8,
                8 => 5,
                9 => 9,
                10 => 17,
                15 or 16 => 4 + Number(value, at + 1, 4),
                20 => 16,
                _ => throw new InvalidDataException($"a variant holds a value of the type {type}, which is not known"),
            },
        };
    }

    private static int Nested(ReadOnlySpan<byte> value, int at, int idWidth, int width, bool isLarge)
    {
        var countWidth = isLarge ? 4 : 1;
        var count = Number(value, at + 1, countWidth);
        var last = 1 + countWidth + (count * idWidth) + (count * width);
        return last + width + Number(value, at + last, width);
    }

    private sealed class Utf8Order : IComparer<string>
    {
        public static Utf8Order Instance { get; } = new();

        public int Compare(string? x, string? y) => Encoding.UTF8.GetBytes(x!).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y!));
    }
}
