using System.Buffers.Binary;
using System.Text.Json;

namespace DataPlatform.TestKit.DeltaTables;

/// <summary>A second reader of deletion vectors, straight from the protocol's text: file framing, Z85, portable Roaring.</summary>
internal static class VectorReader
{
    private const string Alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

    public static List<long> Read(string table, JsonElement vector)
    {
        var text = vector.GetProperty("pathOrInlineDv").GetString()!;
        var size = vector.GetProperty("sizeInBytes").GetInt32();
        byte[] data;
        if (vector.GetProperty("storageType").GetString() == "i")
        {
            data = Decode(text)[..size];
        }
        else
        {
            var name = $"deletion_vector_{new Guid(Decode(text[^20..]), bigEndian: true):D}.bin";
            var file = File.ReadAllBytes(Path.Combine(table, text[..^20], name));
            var offset = vector.GetProperty("offset").GetInt32();
            data = file[(offset + 4)..(offset + 4 + size)];
            if (file[0] != 1 || BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(offset)) != size)
            {
                throw new InvalidDataException($"'{name}' is no deletion vector file of version 1 with {size} bytes at {offset}.");
            }
        }

        var rows = Roaring(data);
        return rows.Count == vector.GetProperty("cardinality").GetInt64() ? rows
            : throw new InvalidDataException($"The vector '{text}' holds {rows.Count} rows.");
    }

    private static List<long> Roaring(byte[] data)
    {
        using var reader = new BinaryReader(new MemoryStream(data));
        List<long> rows = [];
        if (reader.ReadUInt32() != 1681511377)
        {
            throw new InvalidDataException("The vector has another magic number.");
        }

        for (var buckets = reader.ReadUInt64(); buckets > 0; buckets--)
        {
            var high = (long)reader.ReadUInt32() << 32;
            var cookie = reader.ReadUInt32();
            var hasRuns = (cookie & 0xffff) == 12347;
            var count = hasRuns ? (int)(cookie >> 16) + 1 : (int)reader.ReadUInt32();
            var flags = hasRuns ? reader.ReadBytes((count + 7) / 8) : [];
            var keys = Enumerable.Range(0, count).Select(
                _ => (Key: (long)reader.ReadUInt16() << 16, Values: reader.ReadUInt16() + 1)).ToArray();
            if (!hasRuns || count >= 4)
            {
                reader.ReadBytes(4 * count);
            }

            for (var i = 0; i < count; i++)
            {
                var first = high + keys[i].Key;
                if (hasRuns && (flags[i / 8] & (1 << (i % 8))) != 0)
                {
                    for (var runs = reader.ReadUInt16(); runs > 0; runs--)
                    {
                        long start = reader.ReadUInt16(), length = reader.ReadUInt16();
                        rows.AddRange(Enumerable.Range(0, (int)length + 1).Select(k => first + start + k));
                    }
                }
                else if (keys[i].Values <= 4096)
                {
                    rows.AddRange(Enumerable.Range(0, keys[i].Values).Select(_ => first + reader.ReadUInt16()).ToArray());
                }
                else
                {
                    var bits = reader.ReadBytes(8192);
                    rows.AddRange(Enumerable.Range(0, 65536).Where(b => (bits[b / 8] & (1 << (b % 8))) != 0).Select(b => first + b));
                }
            }
        }

        return rows;
    }

    private static byte[] Decode(string text)
    {
        var bytes = new byte[text.Length / 5 * 4];
        for (var i = 0; i < text.Length; i += 5)
        {
            var value = text.AsSpan(i, 5).ToArray().Aggregate(
                0UL, (sum, c) => (sum * 85) + (ulong)Alphabet.IndexOf(c, StringComparison.Ordinal));
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(i / 5 * 4), checked((uint)value));
        }

        return bytes;
    }
}
