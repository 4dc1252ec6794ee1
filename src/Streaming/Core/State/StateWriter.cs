using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace DataPlatform.Streaming.State;

/// <summary>Writes values as bytes, little-endian, into a buffer that grows. Not thread-safe.</summary>
public sealed class StateWriter
{
    private const int OneByteLengthCharsMax = 42;
    private byte[] _buffer = new byte[256];
    private int _length;

    /// <summary>How many bytes have been written.</summary>
    public int Length => _length;

    /// <summary>What has been written; valid until the next write.</summary>
    public ReadOnlySpan<byte> WrittenSpan => _buffer.AsSpan(0, _length);

    /// <summary>What has been written; valid until the next write.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, _length);

    /// <summary>Begins again with an empty buffer.</summary>
    public void Clear() => _length = 0;

    /// <summary>Writes one byte.</summary>
    /// <param name="value">The value.</param>
    public void WriteByte(byte value) => Reserve(1)[0] = value;

    /// <summary>Writes one byte, 0 or 1.</summary>
    /// <param name="value">The value.</param>
    public void WriteBoolean(bool value) => WriteByte(value ? (byte)1 : (byte)0);

    /// <summary>Writes 2 bytes.</summary>
    /// <param name="value">The value.</param>
    public void WriteUInt16(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Reserve(2), value);

    /// <summary>Writes 4 bytes.</summary>
    /// <param name="value">The value.</param>
    public void WriteInt32(int value) => BinaryPrimitives.WriteInt32LittleEndian(Reserve(4), value);

    /// <summary>Writes 8 bytes.</summary>
    /// <param name="value">The value.</param>
    public void WriteInt64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Reserve(8), value);

    /// <summary>Writes 4 bytes, IEEE 754.</summary>
    /// <param name="value">The value.</param>
    public void WriteSingle(float value) => BinaryPrimitives.WriteSingleLittleEndian(Reserve(4), value);

    /// <summary>Writes 8 bytes, IEEE 754.</summary>
    /// <param name="value">The value.</param>
    public void WriteDouble(double value) => BinaryPrimitives.WriteDoubleLittleEndian(Reserve(8), value);

    /// <summary>Writes an unsigned number in 1 to 10 bytes, seven bits each, low bits first.</summary>
    /// <param name="value">The value.</param>
    public void WriteVarUInt64(ulong value)
    {
        var target = Reserve(1 + (BitOperations.Log2(value | 1) / 7));
        for (var i = 0; i < target.Length - 1; i++, value >>= 7)
        {
            target[i] = unchecked((byte)(value | 0x80));
        }

        target[^1] = unchecked((byte)value);
    }

    /// <summary>Writes a signed number in 1 to 10 bytes; small magnitudes are short.</summary>
    /// <param name="value">The value.</param>
    public void WriteVarInt64(long value) => WriteVarUInt64(unchecked((ulong)((value << 1) ^ (value >> 63))));

    /// <summary>Writes the byte length and the UTF-8 bytes.</summary>
    /// <param name="value">The text.</param>
    public void WriteString(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value.Length <= OneByteLengthCharsMax)
        {
            // The length fits into one byte whatever the characters are, so that they are encoded in one go.
            var room = Reserve(1 + (value.Length * 3));
            var written = Encoding.UTF8.GetBytes(value, room[1..]);
            room[0] = (byte)written;
            _length -= room.Length - 1 - written;
            return;
        }

        var length = Encoding.UTF8.GetByteCount(value);
        WriteVarUInt64((ulong)length);
        Encoding.UTF8.GetBytes(value, Reserve(length));
    }

    /// <summary>Writes the length and the bytes.</summary>
    /// <param name="value">The bytes.</param>
    public void WriteBytes(ReadOnlySpan<byte> value)
    {
        WriteVarUInt64((ulong)value.Length);
        WriteRaw(value);
    }

    /// <summary>Writes the bytes alone.</summary>
    /// <param name="value">The bytes.</param>
    public void WriteRaw(ReadOnlySpan<byte> value) => value.CopyTo(Reserve(value.Length));

    /// <summary>Makes room for bytes that the caller fills in at once.</summary>
    /// <param name="count">How many.</param>
    /// <returns>The room; valid until the next write.</returns>
    public Span<byte> Reserve(int count)
    {
        if (_buffer.Length - _length < count)
        {
            var needed = (long)_length + count;
            Array.Resize(ref _buffer, (int)Math.Min(Array.MaxLength, Math.Max(needed, _buffer.Length * 2L)));
        }

        _length += count;
        return _buffer.AsSpan(_length - count, count);
    }

    /// <summary>Room written before, to be filled in now.</summary>
    internal Span<byte> Overwrite(int offset, int count) => _buffer.AsSpan(0, _length).Slice(offset, count);
}
