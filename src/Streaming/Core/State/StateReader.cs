using System.Buffers.Binary;
using System.Text;

namespace DataPlatform.Streaming.State;

/// <summary>Reads what a <see cref="StateWriter"/> wrote.</summary>
/// <param name="source">The bytes.</param>
/// <exception cref="EndOfStreamException">Any read beyond the end: the bytes are not what the reader expects.</exception>
public ref struct StateReader(ReadOnlySpan<byte> source)
{
    private ReadOnlySpan<byte> _rest = source;

    /// <summary>How many bytes are left.</summary>
    public readonly int Remaining => _rest.Length;

    /// <summary>Reads one byte.</summary>
    public byte ReadByte() => ReadRaw(1)[0];

    /// <summary>Reads one byte as true or false.</summary>
    public bool ReadBoolean() => ReadByte() != 0;

    /// <summary>Reads 2 bytes.</summary>
    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16LittleEndian(ReadRaw(2));

    /// <summary>Reads 4 bytes.</summary>
    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(ReadRaw(4));

    /// <summary>Reads 8 bytes.</summary>
    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(ReadRaw(8));

    /// <summary>Reads 4 bytes, IEEE 754.</summary>
    public float ReadSingle() => BinaryPrimitives.ReadSingleLittleEndian(ReadRaw(4));

    /// <summary>Reads 8 bytes, IEEE 754.</summary>
    public double ReadDouble() => BinaryPrimitives.ReadDoubleLittleEndian(ReadRaw(8));

    /// <summary>Reads an unsigned number of variable length.</summary>
    public ulong ReadVarUInt64()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = ReadByte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new EndOfStreamException("A number of variable length has more than 10 bytes.");
    }

    /// <summary>Reads a signed number of variable length.</summary>
    public long ReadVarInt64()
    {
        var value = ReadVarUInt64();
        return unchecked((long)(value >> 1) ^ -(long)(value & 1));
    }

    /// <summary>Reads a length that must fit into what is left.</summary>
    public int ReadLength()
    {
        var length = ReadVarUInt64();
        return length <= (ulong)_rest.Length ? (int)length : throw Short(length);
    }

    /// <summary>Reads a text.</summary>
    public string ReadString()
    {
        // Plain letters take one pass instead of two: counting the characters, then decoding them.
        var bytes = ReadBytes();
        return Ascii.IsValid(bytes)
            ? string.Create(bytes.Length, bytes, static (letters, source) => Ascii.ToUtf16(source, letters, out _))
            : Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Reads bytes with their length.</summary>
    public ReadOnlySpan<byte> ReadBytes() => ReadRaw(ReadLength());

    /// <summary>Reads a number of bytes.</summary>
    /// <param name="count">How many.</param>
    public ReadOnlySpan<byte> ReadRaw(int count)
    {
        if ((uint)count > (uint)_rest.Length)
        {
            throw Short((ulong)count);
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    private readonly EndOfStreamException Short(ulong wanted) => new($"{wanted} bytes were expected, {_rest.Length} are left.");
}
