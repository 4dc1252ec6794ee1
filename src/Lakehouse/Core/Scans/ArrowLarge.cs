using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace DataPlatform.Lakehouse.Scans;

/// <summary>Arrow's types with 64-bit offsets, which files of Arrow-based writers ask their readers for, as those with 32-bit offsets.</summary>
internal static class ArrowLarge
{
    public static ArrayData Narrow(ArrayData data)
    {
        var type = data.DataType is LargeStringType ? (IArrowType)StringType.Default : BinaryType.Default;
        return new ArrayData(type, data.Length, data.NullCount, data.Offset, [data.Buffers[0], Offsets(data), data.Buffers[2]]);
    }

    public static ArrayData Narrow(ArrayData data, LargeListType list)
        => new(new ListType(list.ValueField), data.Length, data.NullCount, data.Offset, [data.Buffers[0], Offsets(data)], data.Children);

    /// <summary>A batch is far smaller than what 32 bits can count; a larger one is an overflow error and never a wrong answer.</summary>
    private static ArrowBuffer Offsets(ArrayData data)
    {
        var wide = MemoryMarshal.Cast<byte, long>(data.Buffers[1].Span);
        var narrow = new int[data.Offset + data.Length + 1];
        for (var i = 0; i < narrow.Length && i < wide.Length; i++)
        {
            narrow[i] = checked((int)wide[i]);
        }

        return new ArrowBuffer(MemoryMarshal.AsBytes<int>(narrow).ToArray());
    }
}
