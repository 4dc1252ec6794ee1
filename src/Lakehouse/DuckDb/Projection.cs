using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse.DuckDb;

/// <summary>Builds the SQL that turns a column of one physical file schema into its type in the table's schema.</summary>
internal sealed class Projection(ColumnMappingMode mode)
{
    private int _lambdas;

    /// <summary>The node of a field among its siblings: by id, by physical name, or by name.</summary>
    public FileSchema? Find(FileSchema parent, StructField field) => mode switch
    {
        ColumnMappingMode.Id when ColumnMapping.IdOf(field) is { } id && parent.Children.Any(c => c.FieldId is not null)
            => parent.Children.Find(c => c.FieldId?.ToString(System.Globalization.CultureInfo.InvariantCulture) == id),
        ColumnMappingMode.None => parent.Find(field.Name),
        _ => parent.Find(ColumnMapping.PhysicalName(field)),
    };

    /// <summary>The expression of a value.</summary>
    /// <param name="type">Its type in the table.</param>
    /// <param name="node">Where it is in the file; null where the file does not have it.</param>
    /// <param name="source">The SQL that reads it from the file.</param>
    public string Of(DeltaType type, FileSchema? node, string source)
    {
        if (node is null || type == DeltaType.Void)
        {
            return $"CAST(NULL AS {Sql.Type(type)})";
        }

        return type switch
        {
            _ when IsExact(type, node) => source,
            StructType structure => Struct(structure, node, source),
            ArrayType array => List(array, node, source),
            MapType map => Map(map, node, source),
            PrimitiveType { Kind: PrimitiveKind.Variant } => Variant(node, source),
            PrimitiveType { Kind: PrimitiveKind.String } when node is { Physical: "BYTE_ARRAY", Converted: null, Logical: null } => $"decode({source})",
            _ => $"CAST({source} AS {Sql.Type(type)})",
        };
    }

    /// <summary>Whether DuckDB reads the node with the very type and names that the table wants, so that nothing needs to be done.</summary>
    private bool IsExact(DeltaType type, FileSchema node) => type switch
    {
        StructType structure => node.Physical is null && structure.Fields.Count == node.Children.Count
            && structure.Fields.Zip(node.Children).All(p => p.First.Name == p.Second.Name && Find(node, p.First) == p.Second
                && IsExact(p.First.Type, p.Second)),
        ArrayType array => ElementOf(node) is { } element && IsExact(array.Element, element),
        MapType map => EntriesOf(node) is { Children: [var key, var value] } && IsExact(map.Key, key) && IsExact(map.Value, value),
        PrimitiveType primitive => IsExact(primitive.Kind, node),
        _ => false,
    };

    private static bool IsExact(PrimitiveKind kind, FileSchema node) => kind switch
    {
        PrimitiveKind.String => node is { Physical: "BYTE_ARRAY", Converted: "UTF8" },
        PrimitiveKind.Long => node is { Physical: "INT64", Converted: null or "INT_64", Logical: null },
        PrimitiveKind.Integer => node is { Physical: "INT32", Converted: null or "INT_32", Logical: null },
        PrimitiveKind.Double => node is { Physical: "DOUBLE" },
        PrimitiveKind.Float => node is { Physical: "FLOAT" },
        PrimitiveKind.Boolean => node is { Physical: "BOOLEAN" },
        PrimitiveKind.Date => node is { Converted: "DATE" },
        _ => false,
    };

    private string Struct(StructType structure, FileSchema node, string source)
    {
        var fields = structure.Fields.Select(f =>
        {
            var child = Find(node, f);
            return $"{Sql.Name(f.Name)} := {Of(f.Type, child, child is null ? string.Empty : $"{source}.{Sql.Name(child.Name)}")}";
        });
        return $"CASE WHEN {source} IS NULL THEN NULL ELSE struct_pack({string.Join(", ", fields)}) END";
    }

    private static string Variant(FileSchema node, string source)
    {
        // What a file marks as a variant DuckDB reads as its own VARIANT, and gives the two binaries back on request.
        var pair = !node.IsVariant ? source
            : $"CAST(variant_to_parquet_variant({source}) AS STRUCT(metadata BLOB, \"value\" BLOB))";
        return $"CASE WHEN {source} IS NULL THEN NULL ELSE "
            + $"struct_pack(\"value\" := struct_extract({pair}, 'value'), metadata := struct_extract({pair}, 'metadata')) END";
    }

    private string List(ArrayType array, FileSchema node, string source)
    {
        var item = NewName();
        return $"list_transform({source}, lambda {item}: {Of(array.Element, ElementOf(node), item)})";
    }

    private string Map(MapType map, FileSchema node, string source)
    {
        var item = NewName();
        var entries = EntriesOf(node);
        var pair = $"struct_pack(k := {Of(map.Key, entries?.Children[0], item + ".key")}, v := {Of(map.Value, entries?.Children[1], item + ".value")})";
        return $"CASE WHEN {source} IS NULL THEN NULL ELSE map_from_entries(list_transform(map_entries({source}), lambda {item}: {pair})) END";
    }

    /// <summary>The element of a list in its three layouts: two nested groups, one repeated group, or a repeated leaf.</summary>
    private static FileSchema? ElementOf(FileSchema node) => node switch
    {
        { Children: [{ IsRepeated: true, Physical: not null } leaf] } => leaf,
        { Children: [{ IsRepeated: true, Children: [var element] } group] } when group.Name is not "array" && group.Name != node.Name + "_tuple" => element,
        { Children: [{ IsRepeated: true } group] } => group,
        _ => null,
    };

    private static FileSchema? EntriesOf(FileSchema node) => node is { Children: [{ IsRepeated: true, Children.Count: 2 } entries] } ? entries : null;

    private string NewName() => $"x{_lambdas++}";
}
