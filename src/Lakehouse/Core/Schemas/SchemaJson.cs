using System.Globalization;
using System.Text;
using System.Text.Json;
using DataPlatform.Kernel;

namespace DataPlatform.Lakehouse.Schemas;

/// <summary>Schemas in the protocol's JSON form.</summary>
internal static class SchemaJson
{
    private static readonly Dictionary<string, PrimitiveType> Primitives = new PrimitiveType[]
    {
        DeltaType.String, DeltaType.Long, DeltaType.Integer, DeltaType.Short, DeltaType.Byte, DeltaType.Float, DeltaType.Double, DeltaType.Boolean,
        DeltaType.Binary, DeltaType.Date, DeltaType.Timestamp, DeltaType.TimestampNtz, DeltaType.Void, DeltaType.Variant,
    }.ToDictionary(t => t.Name, StringComparer.Ordinal);

    public static StructType Read(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return ReadType(document.RootElement, string.Empty) as StructType
                ?? throw DeltaException.Invalid("The table's schema is not a struct.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or ArgumentException)
        {
            throw new DeltaException(ErrorKind.Corrupt, $"The table's schema cannot be read: {e.Message}", e);
        }
    }

    public static string Write(StructType schema)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, DeltaLog.ActionWriter.Options))
        {
            WriteType(writer, schema);
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    private static DeltaType ReadType(JsonElement element, string where)
    {
        if (element.ValueKind == JsonValueKind.String)
        {
            return ReadNamed(element.GetString()!, where);
        }

        return element.GetProperty("type").GetString() switch
        {
            "struct" => new StructType([.. element.GetProperty("fields").EnumerateArray().Select(f => ReadField(f, where))]),
            "array" => new ArrayType(
                ReadType(element.GetProperty("elementType"), where + ".element"), Flag(element, "containsNull")),
            "map" => new MapType(
                ReadType(element.GetProperty("keyType"), where + ".key"), ReadType(element.GetProperty("valueType"), where + ".value"),
                Flag(element, "valueContainsNull")),
            var other => throw Unknown(other ?? "null", where),
        };
    }

    private static bool Flag(JsonElement element, string name) => !element.TryGetProperty(name, out var value) || value.GetBoolean();

    private static StructField ReadField(JsonElement element, string where)
    {
        var name = element.GetProperty("name").GetString()!;
        Dictionary<string, JsonElement>? metadata = null;
        if (element.TryGetProperty("metadata", out var entries) && entries.ValueKind == JsonValueKind.Object)
        {
            metadata = entries.EnumerateObject().GroupBy(e => e.Name).ToDictionary(g => g.Key, g => g.Last().Value.Clone(), StringComparer.Ordinal);
        }

        return new StructField(name, ReadType(element.GetProperty("type"), $"{where}.{name}"), Flag(element, "nullable"), metadata);
    }

    private static DeltaType ReadNamed(string name, string where)
    {
        if (Primitives.TryGetValue(name, out var primitive))
        {
            return primitive;
        }

        if (name == "null")
        {
            return DeltaType.Void;
        }

        if (name == "decimal")
        {
            return DeltaType.Decimal(10, 0);
        }

        if (name.StartsWith("decimal(", StringComparison.Ordinal) && name.EndsWith(')'))
        {
            var parts = name[8..^1].Split(',');
            return DeltaType.Decimal(int.Parse(parts[0], CultureInfo.InvariantCulture), parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0);
        }

        throw Unknown(name, where);
    }

    private static DeltaException Unknown(string type, string where)
        => DeltaException.Invalid($"The column '{where.TrimStart('.')}' has the type '{type}', which this engine cannot read.");

    private static void WriteType(Utf8JsonWriter writer, DeltaType type)
    {
        switch (type)
        {
            case StructType structure:
                writer.WriteStartObject();
                writer.WriteString("type", "struct");
                writer.WriteStartArray("fields");
                foreach (var field in structure.Fields)
                {
                    WriteField(writer, field);
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
                break;
            case ArrayType array:
                writer.WriteStartObject();
                writer.WriteString("type", "array");
                writer.WritePropertyName("elementType");
                WriteType(writer, array.Element);
                writer.WriteBoolean("containsNull", array.ContainsNull);
                writer.WriteEndObject();
                break;
            case MapType map:
                writer.WriteStartObject();
                writer.WriteString("type", "map");
                writer.WritePropertyName("keyType");
                WriteType(writer, map.Key);
                writer.WritePropertyName("valueType");
                WriteType(writer, map.Value);
                writer.WriteBoolean("valueContainsNull", map.ValueContainsNull);
                writer.WriteEndObject();
                break;
            default:
                writer.WriteStringValue(type.ToString());
                break;
        }
    }

    private static void WriteField(Utf8JsonWriter writer, StructField field)
    {
        writer.WriteStartObject();
        writer.WriteString("name", field.Name);
        writer.WritePropertyName("type");
        WriteType(writer, field.Type);
        writer.WriteBoolean("nullable", field.Nullable);
        writer.WriteStartObject("metadata");
        foreach (var (key, value) in field.Metadata)
        {
            writer.WritePropertyName(key);
            value.WriteTo(writer);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
