using System.Text.Json;

namespace DataPlatform.TestKit.DeltaTables;

/// <summary>Rules for one action by itself: its fields, their order and their types (protocol section "Actions").</summary>
internal static class ActionRules
{
    private static readonly Dictionary<string, (string Field, JsonValueKind Kind, bool Required)[]> Fields = new()
    {
        ["add"] =
        [
            ("path", JsonValueKind.String, true), ("partitionValues", JsonValueKind.Object, true), ("size", JsonValueKind.Number, true),
            ("modificationTime", JsonValueKind.Number, true), ("dataChange", JsonValueKind.True, true),
                ("stats", JsonValueKind.String, false),
            ("tags", JsonValueKind.Object, false), ("deletionVector", JsonValueKind.Object, false),
                ("baseRowId", JsonValueKind.Number, false),
            ("defaultRowCommitVersion", JsonValueKind.Number, false), ("clusteringProvider", JsonValueKind.String, false),
        ],
        ["remove"] =
        [
            ("path", JsonValueKind.String, true), ("deletionTimestamp", JsonValueKind.Number, false),
                ("dataChange", JsonValueKind.True, true),
            ("extendedFileMetadata", JsonValueKind.True, false), ("partitionValues", JsonValueKind.Object, false),
            ("size", JsonValueKind.Number, false), ("stats", JsonValueKind.String, false), ("tags", JsonValueKind.Object, false),
            ("deletionVector", JsonValueKind.Object, false), ("baseRowId", JsonValueKind.Number, false),
            ("defaultRowCommitVersion", JsonValueKind.Number, false),
        ],
        ["cdc"] =
        [
            ("path", JsonValueKind.String, true), ("partitionValues", JsonValueKind.Object, true), ("size", JsonValueKind.Number, true),
            ("dataChange", JsonValueKind.True, true), ("tags", JsonValueKind.Object, false),
        ],
        ["metaData"] =
        [
            ("id", JsonValueKind.String, true), ("name", JsonValueKind.String, false), ("description", JsonValueKind.String, false),
            ("format", JsonValueKind.Object, true), ("schemaString", JsonValueKind.String, true),
                ("partitionColumns", JsonValueKind.Array, true),
            ("configuration", JsonValueKind.Object, true), ("createdTime", JsonValueKind.Number, false),
        ],
        ["protocol"] =
        [
            ("minReaderVersion", JsonValueKind.Number, true), ("minWriterVersion", JsonValueKind.Number, true),
            ("readerFeatures", JsonValueKind.Array, false), ("writerFeatures", JsonValueKind.Array, false),
        ],
        ["txn"] =
            [("appId", JsonValueKind.String, true), ("version", JsonValueKind.Number, true), ("lastUpdated", JsonValueKind.Number, false)],
        ["domainMetadata"] =
            [("domain", JsonValueKind.String, true), ("configuration", JsonValueKind.String, true), ("removed", JsonValueKind.True, true)],
        ["deletionVector"] =
        [
            ("storageType", JsonValueKind.String, true), ("pathOrInlineDv", JsonValueKind.String, true),
                ("offset", JsonValueKind.Number, false),
            ("sizeInBytes", JsonValueKind.Number, true), ("cardinality", JsonValueKind.Number, true),
        ],
        ["commitInfo"] =
        [
            ("inCommitTimestamp", JsonValueKind.Number, false), ("timestamp", JsonValueKind.Number, true),
                ("operation", JsonValueKind.String, true),
            ("operationParameters", JsonValueKind.Object, true), ("readVersion", JsonValueKind.Number, false),
            ("isolationLevel", JsonValueKind.String, false), ("isBlindAppend", JsonValueKind.True, true),
            ("operationMetrics", JsonValueKind.Object, false), ("userMetadata", JsonValueKind.String, false),
            ("tags", JsonValueKind.Object, false), ("engineInfo", JsonValueKind.String, true), ("txnId", JsonValueKind.String, true),
        ],
    };

    public static void Check(string kind, JsonElement body, Violations violations)
    {
        if (!Fields.TryGetValue(kind, out var fields))
        {
            violations.Add($"'{kind}' is no action of a commit");
            return;
        }

        var last = -1;
        HashSet<string> seen = [];
        foreach (var property in body.EnumerateObject())
        {
            var index = Array.FindIndex(fields, f => f.Field == property.Name);
            violations.Unless(seen.Add(property.Name), $"{kind}.{property.Name} is there twice");
            violations.Unless(index >= 0, $"{kind}.{property.Name} is not in the protocol");
            violations.Unless(index > last, $"{kind}.{property.Name} is out of the protocol's order");
            violations.Unless(
                index < 0 || property.Value.ValueKind == fields[index].Kind
                    || (fields[index].Kind == JsonValueKind.True && property.Value.ValueKind == JsonValueKind.False),
                $"{kind}.{property.Name} is {property.Value.ValueKind}");
            last = Math.Max(last, index);
        }

        foreach (var (field, _, _) in fields.Where(f => f.Required && !seen.Contains(f.Field)))
        {
            violations.Add($"{kind}.{field} is missing");
        }

        if (body.TryGetProperty("deletionVector", out var vector))
        {
            Check("deletionVector", vector, violations);
        }

        foreach (var name in new[] { "partitionValues", "tags", "configuration", "operationMetrics", "operationParameters" })
        {
            if (body.TryGetProperty(name, out var map) && map.ValueKind == JsonValueKind.Object)
            {
                violations.Unless(
                    map.EnumerateObject().All(v => v.Value.ValueKind is JsonValueKind.String or JsonValueKind.Null),
                        $"{kind}.{name} holds other values than text");
            }
        }
    }
}
