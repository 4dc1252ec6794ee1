using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse.Transactions;

/// <summary>Tells which writer features bind a writer of a table, beyond being listed in its protocol.</summary>
internal static class ActiveFeatures
{
    public const string ConstraintPrefix = "delta.constraints.";

    public static Func<string, bool> In(Metadata metadata, StructType schema) => feature => feature switch
    {
        TableFeatures.CheckConstraints => metadata.Configuration.Keys.Any(k => k.StartsWith(ConstraintPrefix, StringComparison.Ordinal)),
        TableFeatures.ChangeDataFeed => TableProperties.ChangeDataFeed(metadata),
        TableFeatures.GeneratedColumns => AnyField(schema, "delta.generationExpression"),
        TableFeatures.IdentityColumns => AnyField(schema, "delta.identity.start"),
        TableFeatures.Invariants => AnyField(schema, "delta.invariants"),
        TableFeatures.ColumnDefaults => AnyField(schema, "CURRENT_DEFAULT"),
        TableFeatures.ColumnMapping => ColumnMapping.ModeOf(metadata.Configuration) != ColumnMappingMode.None,
        TableFeatures.InCommitTimestamp => TableProperties.InCommitTimestamps(metadata),
        TableFeatures.RowTracking => true,
        TableFeatures.TypeWidening or TableFeatures.TypeWideningPreview => false,
        _ => true,
    };

    private static bool AnyField(StructType schema, string key)
        => schema.Fields.Any(f => f.Metadata.ContainsKey(key) || AnyField(f.Type, key));

    private static bool AnyField(DeltaType type, string key) => type switch
    {
        StructType structure => AnyField(structure, key),
        ArrayType array => AnyField(array.Element, key),
        MapType map => AnyField(map.Key, key) || AnyField(map.Value, key),
        _ => false,
    };
}
