using System.Globalization;
using System.Text.Json;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Expressions;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Snapshots;

namespace DataPlatform.Lakehouse.Scans;

/// <summary>Reads a file's bounds from its partition values and statistics, and leaves unknown what they do not prove.</summary>
internal sealed class FileBounds(Snapshot snapshot)
{
    private readonly Dictionary<string, StructField> _partitions = snapshot.PartitionColumns
        .ToDictionary(c => c, c => snapshot.Schema[c], StringComparer.OrdinalIgnoreCase);

    /// <summary>The bounds of columns in one file; the statistics are parsed when the first is asked for.</summary>
    public Func<string, Bounds> Of(AddFile file)
    {
        JsonDocument? stats = null;
        var parsed = false;
        return column =>
        {
            if (_partitions.TryGetValue(column, out var partition))
            {
                return Bounds.Exactly(PartitionValue(file, partition));
            }

            if (!parsed)
            {
                stats = Parse(file.Stats);
                parsed = true;
            }

            return stats is not null && Find(column) is { } field ? FromStats(stats.RootElement, field.Path, field.Type) : Bounds.Unknown;
        };
    }

    private static object? PartitionValue(AddFile file, StructField partition)
        => ArrowValues.Of(PartitionColumn.Of(partition, file.PartitionValues.GetValueOrDefault(ColumnMapping.PhysicalName(partition)), 1), 0);

    internal static JsonDocument? Parse(string? stats)
    {
        try
        {
            return stats is null ? null : JsonDocument.Parse(stats);
        }
        catch (JsonException)
        {
            // Statistics are a hint: damaged ones prove nothing.
            return null;
        }
    }

    /// <summary>The physical path and the type of a column or nested field.</summary>
    private (string[] Path, DeltaType Type)? Find(string column)
    {
        if (snapshot.Schema.Find(column) is { } top)
        {
            return ([ColumnMapping.PhysicalName(top)], top.Type);
        }

        DeltaType? type = snapshot.Schema;
        List<string> path = [];
        foreach (var part in column.Split('.'))
        {
            var field = (type as StructType)?.Find(part);
            type = field?.Type;
            path.Add(field is null ? part : ColumnMapping.PhysicalName(field));
        }

        return type is null ? null : ([.. path], type);
    }

    internal static Bounds FromStats(JsonElement stats, string[] path, DeltaType type)
    {
        var rows = stats.TryGetProperty("numRecords", out var count) && count.TryGetInt64(out var number) ? number : (long?)null;
        if (rows == 0)
        {
            return new Bounds(null, null, false, false);
        }

        // With a deletion vector the counts are of physical rows: only "none" and "all" still say something.
        var nulls = Walk(stats, "nullCount", path) is { ValueKind: JsonValueKind.Number } n && n.TryGetInt64(out var known) ? known : (long?)null;
        var mayBeNull = nulls != 0;
        var mayHaveValue = nulls is null || rows is null || nulls < rows;
        var isExact = type is PrimitiveType { Kind: PrimitiveKind.Timestamp or PrimitiveKind.TimestampNtz };
        var minimum = mayHaveValue ? Value(Walk(stats, "minValues", path), type) : null;
        var maximum = mayHaveValue ? Value(Walk(stats, "maxValues", path), type) : null;
        if (isExact && maximum is Instant time)
        {
            // Writers cut timestamps down to milliseconds, so that the true maximum may be up to one above.
            maximum = new Instant(time.Micros + 999);
        }

        if (type is PrimitiveType { Kind: PrimitiveKind.Float or PrimitiveKind.Double })
        {
            // NaN is above every number, and writers leave it out of the maximum.
            maximum = null;
        }

        return new Bounds(minimum, maximum, mayBeNull, mayHaveValue);
    }

    private static JsonElement? Walk(JsonElement stats, string kind, string[] path)
    {
        var element = stats;
        foreach (var part in path.Prepend(kind))
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(part, out element))
            {
                return null;
            }
        }

        return element;
    }

    /// <summary>One bound as a value of its column; null where there is none that can be used.</summary>
    internal static object? Value(JsonElement? element, DeltaType type)
    {
        if (element is not { } value || value.ValueKind is JsonValueKind.Null or JsonValueKind.Object or JsonValueKind.Array)
        {
            return null;
        }

        try
        {
            return (type, value.ValueKind) switch
            {
                (DecimalType, _) => decimal.Parse(value.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture),
                (PrimitiveType { Kind: PrimitiveKind.Binary or PrimitiveKind.Boolean or PrimitiveKind.Variant }, _) => null,
                (PrimitiveType { Kind: PrimitiveKind.String }, JsonValueKind.String) => value.GetString(),
                (PrimitiveType { Kind: PrimitiveKind.Double }, JsonValueKind.Number) => value.GetDouble(),
                // Writers give the shortest text that is that float; as a double it would lie beside it.
                (PrimitiveType { Kind: PrimitiveKind.Float }, JsonValueKind.Number) => (double)value.GetSingle(),
                (PrimitiveType { Kind: PrimitiveKind.Date }, JsonValueKind.String) => Values.ToDate(value.GetString()!),
                (PrimitiveType { Kind: PrimitiveKind.Timestamp or PrimitiveKind.TimestampNtz }, JsonValueKind.String) => StatisticsTime(value.GetString()!),
                (PrimitiveType { Kind: PrimitiveKind.Long or PrimitiveKind.Integer or PrimitiveKind.Short or PrimitiveKind.Byte }, JsonValueKind.Number)
                    => value.GetInt64(),
                _ => null,
            };
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            return null;
        }
    }

    /// <summary>Statistics carry the writer's zone offset, which partition values never do.</summary>
    private static Instant StatisticsTime(string text)
        => new Instant((DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).UtcTicks - DateTime.UnixEpoch.Ticks)
            / TimeSpan.TicksPerMicrosecond);
}
