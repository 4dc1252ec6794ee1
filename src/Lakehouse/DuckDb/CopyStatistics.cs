using System.Globalization;
using System.Text;
using System.Text.Json;
using DataPlatform.Lakehouse.DataFiles;
using DataPlatform.Lakehouse.Scans;
using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse.DuckDb;

/// <summary>Turns what COPY states of a file into the statistics of an add: texts cut, times in milliseconds, no maximum beside a NaN.</summary>
internal static class CopyStatistics
{
    public static string ToJson(
        StructType schema, long rows, Dictionary<string, Dictionary<string, string>> stated, int indexed, IReadOnlyList<string>? named)
    {
        var columns = schema.Fields
            .Where((f, i) => named?.Contains(f.Name, StringComparer.OrdinalIgnoreCase) ?? (indexed < 0 || i < indexed))
            .Select(f => (Field: f, Stats: stated.GetValueOrDefault(Sql.Name(f.Name))))
            .Where(c => c.Stats is not null)
            .ToArray();
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, DeltaLog.ActionWriter.Options))
        {
            writer.WriteStartObject();
            writer.WriteNumber("numRecords", rows);
            Write(writer, "minValues", columns, (f, s) => Bound(f, s!, "min"));
            Write(writer, "maxValues", columns, (f, s) => Bound(f, s!, "max"));
            Write(writer, "nullCount", columns, (_, s) => s!.GetValueOrDefault("null_count"));
            writer.WriteBoolean("tightBounds", true);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    private static void Write(
        Utf8JsonWriter writer, string name, (StructField Field, Dictionary<string, string>? Stats)[] columns,
        Func<StructField, Dictionary<string, string>?, string?> value)
    {
        writer.WriteStartObject(name);
        foreach (var (field, stats) in columns)
        {
            if (value(field, stats) is { } json)
            {
                writer.WritePropertyName(field.Name);
                writer.WriteRawValue(json);
            }
        }

        writer.WriteEndObject();
    }

    /// <summary>A bound as JSON, or null where there is none that readers may trust.</summary>
    private static string? Bound(StructField field, Dictionary<string, string> stats, string kind)
    {
        if (!stats.TryGetValue(kind, out var text))
        {
            return null;
        }

        var isMaximum = kind == "max";
        return field.Type switch
        {
            DecimalType => text,
            PrimitiveType { Kind: PrimitiveKind.Long or PrimitiveKind.Integer or PrimitiveKind.Short or PrimitiveKind.Byte } => text,
            PrimitiveType { Kind: PrimitiveKind.Float or PrimitiveKind.Double } => (isMaximum && stats.ContainsKey("has_nan"))
                || !double.TryParse(text, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number) ? null : text,
            PrimitiveType { Kind: PrimitiveKind.String } => Quote(isMaximum ? StringStatistics.CutHigh(text) : StringStatistics.CutLow(text)),
            PrimitiveType { Kind: PrimitiveKind.Date } => Quote(text),
            PrimitiveType { Kind: PrimitiveKind.Timestamp } => Time(text, isInstant: true),
            PrimitiveType { Kind: PrimitiveKind.TimestampNtz } => Time(text, isInstant: false),
            _ => null,
        };
    }

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text, DeltaLog.ActionWriter.Options.Encoder)}\"";

    /// <summary>Years outside the calendar of the BCL have no bound.</summary>
    private static string? Time(string text, bool isInstant)
    {
        try
        {
            return Quote(ColumnStatistics.Milliseconds(PartitionColumn.Micros(text.Replace("+00", string.Empty, StringComparison.Ordinal)), isInstant));
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
