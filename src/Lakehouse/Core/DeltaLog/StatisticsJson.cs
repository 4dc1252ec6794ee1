using System.Globalization;
using System.Text.Json;
using DataPlatform.Lakehouse.Expressions;
using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse.DeltaLog;

/// <summary>Statistics texts as JSON, and their bounds as values, for writers that restate them.</summary>
internal static class StatisticsJson
{
    /// <summary>The text's document; null where there is none, or a damaged one: statistics are a hint.</summary>
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
        if (element is not { } value || value.ValueKind is not (JsonValueKind.String or JsonValueKind.Number))
        {
            return null;
        }

        try
        {
            return (type, value.ValueKind) switch
            {
                (DecimalType, _) => decimal.Parse(value.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture),
                (PrimitiveType { Kind: PrimitiveKind.String }, JsonValueKind.String) => value.GetString(),
                (PrimitiveType { Kind: PrimitiveKind.Double }, JsonValueKind.Number) => value.GetDouble(),
                // Writers give the shortest text that is that float; as a double it would lie beside it.
                (PrimitiveType { Kind: PrimitiveKind.Float }, JsonValueKind.Number) => (double)value.GetSingle(),
                (PrimitiveType { Kind: PrimitiveKind.Date }, JsonValueKind.String) => Values.ToDate(value.GetString()!),
                (PrimitiveType { Kind: PrimitiveKind.Timestamp or PrimitiveKind.TimestampNtz }, JsonValueKind.String)
                    => Time(value.GetString()!),
                (PrimitiveType { Kind: PrimitiveKind.Long or PrimitiveKind.Integer or PrimitiveKind.Short or PrimitiveKind.Byte },
                    JsonValueKind.Number)
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
    private static Instant Time(string text)
        => new((DateTimeOffset.Parse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).UtcTicks - DateTime.UnixEpoch.Ticks)
            / TimeSpan.TicksPerMicrosecond);
}
