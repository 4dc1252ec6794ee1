using Apache.Arrow;
using Apache.Arrow.Types;

namespace DataPlatform.Lakehouse.DeltaLog.Checkpoints;

/// <summary>Builds the Arrow columns of a checkpoint from values by row; null rows stay null.</summary>
internal static class ArrowColumns
{
    public static Field TextField(string name) => new(name, StringType.Default, true);

    public static Field LongField(string name) => new(name, Int64Type.Default, true);

    public static Field IntField(string name) => new(name, Int32Type.Default, true);

    public static Field FlagField(string name) => new(name, BooleanType.Default, true);

    public static Field MapField(string name) => new(name, TextMap, true);

    public static Field ListField(string name) => new(name, TextList, true);

    private static MapType TextMap { get; } = new(new Field("key", StringType.Default, false), new Field("value", StringType.Default, true));

    private static ListType TextList { get; } = new(new Field("element", StringType.Default, true));

    public static IArrowArray Texts(IEnumerable<string?> values)
    {
        var builder = new StringArray.Builder();
        foreach (var value in values)
        {
            _ = value is null ? builder.AppendNull() : builder.Append(value);
        }

        return builder.Build();
    }

    public static IArrowArray Longs(IEnumerable<long?> values)
    {
        var builder = new Int64Array.Builder();
        foreach (var value in values)
        {
            _ = value is { } number ? builder.Append(number) : builder.AppendNull();
        }

        return builder.Build();
    }

    public static IArrowArray Ints(IEnumerable<int?> values)
    {
        var builder = new Int32Array.Builder();
        foreach (var value in values)
        {
            _ = value is { } number ? builder.Append(number) : builder.AppendNull();
        }

        return builder.Build();
    }

    public static IArrowArray Flags(IEnumerable<bool?> values)
    {
        var builder = new BooleanArray.Builder();
        foreach (var value in values)
        {
            _ = value is { } flag ? builder.Append(flag) : builder.AppendNull();
        }

        return builder.Build();
    }

    public static IArrowArray Maps(IEnumerable<IReadOnlyDictionary<string, string?>?> values)
    {
        var builder = new MapArray.Builder(TextMap);
        var keys = (StringArray.Builder)builder.KeyBuilder;
        var texts = (StringArray.Builder)builder.ValueBuilder;
        foreach (var value in values)
        {
            if (value is null)
            {
                builder.AppendNull();
                continue;
            }

            builder.Append();
            foreach (var (key, text) in value)
            {
                keys.Append(key);
                _ = text is null ? texts.AppendNull() : texts.Append(text);
            }
        }

        return builder.Build();
    }

    public static IArrowArray Lists(IEnumerable<IReadOnlyList<string>?> values)
    {
        var builder = new ListArray.Builder(TextList.ValueField);
        var texts = (StringArray.Builder)builder.ValueBuilder;
        foreach (var value in values)
        {
            if (value is null)
            {
                builder.AppendNull();
                continue;
            }

            builder.Append();
            foreach (var text in value)
            {
                texts.Append(text);
            }
        }

        return builder.Build();
    }

    /// <summary>A struct column that is null where <paramref name="present"/> says so.</summary>
    public static StructArray Struct(IReadOnlyList<Field> fields, IReadOnlyList<IArrowArray> arrays, IReadOnlyList<bool> present)
    {
        var bits = new ArrowBuffer.BitmapBuilder(present.Count);
        foreach (var bit in present)
        {
            bits.Append(bit);
        }

        return new StructArray(new StructType(fields), present.Count, arrays, bits.Build(), present.Count(p => !p));
    }
}
