using Apache.Arrow;
using Apache.Arrow.Types;

namespace DataPlatform.Lakehouse.DataFiles;

/// <summary>Picks rows of Arrow arrays by position.</summary>
internal static class ArrowTake
{
    public static RecordBatch Rows(RecordBatch batch, ReadOnlySpan<int> rows)
    {
        var columns = new IArrowArray[batch.ColumnCount];
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i] = ArrowArrayFactory.BuildArray(Take(batch.Column(i).Data, rows));
        }

        return new RecordBatch(batch.Schema, columns, rows.Length);
    }

    public static IArrowArray Rows(IArrowArray array, ReadOnlySpan<int> rows) => ArrowArrayFactory.BuildArray(Take(array.Data, rows));

    private static ArrayData Take(ArrayData data, ReadOnlySpan<int> rows)
    {
        var validity = Validity(data, rows, out var nulls);
        return data.DataType switch
        {
            NullType => new ArrayData(data.DataType, rows.Length, rows.Length, 0, System.Array.Empty<ArrowBuffer>(), null),
            BooleanType => With(data, rows.Length, nulls, [validity, Bits(data, rows)]),
            StructType => With(data, rows.Length, nulls, [validity], Children(data, rows)),
            // A map is a list of entries.
            ListType or MapType => TakeLists(data, rows, validity, nulls),
            StringType or BinaryType => TakeBytes(data, rows, validity, nulls),
            FixedWidthType fixedWidth => With(data, rows.Length, nulls, [validity, Fixed(data, fixedWidth.BitWidth / 8, rows)]),
            _ => throw DeltaException.Invalid($"Rows of the Arrow type {data.DataType.Name} cannot be rearranged; cast the column first."),
        };
    }

    private static ArrayData With(ArrayData data, int length, int nulls, ArrowBuffer[] buffers, ArrayData[]? children = null)
        => new(data.DataType, length, nulls, 0, buffers, children);

    private static ArrowBuffer Validity(ArrayData data, ReadOnlySpan<int> rows, out int nulls)
    {
        nulls = 0;
        if (data.NullCount == 0 || data.Buffers.Length == 0 || data.Buffers[0].IsEmpty)
        {
            return ArrowBuffer.Empty;
        }

        var source = data.Buffers[0].Span;
        var bits = new byte[(rows.Length + 7) / 8];
        for (var i = 0; i < rows.Length; i++)
        {
            if (BitUtility.GetBit(source, data.Offset + rows[i]))
            {
                BitUtility.SetBit(bits, i);
            }
            else
            {
                nulls++;
            }
        }

        return new ArrowBuffer(bits);
    }

    private static ArrowBuffer Bits(ArrayData data, ReadOnlySpan<int> rows)
    {
        var source = data.Buffers[1].Span;
        var bits = new byte[(rows.Length + 7) / 8];
        for (var i = 0; i < rows.Length; i++)
        {
            if (BitUtility.GetBit(source, data.Offset + rows[i]))
            {
                BitUtility.SetBit(bits, i);
            }
        }

        return new ArrowBuffer(bits);
    }

    private static ArrowBuffer Fixed(ArrayData data, int width, ReadOnlySpan<int> rows)
    {
        var source = data.Buffers[1].Span[(data.Offset * width)..];
        var target = new byte[rows.Length * width];
        for (var i = 0; i < rows.Length; i++)
        {
            source.Slice(rows[i] * width, width).CopyTo(target.AsSpan(i * width));
        }

        return new ArrowBuffer(target);
    }

    private static ArrayData TakeBytes(ArrayData data, ReadOnlySpan<int> rows, ArrowBuffer validity, int nulls)
    {
        var offsets = data.Buffers[1].Span.CastTo<int>()[data.Offset..];
        var source = data.Buffers[2].Span;
        var ends = new int[rows.Length + 1];
        for (var i = 0; i < rows.Length; i++)
        {
            ends[i + 1] = ends[i] + offsets[rows[i] + 1] - offsets[rows[i]];
        }

        var target = new byte[ends[^1]];
        for (var i = 0; i < rows.Length; i++)
        {
            source[offsets[rows[i]]..offsets[rows[i] + 1]].CopyTo(target.AsSpan(ends[i]));
        }

        return With(data, rows.Length, nulls, [validity, Buffer(ends), new ArrowBuffer(target)]);
    }

    private static ArrayData TakeLists(ArrayData data, ReadOnlySpan<int> rows, ArrowBuffer validity, int nulls)
    {
        var offsets = data.Buffers[1].Span.CastTo<int>()[data.Offset..];
        var ends = new int[rows.Length + 1];
        for (var i = 0; i < rows.Length; i++)
        {
            ends[i + 1] = ends[i] + offsets[rows[i] + 1] - offsets[rows[i]];
        }

        var inner = new int[ends[^1]];
        for (var i = 0; i < rows.Length; i++)
        {
            for (var k = 0; k < ends[i + 1] - ends[i]; k++)
            {
                inner[ends[i] + k] = offsets[rows[i]] + k;
            }
        }

        return With(data, rows.Length, nulls, [validity, Buffer(ends)], [Take(data.Children[0], inner)]);
    }

    private static ArrayData[] Children(ArrayData data, ReadOnlySpan<int> rows)
    {
        var shifted = rows.ToArray();
        for (var i = 0; i < shifted.Length; i++)
        {
            shifted[i] += data.Offset;
        }

        var children = new ArrayData[data.Children.Length];
        for (var i = 0; i < children.Length; i++)
        {
            children[i] = Take(data.Children[i], shifted);
        }

        return children;
    }

    private static ArrowBuffer Buffer(int[] values) => new(System.Runtime.InteropServices.MemoryMarshal.AsBytes<int>(values).ToArray());
}
