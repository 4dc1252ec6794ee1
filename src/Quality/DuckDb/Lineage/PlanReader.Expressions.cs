using System.Text.Json;
using DataPlatform.Quality.Lineage;

namespace DataPlatform.Quality.DuckDb.Lineage;

/// <summary>Expressions: the union of the sources of everything they refer to.</summary>
internal sealed partial class PlanReader
{
    // Types say nothing about sources, and the body of a lambda numbers its parameters, not columns: what it captures are children.
    private static readonly HashSet<string> WithoutSources = new(StringComparer.Ordinal)
    {
        "function_data", "return_type", "arguments", "original_arguments", "value", "alias", "type", "expression_class", "binding",
    };

    private static readonly HashSet<string> Masking = new(StringComparer.OrdinalIgnoreCase)
    {
        "hash", "md5", "md5_number", "md5_number_lower", "md5_number_upper", "sha1", "sha256",
    };

    private ColumnSet[] Values(IEnumerable<JsonElement> expressions, ColumnSet[] input) => [.. expressions.Select(e => Value(e, input))];

    private ColumnSet Value(IEnumerable<JsonElement> expressions, ColumnSet[] input) => ColumnSet.Union(expressions.Select(e => Value(e, input)));

    private ColumnSet Value(JsonElement expression, ColumnSet[] input)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
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
            "BOUND_WINDOW" => Window(expression, input),
            var kind => Value(expression.EnumerateObject().Where(p => !WithoutSources.Contains(p.Name)).Select(p => p.Value), input)
                .Through(FlowOf(kind, expression)),
        };
    }

    /// <summary>A window; partitions by an outer row's columns part nothing, and are mostly the binder's own.</summary>
    private ColumnSet Window(JsonElement expression, ColumnSet[] input)
    {
        var partitions = Values(expression.List("partitions"), input).Where(p => !p.IsOuter);
        var others = expression.EnumerateObject().Where(p => p.Name != "partitions" && !WithoutSources.Contains(p.Name)).Select(p => p.Value);
        return ColumnSet.Union([.. partitions, Value(others, input)]).Through(LineageFlow.Transformation);
    }

    private static LineageFlow FlowOf(string? kind, JsonElement expression) => kind switch
    {
        null => LineageFlow.Identity,
        "BOUND_AGGREGATE" => LineageFlow.Transformation | LineageFlow.Aggregation,
        "BOUND_FUNCTION" when Masking.Contains(expression.Text("name") ?? string.Empty) => LineageFlow.Transformation | LineageFlow.Masked,
        _ => LineageFlow.Transformation,
    };

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
