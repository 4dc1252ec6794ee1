using System.Globalization;
using System.Text;
using System.Text.Json;
using DataPlatform.Lakehouse.DataFiles;
using DataPlatform.Lakehouse.Scans;
using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse.DuckDb;

/// <summary>
/// Turns what COPY states of a file into the statistics of an add, the same that the engine's own writer gives: nested like the schema,
/// texts cut, times in milliseconds, no maximum beside a NaN. Lists and maps have none, for COPY counts their elements and not them.
/// </summary>
internal sealed class CopyStatistics
{
    private readonly Column[] _columns;

    /// <param name="layout">The table's columns, and which of them have statistics.</param>
    public CopyStatistics(DataFileLayout layout)
    {
        var left = layout.IndexedColumns < 0 ? int.MaxValue : layout.IndexedColumns;
        _columns = Columns(layout.DataSchema, string.Empty, string.Empty, ref left, layout);
    }

    /// <param name="rows">The file's rows.</param>
    /// <param name="stated">What COPY states, by quoted column path.</param>
    public string ToJson(long rows, IReadOnlyDictionary<string, Dictionary<string, string>> stated)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, DeltaLog.ActionWriter.Options))
        {
            writer.WriteStartObject();
            writer.WriteNumber("numRecords", rows);
            Write(writer, "minValues", _columns, c => Bound(c, stated, "min"));
            Write(writer, "maxValues", _columns, c => Bound(c, stated, "max"));
            Write(writer, "nullCount", _columns, c => stated.GetValueOrDefault(c.Path)?.GetValueOrDefault("null_count"));
            writer.WriteBoolean("tightBounds", true);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    private static Column[] Columns(StructType schema, string copyPrefix, string statsPrefix, ref int left, DataFileLayout layout)
    {
        List<Column> columns = [];
        foreach (var field in schema.Fields.Where(f => f.Type != DeltaType.Void))
        {
            var name = ColumnMapping.PhysicalName(field);
            var (copyPath, statsPath) = (copyPrefix + Sql.Name(name), statsPrefix + name);
            if (field.Type is StructType nested)
            {
                columns.Add(new Column(name, copyPath, field.Type, Columns(nested, copyPath + ".", statsPath + ".", ref left, layout)));
            }
            else if (layout.HasStatistics(statsPath, ref left))
            {
                columns.Add(new Column(name, copyPath, field.Type, []));
            }
        }

        return [.. columns];
    }

    private static void Write(Utf8JsonWriter writer, string name, Column[] columns, Func<Column, string?> value)
    {
        writer.WriteStartObject(name);
        foreach (var column in columns)
        {
            if (column.Children.Length > 0)
            {
                if (column.HasAny(value))
                {
                    Write(writer, column.Name, column.Children, value);
                }
            }
            else if (value(column) is { } json)
            {
                writer.WritePropertyName(column.Name);
                writer.WriteRawValue(json);
            }
        }

        writer.WriteEndObject();
    }

    /// <summary>A bound as JSON, or null where there is none that readers may trust.</summary>
    private static string? Bound(Column column, IReadOnlyDictionary<string, Dictionary<string, string>> stated, string kind)
    {
        if (!stated.TryGetValue(column.Path, out var stats) || !stats.TryGetValue(kind, out var text))
        {
            return null;
        }

        var isMaximum = kind == "max";
        return column.Type switch
        {
            DecimalType => text,
            PrimitiveType { Kind: PrimitiveKind.Long or PrimitiveKind.Integer or PrimitiveKind.Short or PrimitiveKind.Byte } => text,
            PrimitiveType { Kind: PrimitiveKind.Float or PrimitiveKind.Double }
                => (isMaximum && stats.GetValueOrDefault("has_nan") != "false")
                || !double.TryParse(text, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number) ? null : text,
            PrimitiveType { Kind: PrimitiveKind.String }
                => Quote(isMaximum ? StringStatistics.CutHigh(text) : StringStatistics.CutLow(text)),
            PrimitiveType { Kind: PrimitiveKind.Date } => DateOnly.TryParseExact(text, "yyyy-MM-dd", out _) ? Quote(text) : null,
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
            return Quote(ColumnStatistics.Milliseconds(
                PartitionColumn.Micros(text.Replace("+00", string.Empty, StringComparison.Ordinal)), isInstant));
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private sealed record Column(string Name, string Path, DeltaType Type, Column[] Children)
    {
        public bool HasAny(Func<Column, string?> value) => Children.Length > 0 ? Children.Any(c => c.HasAny(value))
            : value(this) is not null;
    }
}
