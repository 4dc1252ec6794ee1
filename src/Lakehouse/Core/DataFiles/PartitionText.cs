using System.Globalization;
using System.Text;
using Apache.Arrow;
using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse.DataFiles;

/// <summary>Partition values as the text the log holds (protocol section "Partition Value Serialization"), and as folder names.</summary>
internal static class PartitionText
{
    public const string NullFolder = "__HIVE_DEFAULT_PARTITION__";
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private const string Escaped = "\"#%'*/:=?\\{[]^";

    /// <summary>The text of one value of a partition column; null for null.</summary>
    public static string? Of(IArrowArray array, int row) => array.IsNull(row) ? null : array switch
    {
        StringArray texts => texts.GetString(row) is { Length: > 0 } text ? text : null,
        Int64Array numbers => Text(numbers.GetValue(row)!.Value),
        Int32Array numbers => Text(numbers.GetValue(row)!.Value),
        Int16Array numbers => Text(numbers.GetValue(row)!.Value),
        Int8Array numbers => Text(numbers.GetValue(row)!.Value),
        DoubleArray numbers => Double(numbers.GetValue(row)!.Value),
        FloatArray numbers => Float(numbers.GetValue(row)!.Value),
        BooleanArray flags => flags.GetValue(row)!.Value ? "true" : "false",
        Decimal128Array numbers => numbers.GetString(row),
        Date32Array dates => Date(dates.GetValue(row)!.Value),
        TimestampArray times
            => Timestamp(times.GetValue(row)!.Value, ((Apache.Arrow.Types.TimestampType)times.Data.DataType).Timezone is { Length: > 0 }),
        BinaryArray bytes => Binary(bytes.GetBytes(row)),
        _ => throw DeltaException.Invalid($"A column of type {array.Data.DataType.Name} cannot partition a table."),
    };

    public static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    public static string Double(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    public static string Float(float value) => value.ToString("R", CultureInfo.InvariantCulture);

    public static string Date(int days) => DateTime.UnixEpoch.AddDays(days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>An instant in ISO form with zone, a local time in the form without.</summary>
    public static string Timestamp(long micros, bool isInstant)
        => DateTime.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond)
            .ToString(isInstant ? "yyyy-MM-ddTHH:mm:ss.ffffffZ" : "yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture);

    /// <summary>Bytes as the text whose UTF-8 they are, as other writers do; bytes that are no text cannot be a partition value.</summary>
    public static string Binary(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new DeltaException(
                Kernel.ErrorKind.Invalid, $"The bytes {Convert.ToHexString(bytes)} are not UTF-8 and cannot be a partition value.", e);
        }
    }

    /// <summary>The folder of a partition, Hive-escaped, or nothing for an unpartitioned table; ends in a slash.</summary>
    public static string Folder(IReadOnlyList<string> columns, IReadOnlyList<string?> values)
    {
        var path = new StringBuilder();
        for (var i = 0; i < columns.Count; i++)
        {
            Escape(path, columns[i]);
            path.Append('=');
            Escape(path, values[i] ?? NullFolder);
            path.Append('/');
        }

        return path.ToString();
    }

    /// <summary>Whether a column of the type can partition a table.</summary>
    public static bool CanPartition(DeltaType type)
        => type is DecimalType or PrimitiveType { Kind: not (PrimitiveKind.Void or PrimitiveKind.Variant) };

    private static void Escape(StringBuilder path, string text)
    {
        foreach (var c in text)
        {
            _ = c < ' ' || c == '\u007f' || Escaped.Contains(c, StringComparison.Ordinal)
                ? path.Append('%').Append(((int)c).ToString("X2", CultureInfo.InvariantCulture))
                : path.Append(c);
        }
    }
}
