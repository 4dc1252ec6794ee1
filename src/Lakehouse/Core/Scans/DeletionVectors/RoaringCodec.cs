using System.Buffers.Binary;
using System.Numerics;

namespace DataPlatform.Lakehouse.Scans.DeletionVectors;

/// <summary>
/// The 64-bit portable Roaring format behind the protocol's magic number, little-endian:
///   0  u32  magic 1681511377
///   4  u64  number of buckets
///      per bucket: u32 the upper half of its values, then a 32-bit Roaring bitmap
/// (RoaringFormatSpec; protocol section "Deletion Vector Format").
/// </summary>
internal static class RoaringCodec
{
    public const uint Magic = 1681511377;
    private const uint CookieWithoutRuns = 12346;
    private const uint CookieWithRuns = 12347;
    private const int OffsetsFrom = 4;
    private const int ArrayMax = 4096;
    private const int BitmapBytes = 8192;

    /// <exception cref="InvalidDataException">The bytes are not of the format.</exception>
    public static RowSet Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new Reader(bytes);
        var magic = reader.UInt32();
        if (magic != Magic)
        {
            throw new InvalidDataException($"its magic number is {magic}; {Magic} was expected");
        }

        List<long> rows = [];
        var buckets = reader.UInt64();
        for (ulong bucket = 0; bucket < buckets; bucket++)
        {
            var high = (long)reader.UInt32() << 32;
            DecodeBitmap(ref reader, high, rows);
        }

        var sorted = rows.ToArray();
        for (var i = 1; i < sorted.Length; i++)
        {
            if (sorted[i] <= sorted[i - 1])
            {
                throw new InvalidDataException("its rows are not in order");
            }
        }

        return RowSet.OfSorted(sorted);
    }

    public static byte[] Encode(RowSet rows)
    {
        using var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer);
        writer.Write(Magic);
        var buckets = Group(rows.Rows.ToArray(), 32);
        writer.Write((ulong)buckets.Count);
        foreach (var (key, values) in buckets)
        {
            writer.Write((uint)key);
            EncodeBitmap(writer, values);
        }

        return buffer.ToArray();
    }

    private static void DecodeBitmap(ref Reader reader, long high, List<long> rows)
    {
        var cookie = reader.UInt32();
        var hasRuns = (cookie & 0xffff) == CookieWithRuns;
        if (!hasRuns && cookie != CookieWithoutRuns)
        {
            throw new InvalidDataException($"a bitmap in it begins with {cookie}, which is no Roaring cookie");
        }

        var count = hasRuns ? (int)(cookie >> 16) + 1 : checked((int)reader.UInt32());
        if (count > 1 << 16)
        {
            throw new InvalidDataException($"a bitmap in it claims {count} containers");
        }

        var runs = hasRuns ? reader.Bytes((count + 7) / 8) : default;
        var headers = reader.Bytes(count * 4);
        if (!hasRuns || count >= OffsetsFrom)
        {
            reader.Bytes(count * 4);
        }

        for (var i = 0; i < count; i++)
        {
            var first = high | ((long)BinaryPrimitives.ReadUInt16LittleEndian(headers[(i * 4)..]) << 16);
            var cardinality = BinaryPrimitives.ReadUInt16LittleEndian(headers[((i * 4) + 2)..]) + 1;
            if (hasRuns && (runs[i / 8] & (1 << (i % 8))) != 0)
            {
                DecodeRuns(ref reader, first, rows);
            }
            else if (cardinality <= ArrayMax)
            {
                var values = reader.Bytes(cardinality * 2);
                for (var k = 0; k < cardinality; k++)
                {
                    rows.Add(first + BinaryPrimitives.ReadUInt16LittleEndian(values[(k * 2)..]));
                }
            }
            else
            {
                DecodeBits(reader.Bytes(BitmapBytes), first, rows);
            }
        }
    }

    private static void DecodeRuns(ref Reader reader, long first, List<long> rows)
    {
        var count = reader.UInt16();
        for (var run = 0; run < count; run++)
        {
            var start = reader.UInt16();
            var length = reader.UInt16();
            for (var k = 0; k <= length; k++)
            {
                rows.Add(first + start + k);
            }
        }
    }

    private static void DecodeBits(ReadOnlySpan<byte> bits, long first, List<long> rows)
    {
        for (var word = 0; word < BitmapBytes / 8; word++)
        {
            for (var value = BinaryPrimitives.ReadUInt64LittleEndian(bits[(word * 8)..]); value != 0; value &= value - 1)
            {
                rows.Add(first + (word * 64) + BitOperations.TrailingZeroCount(value));
            }
        }
    }

    /// <summary>Writes runs where they are the shortest form, else arrays and bitmaps.</summary>
    private static void EncodeBitmap(BinaryWriter writer, List<long> values)
    {
        var containers = Group([.. values], 16);
        var bodies = containers.Select(c => EncodeContainer(c.Values)).ToArray();
        var hasRuns = bodies.Any(b => b.IsRuns);
        var header = 8;
        if (hasRuns)
        {
            writer.Write(CookieWithRuns | ((uint)(containers.Count - 1) << 16));
            var flags = new byte[(containers.Count + 7) / 8];
            for (var i = 0; i < bodies.Length; i++)
            {
                flags[i / 8] |= (byte)(bodies[i].IsRuns ? 1 << (i % 8) : 0);
            }

            writer.Write(flags);
            header = 4 + flags.Length;
        }
        else
        {
            writer.Write(CookieWithoutRuns);
            writer.Write(containers.Count);
        }

        foreach (var (key, inner) in containers)
        {
            writer.Write((ushort)key);
            writer.Write((ushort)(inner.Count - 1));
        }

        if (!hasRuns || containers.Count >= OffsetsFrom)
        {
            var offset = header + (containers.Count * 8);
            foreach (var (_, body) in bodies)
            {
                writer.Write(offset);
                offset += body.Length;
            }
        }

        foreach (var (_, body) in bodies)
        {
            writer.Write(body);
        }
    }

    private static (bool IsRuns, byte[] Body) EncodeContainer(List<long> values)
    {
        List<(ushort Start, ushort Length)> runs = [];
        foreach (var value in values)
        {
            var low = (ushort)value;
            if (runs.Count > 0 && runs[^1].Start + runs[^1].Length + 1 == low)
            {
                runs[^1] = (runs[^1].Start, (ushort)(runs[^1].Length + 1));
            }
            else
            {
                runs.Add((low, 0));
            }
        }

        var plain = values.Count <= ArrayMax ? values.Count * 2 : BitmapBytes;
        if (2 + (runs.Count * 4) < plain)
        {
            var body = new byte[2 + (runs.Count * 4)];
            BinaryPrimitives.WriteUInt16LittleEndian(body, (ushort)runs.Count);
            for (var i = 0; i < runs.Count; i++)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(body.AsSpan(2 + (i * 4)), runs[i].Start);
                BinaryPrimitives.WriteUInt16LittleEndian(body.AsSpan(4 + (i * 4)), runs[i].Length);
            }

            return (true, body);
        }

        var bytes = new byte[plain];
        for (var i = 0; i < values.Count; i++)
        {
            var low = (ushort)values[i];
            if (values.Count <= ArrayMax)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(i * 2), low);
            }
            else
            {
                bytes[low / 8] |= (byte)(1 << (low % 8));
            }
        }

        return (false, bytes);
    }

    /// <summary>Values by their upper bits, each group holding the lower bits.</summary>
    private static List<(long Key, List<long> Values)> Group(long[] values, int bits)
    {
        List<(long Key, List<long> Values)> groups = [];
        foreach (var value in values)
        {
            var key = value >> bits;
            if (groups.Count == 0 || groups[^1].Key != key)
            {
                groups.Add((key, []));
            }

            groups[^1].Values.Add(value & ((1L << bits) - 1));
        }

        return groups;
    }

    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _left = bytes;

        public ReadOnlySpan<byte> Bytes(int count)
        {
            if (count > _left.Length)
            {
                throw new InvalidDataException("it ends early");
            }

            var taken = _left[..count];
            _left = _left[count..];
            return taken;
        }

        public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2));

        public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4));

        public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(8));
    }
}
