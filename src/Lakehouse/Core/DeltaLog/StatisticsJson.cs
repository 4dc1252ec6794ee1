using System.Globalization;
using System.Text.Json;
using DataPlatform.Lakehouse.Expressions;
using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse.DeltaLog;

/// <summary>A file's statistics as a document, for what writes them anew. Pruning reads them in one pass instead.</summary>
internal static class StatisticsJson
{
    /// <summary>The document; null where there is none or it is damaged: statistics are a hint, and damaged ones prove nothing.</summary>
    public static JsonDocument? Parse(string? stats)
    {
        try
        {
            return stats is null ? null : JsonDocument.Parse(stats);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>One bound as a value of its column; null where there is none that can be used.</summary>
    public static object? Value(JsonElement? element, DeltaType type)
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
                (PrimitiveType { Kind: PrimitiveKind.Timestamp or PrimitiveKind.TimestampNtz }, JsonValueKind.String) => Time(value.GetString()!),
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

    // Statistics carry the writer's zone offset, which partition values never do.
    private static Instant Time(string text)
        => new((DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).UtcTicks - DateTime.UnixEpoch.Ticks)
            / TimeSpan.TicksPerMicrosecond);
}
