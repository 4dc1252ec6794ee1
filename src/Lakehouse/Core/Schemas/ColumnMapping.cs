using System.Globalization;

namespace DataPlatform.Lakehouse.Schemas;

/// <summary>How columns of the schema are found in data files (protocol section "Column Mapping").</summary>
internal enum ColumnMappingMode
{
    None,
    Name,
    Id,
}

/// <summary>Physical names and ids of fields.</summary>
internal static class ColumnMapping
{
    public const string IdKey = "delta.columnMapping.id";
    public const string PhysicalNameKey = "delta.columnMapping.physicalName";
    public const string ModeProperty = "delta.columnMapping.mode";
    public const string MaxIdProperty = "delta.columnMapping.maxColumnId";

    public static ColumnMappingMode ModeOf(IReadOnlyDictionary<string, string> configuration)
        => configuration.TryGetValue(ModeProperty, out var mode)
            ? mode.ToLower(CultureInfo.InvariantCulture) switch
            {
                "none" => ColumnMappingMode.None,
                "name" => ColumnMappingMode.Name,
                "id" => ColumnMappingMode.Id,
                _ => throw DeltaException.Invalid($"The table's column mapping mode '{mode}' is not known; 'none', 'name' and 'id' are."),
            }
            : ColumnMappingMode.None;

    /// <summary>The name under which data files, statistics and partition values hold a field.</summary>
    public static string PhysicalName(StructField field) => field.Text(PhysicalNameKey) ?? field.Name;

    public static string? IdOf(StructField field) => field.Text(IdKey);

    /// <summary>The same schema with mapping metadata taken out, for tables whose mode is none: a leftover must not change names.</summary>
    public static StructType WithoutMapping(StructType schema) => new([.. schema.Fields.Select(f => f with
    {
        Type = WithoutMapping(f.Type),
        Metadata = f.Metadata.Where(m => m.Key is not IdKey and not PhysicalNameKey).ToDictionary(),
    })]);

    private static DeltaType WithoutMapping(DeltaType type) => type switch
    {
        StructType structure => WithoutMapping(structure),
        ArrayType array => array with { Element = WithoutMapping(array.Element) },
        MapType map => map with { Key = WithoutMapping(map.Key), Value = WithoutMapping(map.Value) },
        _ => type,
    };
}
