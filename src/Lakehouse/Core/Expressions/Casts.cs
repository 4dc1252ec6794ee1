using System.Globalization;
using DataPlatform.Lakehouse.DataFiles;
using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse.Expressions;

/// <summary>CAST between the values of expressions.</summary>
internal static class Casts
{
    /// <summary>A value as a type that is named in SQL; null where the text is not one.</summary>
    public static object? To(object? value, string type)
    {
        if (value is null)
        {
            return null;
        }

        var name = type.Split('(')[0];
        return name switch
        {
            "string" or "varchar" or "char" => ToText(value),
            "int" or "integer" or "bigint" or "long" or "smallint" or "tinyint" or "short" or "byte" => ToLong(value),
            "double" or "float" or "real" => value is string text
                ? double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null : Values.ToDouble(value),
            "decimal" or "numeric" => Convert.ToDecimal(value, CultureInfo.InvariantCulture),
            "boolean" => value as bool? ?? (value is string flag && bool.TryParse(flag, out var parsed) ? parsed : null),
            "date" => value switch { DateOnly date => date, Instant time => Values.ToDate(time), string text => Values.ToDate(text), _ => null },
            "timestamp" or "timestamp_ntz" => value switch
            {
                Instant time => time,
                DateOnly date => Values.ToInstant(date),
                string text => Values.ToInstant(text),
                _ => null,
            },
            _ => throw DeltaException.Invalid($"CAST to '{type}' is not known to this engine."),
        };
    }

    public static string ToText(object value) => value switch
    {
        string text => text,
        bool flag => flag ? "true" : "false",
        DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        double number => PartitionText.Double(number),
        byte[] bytes => System.Text.Encoding.UTF8.GetString(bytes),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    /// <summary>A value as a column of a Delta type holds it.</summary>
    public static object? To(object? value, DeltaType type) => type switch
    {
        DecimalType => To(value, "decimal"),
        PrimitiveType { Kind: PrimitiveKind.Binary } => value is string text ? System.Text.Encoding.UTF8.GetBytes(text) : value,
        PrimitiveType { Kind: PrimitiveKind.Variant or PrimitiveKind.Void } => value is null ? null
            : throw DeltaException.Invalid($"A value of type {type} cannot be computed."),
        PrimitiveType primitive => To(value, primitive.Name),
        _ => value is null ? null : throw DeltaException.Invalid($"A value of type {type} cannot be computed."),
    };

    private static object? ToLong(object value) => value switch
    {
        long number => number,
        string text => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed) ? parsed : null,
        double number => double.IsFinite(number) ? (long)Math.Truncate(number) : null,
        decimal number => (long)decimal.Truncate(number),
        bool flag => flag ? 1L : 0L,
        _ => null,
    };
}
