using System.Globalization;
using System.Text.Json;
using DataPlatform.Lakehouse.DeltaLog;

namespace DataPlatform.Lakehouse.Schemas;

/// <summary>Changes a table's schema without touching its files.</summary>
internal static class SchemaEvolution
{
    /// <summary>The table's schema with the incoming columns that it lacks added at the end, nullable, in nested structs too.</summary>
    /// <exception cref="DeltaException">A column is there with another type; the message names it and both types.</exception>
    public static StructType Merge(StructType table, StructType incoming) => Merge(table, incoming, string.Empty);

    /// <summary>The metadata with another schema; new columns get ids and physical names where the table maps columns.</summary>
    public static Metadata WithSchema(Metadata metadata, StructType schema)
    {
        if (ColumnMapping.ModeOf(metadata.Configuration) == ColumnMappingMode.None)
        {
            return metadata with { SchemaString = schema.ToJson() };
        }

        var last = metadata.Configuration.TryGetValue(ColumnMapping.MaxIdProperty, out var text) ? long.Parse(text, CultureInfo.InvariantCulture) : 0;
        var mapped = AssignIds(schema, ref last);
        return metadata with
        {
            SchemaString = mapped.ToJson(),
            Configuration = new Dictionary<string, string>(metadata.Configuration)
            {
                [ColumnMapping.MaxIdProperty] = last.ToString(CultureInfo.InvariantCulture),
            },
        };
    }

    /// <summary>Refuses types that need a feature which the table does not have.</summary>
    public static void CheckFeatures(Protocol protocol, StructType schema)
    {
        foreach (var (type, feature) in new[] { (DeltaType.TimestampNtz, TableFeatures.TimestampNtz), (DeltaType.Variant, "variantType") })
        {
            if (Uses(schema, type) && !TableFeatures.Has(protocol, feature))
            {
                throw DeltaException.Invalid($"A new column has the type {type}, which needs the table feature '{feature}'; upgrade the table first.");
            }
        }
    }

    public static bool Uses(DeltaType type, DeltaType wanted) => type switch
    {
        StructType structure => structure.Fields.Any(f => Uses(f.Type, wanted)),
        ArrayType array => Uses(array.Element, wanted),
        MapType map => Uses(map.Key, wanted) || Uses(map.Value, wanted),
        _ => type == wanted,
    };

    /// <summary>Fields without an id get the next one, and a physical name of their own.</summary>
    public static StructType AssignIds(StructType schema, ref long last)
    {
        List<StructField> fields = [];
        foreach (var field in schema.Fields)
        {
            var mapped = field;
            if (ColumnMapping.IdOf(field) is null)
            {
                mapped = mapped.With(ColumnMapping.IdKey, JsonSerializer.SerializeToElement(++last));
                mapped = mapped.With(
                    ColumnMapping.PhysicalNameKey, JsonSerializer.SerializeToElement(field.Text(ColumnMapping.PhysicalNameKey) ?? $"col-{Guid.NewGuid():D}"));
            }

            fields.Add(mapped with { Type = AssignIds(field.Type, ref last) });
        }

        return new StructType(fields);
    }

    /// <summary>The schema with each logical name as the physical one, for tables whose files were written before columns were mapped.</summary>
    public static StructType WithPhysicalNames(StructType schema) => new([.. schema.Fields.Select(f =>
        (f with { Type = WithPhysicalNames(f.Type) }).With(ColumnMapping.PhysicalNameKey, JsonSerializer.SerializeToElement(f.Name)))]);

    private static DeltaType WithPhysicalNames(DeltaType type) => type switch
    {
        StructType structure => WithPhysicalNames(structure),
        ArrayType array => array with { Element = WithPhysicalNames(array.Element) },
        MapType map => map with { Key = WithPhysicalNames(map.Key), Value = WithPhysicalNames(map.Value) },
        _ => type,
    };

    private static DeltaType AssignIds(DeltaType type, ref long last)
    {
        switch (type)
        {
            case StructType structure: return AssignIds(structure, ref last);
            case ArrayType array: return array with { Element = AssignIds(array.Element, ref last) };
            case MapType map:
                var key = AssignIds(map.Key, ref last);
                return map with { Key = key, Value = AssignIds(map.Value, ref last) };
            default: return type;
        }
    }

    private static StructType Merge(StructType table, StructType incoming, string path)
    {
        List<StructField> fields = [.. table.Fields.Select(f => incoming.Find(f.Name) is { } given ? f with { Type = Merge(f.Type, given.Type, path + f.Name) } : f)];
        fields.AddRange(incoming.Fields.Where(f => table.Find(f.Name) is null).Select(f => f with { Nullable = true }));
        return new StructType(fields);
    }

    private static DeltaType Merge(DeltaType table, DeltaType incoming, string path) => (table, incoming) switch
    {
        (StructType a, StructType b) => Merge(a, b, path + "."),
        (ArrayType a, ArrayType b) => a with { Element = Merge(a.Element, b.Element, path + ".element") },
        (MapType a, MapType b) => a with { Key = Merge(a.Key, b.Key, path + ".key"), Value = Merge(a.Value, b.Value, path + ".value") },
        _ when table.Equals(incoming) => table,
        (_, PrimitiveType { Kind: PrimitiveKind.Void }) => table,
        _ => throw DeltaException.Invalid($"The column '{path}' is {table} in the table, and {incoming} in the rows to write; types do not merge."),
    };
}
