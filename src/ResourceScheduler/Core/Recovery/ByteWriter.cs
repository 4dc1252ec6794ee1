using System.Buffers.Binary;
using System.Text;

namespace DataPlatform.ResourceScheduler.Recovery;

/// <summary>Appends values to a growing buffer: whole numbers in 7-bit groups, little-endian otherwise.</summary>
internal sealed class ByteWriter
{
    private byte[] _buffer = new byte[4096];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    public byte[] ToArray() => Written.ToArray();

    public void Clear() => Length = 0;

    public void Byte(byte value) => Room(1)[0] = value;

    public void Flag(bool value) => Byte(value ? (byte)1 : (byte)0);

    public void UInt32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Room(4), value);

    public void UInt64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Room(8), value);

    public void Double(double value) => BinaryPrimitives.WriteDoubleLittleEndian(Room(8), value);

    /// <summary>A whole number of either sign; small ones take one byte.</summary>
    public void Number(long value) => Unsigned(unchecked((ulong)((value << 1) ^ (value >> 63))));

    public void Unsigned(ulong value)
    {
        while (value >= 0x80)
        {
            Byte((byte)(0x80 | (value & 0x7F)));
            value >>= 7;
        }

        Byte((byte)value);
    }

    public void Text(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Unsigned((ulong)length);
        Encoding.UTF8.GetBytes(value, Room(length));
    }

    public void OptionalText(string? value)
    {
        Flag(value is not null);
        if (value is not null)
        {
            Text(value);
        }
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Unsigned((ulong)value.Length);
        value.CopyTo(Room(value.Length));
    }

    public void Raw(ReadOnlySpan<byte> value) => value.CopyTo(Room(value.Length));

    public void Texts(IReadOnlyCollection<string> values)
    {
        Unsigned((ulong)values.Count);
        foreach (var value in values)
        {
            Text(value);
        }
    }

    public void Pairs(IReadOnlyDictionary<string, string> values)
    {
        Unsigned((ulong)values.Count);
        foreach (var (name, value) in values.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            Text(name);
            Text(value);
        }
    }

    public void Vector(in ResourceVector vector)
    {
        Number(vector.CpuMillis);
        Number(vector.MemoryMiB);
        Number(vector.GpuMillis);
        if (!vector.HasExtras)
        {
            Byte(0);
            return;
        }

        var extras = vector.Extras.ToArray();
        Unsigned((ulong)extras.Length);
        foreach (var (name, amount) in extras)
        {
            Text(name);
            Number(amount);
        }
    }

    private Span<byte> Room(int count)
    {
        if (_buffer.Length - Length < count)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, Length + count));
        }

        var room = _buffer.AsSpan(Length, count);
        Length += count;
        return room;
    }
}
