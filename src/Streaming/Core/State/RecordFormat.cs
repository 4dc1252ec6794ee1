using System.Buffers.Binary;

namespace DataPlatform.Streaming.State;

/// <summary>Values that take more than one number. For generated code.</summary>
public static class RecordFormat
{
    /// <summary>Writes the four parts of a decimal.</summary>
    /// <param name="target">16 bytes.</param>
    /// <param name="value">The value.</param>
    public static void WriteDecimal(Span<byte> target, decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        for (var i = 0; i < parts.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(target[(i * sizeof(int))..], parts[i]);
        }
    }

    /// <summary>Reads the four parts of a decimal.</summary>
    /// <param name="source">16 bytes.</param>
    public static decimal ReadDecimal(ReadOnlySpan<byte> source)
    {
        Span<int> parts = stackalloc int[4];
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = BinaryPrimitives.ReadInt32LittleEndian(source[(i * sizeof(int))..]);
        }

        return new decimal(parts);
    }

    /// <summary>Writes a moment and its offset from UTC.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="value">The value.</param>
    public static void WriteInstant(StateWriter writer, DateTimeOffset value)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteInt64(value.UtcTicks);
        writer.WriteVarInt64(value.TotalOffsetMinutes);
    }

    /// <summary>Reads a moment and its offset from UTC.</summary>
    /// <param name="reader">Where from.</param>
    public static DateTimeOffset ReadInstant(ref StateReader reader)
    {
        var utc = new DateTimeOffset(reader.ReadInt64(), TimeSpan.Zero);
        return utc.ToOffset(TimeSpan.FromMinutes(reader.ReadVarInt64()));
    }
}
