using System.Buffers.Binary;
using System.Text;

namespace DataPlatform.ResourceScheduler.Recovery;

/// <summary>Reads what <see cref="ByteWriter"/> wrote. Reading past the end, or a number that is none, is a damaged record.</summary>
internal ref struct ByteReader(ReadOnlySpan<byte> data)
{
    private readonly ReadOnlySpan<byte> _data = data;
    private int _at;

    public readonly bool IsAtEnd => _at == _data.Length;

    public byte Byte() => Take(1)[0];

    public bool Flag() => Byte() != 0;

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public double Double() => BinaryPrimitives.ReadDoubleLittleEndian(Take(8));

    public long Number()
    {
        var value = Unsigned();
        return unchecked((long)(value >> 1) ^ -(long)(value & 1));
    }

    public ulong Unsigned()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var part = Byte();
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }

        throw new FormatException("a number has more than ten bytes");
    }

    /// <summary>The number of items that follow, each of at least one byte.</summary>
    public int Count()
    {
        var count = Unsigned();
        return count <= (ulong)(_data.Length - _at) ? (int)count : throw new FormatException($"{count} items do not fit in what is left");
    }

    public int Int32() => checked((int)Number());

    public string Text() => Encoding.UTF8.GetString(Take(Count()));

    public string? OptionalText() => Flag() ? Text() : null;

    public ReadOnlySpan<byte> Bytes() => Take(Count());

    public string[] Texts()
    {
        var values = new string[Count()];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Text();
        }

        return values;
    }

    public Dictionary<string, string> Pairs()
    {
        var count = Count();
        var values = new Dictionary<string, string>(count, StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            values.Add(Text(), Text());
        }

        return values;
    }

    public ResourceVector Vector()
    {
        var (cpu, memory, gpu) = (Number(), Number(), Number());
        var count = Count();
        if (count == 0)
        {
            return ResourceVector.Zero with { CpuMillis = cpu, MemoryMiB = memory, GpuMillis = gpu };
        }

        var extras = new List<KeyValuePair<string, long>>(count);
        for (var i = 0; i < count; i++)
        {
            extras.Add(KeyValuePair.Create(Text(), Number()));
        }

        return new ResourceVector(0, 0, 0, extras) with { CpuMillis = cpu, MemoryMiB = memory, GpuMillis = gpu };
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _data.Length - _at)
        {
            throw new FormatException("the record ends too early");
        }

        var taken = _data.Slice(_at, count);
        _at += count;
        return taken;
    }
}
