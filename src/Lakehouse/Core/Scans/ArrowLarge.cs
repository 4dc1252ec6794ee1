using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;
using DataPlatform.Lakehouse.DataFiles;

namespace DataPlatform.Lakehouse.Scans;

/// <summary>Arrow's types with 64-bit offsets, which files of Arrow-based writers ask their readers for, as those with 32-bit offsets.</summary>
internal static class ArrowLarge
{
    /// <summary>Text with 32-bit offsets, whichever kind of text it is; anything else as it is.</summary>
    public static IArrowArray Plain(IArrowArray array) => array switch
    {
        LargeStringArray => ArrowArrayFactory.BuildArray(Narrow(array.Data)),
        StringViewArray views => ArrowArrayFactory.BuildArray(OfViews(views).Data),
        _ => array,
    };

    /// <summary>Texts that are kept as views, put one after the other.</summary>
    public static IArrowArray OfViews(StringViewArray views)
    {
        var builder = new StringArray.Builder();
        for (var i = -views.Offset; i < views.Length; i++)
        {
            _ = i < 0 || views.IsNull(i) ? builder.AppendNull() : builder.Append(views.GetString(i));
        }

        return builder.Build();
    }

    /// <summary>Bytes that are kept as views, put one after the other.</summary>
    public static IArrowArray OfViews(BinaryViewArray views)
    {
        var builder = new BinaryArray.Builder();
        for (var i = -views.Offset; i < views.Length; i++)
        {
            _ = i < 0 || views.IsNull(i) ? builder.AppendNull() : builder.Append(views.GetBytes(i));
        }

        return builder.Build();
    }

    /// <summary>A column that is kept as numbers of a dictionary's entries, with the entries in their place.</summary>
    public static ArrayData Decoded(ArrayData data)
    {
        var whole = new ArrayData(((DictionaryType)data.DataType).IndexType, data.Offset + data.Length, data.NullCount, 0, data.Buffers);
        var indices = ArrowArrayFactory.BuildArray(whole);
        var entries = ArrowArrayFactory.BuildArray(data.Dictionary);
        if (entries.Length == 0)
        {
            return BatchShape.Nulls(entries.Data.DataType, whole.Length).Data;
        }

        // Under a null lies any number; the first entry is taken there and hidden by the nulls of the column.
        var rows = new int[whole.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = indices.IsNull(i) ? 0 : checked((int)(long)Expressions.ArrowValues.Of(indices, i)!);
        }

        var taken = ArrowTake.Rows(entries, rows).Data;
        return new ArrayData(taken.DataType, taken.Length, whole.NullCount, 0, [whole.Buffers[0], .. taken.Buffers.Skip(1)], taken.Children);
    }

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
