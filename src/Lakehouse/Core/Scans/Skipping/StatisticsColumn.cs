using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse.Scans.Skipping;

/// <summary>A column, or a field nested in one, whose bounds a condition asks for.</summary>
/// <param name="Path">Where statistics hold it: physical names from the top.</param>
/// <param name="Type">Its type.</param>
/// <param name="Partition">The field, where it is a partition column; null for one in the data.</param>
internal sealed record StatisticsColumn(string[] Path, DeltaType Type, StructField? Partition)
{
    /// <summary>One text per column and type: a column whose type was widened is another one.</summary>
    public string Key { get; } = $"{(Partition is null ? 's' : 'p')}{Type}\u001f{string.Join('\u001f', Path)}";

    /// <summary>The column of a name in a schema; null where there is none.</summary>
    /// <param name="schema">The table's schema.</param>
    /// <param name="partitions">The partition columns by logical name.</param>
    /// <param name="name">A column, or a nested field with dots.</param>
    public static StatisticsColumn? Find(StructType schema, IReadOnlyList<string> partitions, string name)
    {
        if (schema.Find(name) is { } top)
        {
            var isPartition = partitions.Contains(top.Name, StringComparer.OrdinalIgnoreCase);
            return new StatisticsColumn([ColumnMapping.PhysicalName(top)], top.Type, isPartition ? top : null);
        }

        DeltaType? type = schema;
        List<string> path = [];
        foreach (var part in name.Split('.'))
        {
            var field = (type as StructType)?.Find(part);
            type = field?.Type;
            path.Add(field is null ? part : ColumnMapping.PhysicalName(field));
        }

        return type is null ? null : new StatisticsColumn([.. path], type, null);
    }
}
