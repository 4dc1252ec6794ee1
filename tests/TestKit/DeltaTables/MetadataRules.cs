using System.Text.Json;

namespace DataPlatform.TestKit.DeltaTables;

/// <summary>Rules for the metadata in force, and for the features that it asks of the protocol.</summary>
internal static class MetadataRules
{
    public static void Check(TableState state, JsonElement metadata, Violations violations)
    {
        violations.Unless(Guid.TryParse(metadata.GetProperty("id").GetString(), out _), "metaData.id is no UUID");
        violations.Unless(metadata.GetProperty("format").GetProperty("provider").GetString() == "parquet",
            "metaData.format is not parquet");
        var schema = state.Schema;
        violations.Unless(schema.GetProperty("type").GetString() == "struct", "the schema is no struct");
        List<JsonElement> fields = [];
        Collect(schema, fields, violations);
        var names = schema.GetProperty("fields").EnumerateArray().Select(f => f.GetProperty("name").GetString()!).ToArray();
        foreach (var partition in metadata.GetProperty("partitionColumns").EnumerateArray())
        {
            violations.Unless(names.Contains(partition.GetString()), $"the partition column '{partition}' is not in the schema");
        }

        CheckMapping(state, fields, violations);
        CheckFeatures(state, fields, violations);
    }

    private static void CheckMapping(TableState state, List<JsonElement> fields, Violations violations)
    {
        if (state.Property("delta.columnMapping.mode") is not ("name" or "id"))
        {
            return;
        }

        HashSet<long> ids = [];
        HashSet<string> physical = new(StringComparer.Ordinal);
        foreach (var field in fields)
        {
            var has = field.GetProperty("metadata").TryGetProperty("delta.columnMapping.id", out var id);
            violations.Unless(has && ids.Add(id.GetInt64()), $"the mapped column {field.GetProperty("name")} has no id of its own");
            violations.Unless(
                field.GetProperty("metadata").TryGetProperty("delta.columnMapping.physicalName", out _),
                    $"the mapped column {field.GetProperty("name")} has no physical name");
        }

        foreach (var field in state.Schema.GetProperty("fields").EnumerateArray())
        {
            violations.Unless(physical.Add(StatsRules.PhysicalName(field)),
                $"two columns share the physical name {StatsRules.PhysicalName(field)}");
        }

        var max = long.Parse(state.Property("delta.columnMapping.maxColumnId") ?? "-1", System.Globalization.CultureInfo.InvariantCulture);
        violations.Unless(ids.Count == 0 || ids.Max() <= max, "a column id lies above delta.columnMapping.maxColumnId");
    }

    private static void CheckFeatures(TableState state, List<JsonElement> fields, Violations violations)
    {
        void Needs(bool used, string feature)
            => violations.Unless(!used || state.HasFeature(feature), $"the feature '{feature}' is used, and the protocol lacks it");
        bool Uses(string type) => fields.Any(f => f.GetProperty("type") is { ValueKind: JsonValueKind.String } t && t.GetString() == type);
        bool Has(string key) => fields.Any(f => f.GetProperty("metadata").TryGetProperty(key, out _));
        Needs(Uses("timestamp_ntz"), "timestampNtz");
        Needs(Has("delta.typeChanges"), "typeWidening");
        Needs(Has("delta.identity.start"), "identityColumns");
        Needs(Has("delta.generationExpression"), "generatedColumns");
        Needs(Has("CURRENT_DEFAULT"), "allowColumnDefaults");
        Needs(state.Property("delta.columnMapping.mode") is "name" or "id", "columnMapping");
        Needs(state.Property("delta.checkpointPolicy") == "v2", "v2Checkpoint");
        Needs(state.Is("delta.enableInCommitTimestamps"), "inCommitTimestamp");
        Needs(state.Is("delta.enableRowTracking"), "rowTracking");
        Needs(state.Is("delta.enableDeletionVectors"), "deletionVectors");
        Needs(state.Is("delta.enableTypeWidening"), "typeWidening");
        Needs(state.Is("delta.enableChangeDataFeed"), "changeDataFeed");
        Needs(state.HasFeature("rowTracking"), "domainMetadata");
        if (state.Is("delta.enableRowTracking"))
        {
            foreach (var name in new[
                ] { "delta.rowTracking.materializedRowIdColumnName", "delta.rowTracking.materializedRowCommitVersionColumnName" })
            {
                violations.Unless(state.Property(name) is { Length: > 0 }, $"row tracking is on, and {name} is not set");
            }
        }
    }

    /// <summary>All named fields at every depth, unique ignoring case within each struct.</summary>
    private static void Collect(JsonElement type, List<JsonElement> fields, Violations violations)
    {
        if (type.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        switch (type.GetProperty("type").GetString())
        {
            case "struct":
                HashSet<string> names = new(StringComparer.OrdinalIgnoreCase);
                foreach (var field in type.GetProperty("fields").EnumerateArray())
                {
                    violations.Unless(names.Add(field.GetProperty("name").GetString()!),
                        $"the column {field.GetProperty("name")} is there twice");
                    fields.Add(field);
                    Collect(field.GetProperty("type"), fields, violations);
                }

                break;
            case "array": Collect(type.GetProperty("elementType"), fields, violations); break;
            case "map":
                Collect(type.GetProperty("keyType"), fields, violations);
                Collect(type.GetProperty("valueType"), fields, violations);
                break;
        }
    }
}
