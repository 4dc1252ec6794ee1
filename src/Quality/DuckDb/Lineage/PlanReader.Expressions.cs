using System.Text.Json;

namespace DataPlatform.Quality.DuckDb.Lineage;

/// <summary>Expressions: the union of the sources of everything they refer to.</summary>
internal sealed partial class PlanReader
{
    // Types say nothing about sources, and the body of a lambda numbers its parameters, not columns: what it captures are children.
    private static readonly HashSet<string> WithoutSources = new(StringComparer.Ordinal)
    {
        "function_data", "return_type", "arguments", "original_arguments", "value", "alias", "type", "expression_class", "binding",
    };

    private ColumnSet[] Values(IEnumerable<JsonElement> expressions, ColumnSet[] input) => [.. expressions.Select(e => Value(e, input))];

    private ColumnSet Value(IEnumerable<JsonElement> expressions, ColumnSet[] input) => ColumnSet.Union(expressions.Select(e => Value(e, input)));

    private ColumnSet Value(JsonElement expression, ColumnSet[] input)
    {
        if (expression.ValueKind == JsonValueKind.Array)
        {
            return Value(expression.EnumerateArray(), input);
        }

        if (expression.ValueKind != JsonValueKind.Object)
        {
            return ColumnSet.Empty;
        }

        return expression.Text("expression_class") switch
        {
            "BOUND_REF" => Reference(expression.Int("index"), input),
            "BOUND_COLUMN_REF" => Reference(expression.GetProperty("binding")),
            "BOUND_CONSTANT" or "BOUND_PARAMETER" or "BOUND_LAMBDA_REF" or "BOUND_DEFAULT" => ColumnSet.Empty,
            _ => Value(expression.EnumerateObject().Where(p => !WithoutSources.Contains(p.Name)).Select(p => p.Value), input),
        };
    }

    private static ColumnSet Reference(int position, ColumnSet[] input)
        => position < input.Length ? input[position] : throw new LineageNotFoundException($"A reference to column {position} of {input.Length}.");

    private ColumnSet Reference(JsonElement binding)
    {
        var (table, column) = (binding.Int("table_index"), binding.Int("column_index"));
        return _byTableIndex.TryGetValue(table, out var columns) && column < columns.Length
            ? columns[column]
            : throw new LineageNotFoundException($"A reference to column {column} of table {table}, which was not seen.");
    }
}
