using System.Globalization;
using System.Text;
using Apache.Arrow;
using DataPlatform.Lakehouse.DataFiles;
using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse.Scans;

/// <summary>A partition value as a constant column.</summary>
internal static class PartitionColumn
{
    private static readonly string[] TimeForms =
    [
        "yyyy-MM-dd HH:mm:ss.FFFFFFF", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", "yyyy-MM-dd HH:mm:ss.FFFFFFF'Z'",
        "yyyy-MM-dd",
    ];

    /// <exception cref="DeltaException">The text is not a value of the type.</exception>
    public static IArrowArray Of(StructField field, string? text, int length)
    {
        if (text is null or "")
        {
            return BatchShape.Nulls(ArrowSchemas.ToArrow(field.Type), length);
        }

        try
        {
            var one = One(field.Type, text);
            var rows = new int[length];
            return ArrowTake.Rows(one, rows);
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException)
        {
            throw new DeltaException(
                Kernel.ErrorKind.Corrupt, $"The partition value '{text}' of the column '{field.Name}' is not a {field.Type}.", e);
        }
    }

    /// <summary>A column of the values of many files, one a row.</summary>
    /// <exception cref="DeltaException">A text is not a value of the type.</exception>
    public static IArrowArray Of(StructField field, IReadOnlyList<string?> texts)
    {
        // Files share few partitions: each value is parsed once, and rows are picked from those.
        List<IArrowArray> values = [Of(field, null, 1)];
        Dictionary<string, int> known = new(StringComparer.Ordinal);
        var rows = new int[texts.Count];
        for (var i = 0; i < rows.Length; i++)
        {
            if (texts[i] is { Length: > 0 } text && !known.TryGetValue(text, out rows[i]))
            {
                rows[i] = known[text] = values.Count;
                values.Add(Of(field, text, 1));
            }
        }

        return ArrowTake.Rows(ArrowArrayConcatenator.Concatenate(values), rows);
    }

    private static IArrowArray One(DeltaType type, string text) => type switch
    {
        PrimitiveType { Kind: PrimitiveKind.String } => new StringArray.Builder().Append(text).Build(),
        PrimitiveType { Kind: PrimitiveKind.Long } => new Int64Array.Builder().Append(long.Parse(text, CultureInfo.InvariantCulture)).Build(),
        PrimitiveType { Kind: PrimitiveKind.Integer } => new Int32Array.Builder().Append(int.Parse(text, CultureInfo.InvariantCulture)).Build(),
        PrimitiveType { Kind: PrimitiveKind.Short } => new Int16Array.Builder().Append(short.Parse(text, CultureInfo.InvariantCulture)).Build(),
        PrimitiveType { Kind: PrimitiveKind.Byte } => new Int8Array.Builder().Append(sbyte.Parse(text, CultureInfo.InvariantCulture)).Build(),
        PrimitiveType { Kind: PrimitiveKind.Double } => new DoubleArray.Builder().Append(double.Parse(text, CultureInfo.InvariantCulture)).Build(),
        PrimitiveType { Kind: PrimitiveKind.Float } => new FloatArray.Builder().Append(float.Parse(text, CultureInfo.InvariantCulture)).Build(),
        PrimitiveType { Kind: PrimitiveKind.Boolean } => new BooleanArray.Builder().Append(bool.Parse(text)).Build(),
        PrimitiveType { Kind: PrimitiveKind.Binary } => new BinaryArray.Builder().Append(Encoding.UTF8.GetBytes(text).AsSpan()).Build(),
        PrimitiveType { Kind: PrimitiveKind.Date } => new Date32Array.Builder()
            .Append(DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture)).Build(),
        PrimitiveType { Kind: PrimitiveKind.Timestamp or PrimitiveKind.TimestampNtz } => Time(type, Micros(text)),
        DecimalType number => Decimal(number, text),
        _ => throw new FormatException($"{type} cannot be a partition value."),
    };

    /// <summary>Microseconds of a timestamp text; a text without zone is taken as UTC, because its writer's zone is not known.</summary>
    public static long Micros(string text)
        => (DateTime.ParseExact(text, TimeForms, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal).Ticks
            - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    private static IArrowArray Time(DeltaType type, long micros) => ArrowArrayFactory.BuildArray(
        new ArrayData(ArrowSchemas.ToArrow(type), 1, 0, 0, [ArrowBuffer.Empty, new ArrowBuffer(BitConverter.GetBytes(micros))]));

    private static IArrowArray Decimal(DecimalType type, string text)
    {
        var parts = text.Split('.');
        var digits = parts[0] + (parts.Length > 1 ? parts[1] : string.Empty).PadRight(type.Scale, '0');
        var bytes = new byte[16];
        ((System.Numerics.IBinaryInteger<Int128>)Int128.Parse(digits, CultureInfo.InvariantCulture)).WriteLittleEndian(bytes);
        return ArrowArrayFactory.BuildArray(new ArrayData(ArrowSchemas.ToArrow(type), 1, 0, 0, [ArrowBuffer.Empty, new ArrowBuffer(bytes)]));
    }
}
