using System.Text.Json;
using Apache.Arrow;
using DataPlatform.Lakehouse.Expressions;
using DataPlatform.Lakehouse.Schemas;
using StructType = DataPlatform.Lakehouse.Schemas.StructType;

namespace DataPlatform.Lakehouse.DeltaLog.Checkpoints;

/// <summary>
/// Turns statistics from their JSON text into the typed columns of <c>stats_parsed</c>, which readers prune by without parsing any text.
/// Keyed by physical names, nested like the schema; a value that the text lacks is null.
/// </summary>
internal sealed class StatisticsColumns
{
    private readonly Node[] _nodes;

    /// <param name="schema">The columns of the data files.</param>
    /// <param name="indexed">How many leading leaf columns have statistics; -1 for all.</param>
    /// <param name="named">The columns that have statistics instead; null for none.</param>
    public StatisticsColumns(StructType schema, int indexed, IReadOnlyList<string>? named)
    {
        var left = indexed < 0 ? int.MaxValue : indexed;
        _nodes = Nodes(schema, string.Empty, [], ref left, named);
    }

    /// <summary>The column, a row for each text; null rows stay null.</summary>
    public StructArray Build(IReadOnlyList<string?> texts)
    {
        var documents = texts.Select(StatisticsJson.Parse).ToArray();
        try
        {
            var roots = documents.Select(d => d?.RootElement).ToArray();
            List<(string Name, IArrowArray Column)> columns = [("numRecords", Longs(roots, ["numRecords"]))];
            foreach (var (kind, wanted) in new (string, Func<Node, bool>)[
] { ("minValues", n => n.HasBounds), ("maxValues", n => n.HasBounds), ("nullCount", _ => true) })
            {
                if (Struct(_nodes, kind, wanted, roots) is { } column)
                {
                    columns.Add((kind, column));
                }
            }

            columns.Add(("tightBounds",
                ArrowColumns.Flags(roots.Select(r => Walk(r, ["tightBounds"]) is { ValueKind: JsonValueKind.True or JsonValueKind.False } v
                ? v.GetBoolean() : (bool?)null))));
            return Pack(columns, [.. roots.Select(r => r is not null)]);
        }
        finally
        {
            foreach (var document in documents)
            {
                document?.Dispose();
            }
        }
    }

    private static StructArray? Struct(Node[] nodes, string kind, Func<Node, bool> wanted, JsonElement?[] roots)
    {
        List<(string Name, IArrowArray Column)> columns = [];
        foreach (var node in nodes)
        {
            var column = node.Children.Length > 0 ? Struct(node.Children, kind, wanted, roots) : wanted(node) ? Leaf(node, kind, roots)
                : null;
            if (column is not null)
            {
                columns.Add((node.Path[^1], column));
            }
        }

        return columns.Count > 0 ? Pack(columns, [.. roots.Select(r => r is not null)]) : null;
    }

    private static IArrowArray Leaf(Node node, string kind, JsonElement?[] roots)
        => kind == "nullCount" ? Longs(roots, [kind, .. node.Path])
            : ValueColumn.Of(node.Field, [.. roots.Select(r => StatisticsJson.Value(Walk(r, [kind, .. node.Path]), node.Field.Type))]);

    private static IArrowArray Longs(JsonElement?[] roots, string[] path)
        => ArrowColumns.Longs(roots.Select(
            r => Walk(r, path) is { ValueKind: JsonValueKind.Number } v && v.TryGetInt64(out var number) ? number : (long?)null));

    private static StructArray Pack(List<(string Name, IArrowArray Column)> columns, bool[] present)
        => ArrowColumns.Struct(
            [.. columns.Select(c => new Field(c.Name, c.Column.Data.DataType, true))], [.. columns.Select(c => c.Column)], present);

    private static JsonElement? Walk(JsonElement? root, string[] path)
    {
        if (root is not { } element)
        {
            return null;
        }

        foreach (var part in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(part, out element))
            {
                return null;
            }
        }

        return element;
    }

    private static Node[] Nodes(StructType schema, string prefix, string[] parents, ref int left, IReadOnlyList<string>? named)
    {
        List<Node> nodes = [];
        foreach (var field in schema.Fields)
        {
            var path = prefix + field.Name;
            string[] physical = [.. parents, ColumnMapping.PhysicalName(field)];
            if (field.Type is StructType nested)
            {
                nodes.Add(new Node(field, physical, Nodes(nested, path + ".", physical, ref left, named)));
            }
            else if (field.Type != DeltaType.Void
                && (named?.Any(n => path == n || path.StartsWith(n + ".", StringComparison.Ordinal)) ?? left-- > 0))
            {
                nodes.Add(new Node(field, physical, []));
            }
        }

        return [.. nodes];
    }

    private sealed record Node(StructField Field, string[] Path, Node[] Children)
    {
        public bool HasBounds => Field.Type is DecimalType or PrimitiveType
        {
            Kind: not (PrimitiveKind.Boolean or PrimitiveKind.Binary or PrimitiveKind.Variant or PrimitiveKind.Void),
        };
    }
}
