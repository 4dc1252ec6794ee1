using System.Globalization;
using System.Text.Json;

namespace DataPlatform.TestKit.DeltaTables;

/// <summary>Rules for the statistics of an add (protocol section "Per-file Statistics").</summary>
internal static class StatsRules
{
    public static void Check(JsonElement add, JsonElement schema, Violations violations)
    {
        var hasVector = add.TryGetProperty("deletionVector", out _);
        if (!add.TryGetProperty("stats", out var text))
        {
            violations.Unless(!hasVector, "add with a deletion vector has no stats, and numRecords is mandatory there");
            return;
        }

        using var document = JsonDocument.Parse(text.GetString()!);
        var stats = document.RootElement;
        foreach (var property in stats.EnumerateObject())
        {
            violations.Unless(
                property.Name is "numRecords" or "tightBounds" or "minValues" or "maxValues" or "nullCount",
                    $"stats.{property.Name} is not in the protocol");
        }

        if (!stats.TryGetProperty("numRecords", out var rows) || !rows.TryGetInt64(out var count) || count < 0)
        {
            violations.Add("stats.numRecords is missing or no count");
            return;
        }

        violations.Unless(
            !hasVector || (stats.TryGetProperty("tightBounds", out var tight) && tight.ValueKind == JsonValueKind.False),
            "stats.tightBounds is not false beside a deletion vector");
        if (hasVector)
        {
            var cardinality = add.GetProperty("deletionVector").GetProperty("cardinality").GetInt64();
            violations.Unless(cardinality > 0 && cardinality < count, $"a deletion vector deletes {cardinality} of {count} rows");
        }

        foreach (var (name, check) in new (string, Action<string, JsonElement, string>)[]
        {
            ("minValues", (path, value, type) => Bound(path, value, type, violations)),
            ("maxValues", (path, value, type) => Bound(path, value, type, violations)),
            ("nullCount", (path, value, _) => violations.Unless(
                value.TryGetInt64(out var nulls) && nulls >= 0 && nulls <= count, $"stats.nullCount.{path} is {value} of {count} rows")),
        })
        {
            if (stats.TryGetProperty(name, out var values))
            {
                Walk(name, string.Empty, values, schema, check, violations);
            }
        }
    }

    private static void Walk(
        string kind, string path, JsonElement values, JsonElement structure, Action<string, JsonElement, string> check,
            Violations violations)
    {
        foreach (var property in values.EnumerateObject())
        {
            var field = structure.GetProperty("fields").EnumerateArray().FirstOrDefault(f => PhysicalName(f) == property.Name);
            if (field.ValueKind == JsonValueKind.Undefined)
            {
                violations.Add($"stats.{kind}.{path}{property.Name} is no physical column");
                continue;
            }

            var type = field.GetProperty("type");
            if (type.ValueKind == JsonValueKind.Object && type.GetProperty("type").GetString() == "struct")
            {
                Walk(kind, $"{path}{property.Name}.", property.Value, type, check, violations);
            }
            else if (property.Value.ValueKind != JsonValueKind.Null)
            {
                check(path + property.Name, property.Value, type.ValueKind == JsonValueKind.String ? type.GetString()!
                    : type.GetProperty("type").GetString()!);
            }
        }
    }

    private static void Bound(string path, JsonElement value, string type, Violations violations)
    {
        var fits = type switch
        {
            "byte" or "short" or "integer" or "long" => value.TryGetInt64(out _),
            "float" or "double" => value.ValueKind == JsonValueKind.Number,
            _ when type.StartsWith("decimal", StringComparison.Ordinal) => value.ValueKind == JsonValueKind.Number,
            "string" => value.ValueKind == JsonValueKind.String,
            "date" => Is(value, "yyyy-MM-dd"),
            "timestamp" => Is(value, "yyyy-MM-ddTHH:mm:ss.fffZ"),
            "timestamp_ntz" => Is(value, "yyyy-MM-ddTHH:mm:ss.fff"),
            _ => false,
        };
        violations.Unless(fits, $"the bound {value} of {path} is not one of the type {type}");
    }

    private static bool Is(JsonElement value, string format)
        => value.ValueKind == JsonValueKind.String
            && DateTime.TryParseExact(value.GetString(), format, CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    public static string PhysicalName(JsonElement field)
        => field.GetProperty("metadata").TryGetProperty("delta.columnMapping.physicalName", out var name) ? name.GetString()!
            : field.GetProperty("name").GetString()!;
}
