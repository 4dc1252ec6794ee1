using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace DataPlatform.Lakehouse.DataFiles;

/// <summary>How many bytes Arrow data holds, for deciding when a row group is full. A slice counts its own rows only.</summary>
internal static class ArrowSize
{
    public static long Of(RecordBatch batch)
    {
        long bytes = 0;
        for (var i = 0; i < batch.ColumnCount; i++)
        {
            var data = batch.Column(i).Data;
            bytes += Of(data, data.Offset, data.Length);
        }

        return bytes;
    }

    private static long Of(ArrayData data, int offset, int length) => ((length + 7) / 8) + data.DataType switch
    {
        NullType => 0,
        BooleanType => (length + 7) / 8,
        StructType => data.Children.Sum(c => Of(c, c.Offset + offset, length)),
        ListType or MapType => OfLists(data, offset, length),
        StringType or BinaryType => (sizeof(int) * (length + 1L)) + (Ends(data, offset, length) is var (first, last) ? last - first : 0),
        FixedWidthType width => (long)length * width.BitWidth / 8,
        _ => data.Buffers.Sum(b => (long)b.Length) + (data.Children?.Sum(c => Of(c, c.Offset, c.Length)) ?? 0),
    };

    private static long OfLists(ArrayData data, int offset, int length)
    {
        var (first, last) = Ends(data, offset, length);
        var values = data.Children[0];
        return (sizeof(int) * (length + 1L)) + Of(values, values.Offset + first, last - first);
    }

    private static (int First, int Last) Ends(ArrayData data, int offset, int length)
    {
        var ends = MemoryMarshal.Cast<byte, int>(data.Buffers[1].Span);
        return length == 0 || ends.IsEmpty ? (0, 0) : (ends[offset], ends[offset + length]);
    }
}
