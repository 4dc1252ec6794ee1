using System.Text;
using System.Text.Json;

namespace DataPlatform.Conformance.Quality;

/// <summary>
/// A plan without its contents: which operators and expressions lie in which, and which properties each has. It is what a reader of plans
/// relies on, and what a new version of DuckDB may change.
/// </summary>
internal static class PlanShape
{
    // What only one function or type is about, and no reader looks into.
    private static readonly HashSet<string> Opaque = new(StringComparer.Ordinal) { "function_data", "return_type", "type_info", "value", "value_type", "arguments", "original_arguments" };

    public static string Of(JsonElement plan)
    {
        var text = new StringBuilder();
        Write(plan, text);
        return text.ToString();
    }

    private static void Write(JsonElement node, StringBuilder text)
    {
        if (node.ValueKind == JsonValueKind.Array)
        {
            var shapes = node.EnumerateArray().Select(Of).Where(s => s.Length > 0).ToList();
            text.Append('[').AppendJoin(' ', Runs(shapes)).Append(']');
        }
        else if (node.ValueKind == JsonValueKind.Object)
        {
            text.Append(NameOf(node)).Append('{');
            foreach (var property in node.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal))
            {
                text.Append(property.Name);
                if (!Opaque.Contains(property.Name) && property.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
                {
                    text.Append(':');
                    Write(property.Value, text);
                }

                text.Append(' ');
            }

            text.Append('}');
        }
    }

    private static string NameOf(JsonElement node)
        => (node.TryGetProperty("expression_class", out var kind) || node.TryGetProperty("type", out kind)) && kind.ValueKind == JsonValueKind.String
            ? kind.GetString()!
            : string.Empty;

    /// <summary>Equal neighbours once: a list of fifty columns has the shape of one.</summary>
    private static IEnumerable<string> Runs(IEnumerable<string> shapes)
    {
        string? last = null;
        foreach (var shape in shapes.Where(s => s != last))
        {
            yield return last = shape;
        }
    }
}
