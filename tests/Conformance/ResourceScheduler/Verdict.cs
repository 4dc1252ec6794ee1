using System.Globalization;
using System.Text.Json;

namespace DataPlatform.Conformance.ResourceScheduler;

/// <summary>Compares what came out with what a case expects, member by member, and names the first difference.</summary>
internal static class Verdict
{
    /// <summary>What upstream got after its own rounding is for information.</summary>
    private const string Informative = "upstream_integer_result";

    /// <summary>Expected fractions are written with six decimals.</summary>
    private const double Rounding = 1e-6;

    public static string? Difference(SchedulerCase item, IReadOnlyDictionary<string, object?> actual)
    {
        foreach (var member in item.Expected.EnumerateObject().Where(member => member.Name != Informative))
        {
            if (!actual.TryGetValue(member.Name, out var value))
            {
                return $"nothing computes '{member.Name}'";
            }

            if (Compare(member.Name, member.Value, value, item.Tolerance) is { } difference)
            {
                return difference;
            }
        }

        return null;
    }

    private static string? Compare(string path, JsonElement expected, object? actual, double tolerance)
    {
        switch (expected.ValueKind)
        {
            case JsonValueKind.Object when actual is System.Collections.IDictionary or IReadOnlyDictionary<string, object?> or IReadOnlyDictionary<string, double>:
                return expected.EnumerateObject().Select(member => Compare($"{path}.{member.Name}", member.Value,
                    Member(actual, member.Name), tolerance)).FirstOrDefault(found => found is not null);
            case JsonValueKind.Array when actual is System.Collections.IEnumerable items:
                return CompareItems(path, expected, [.. items.Cast<object?>()], tolerance);
            case JsonValueKind.Number when actual is IConvertible number:
                var value = number.ToDouble(CultureInfo.InvariantCulture);
                return Math.Abs(value - expected.GetDouble()) <= tolerance + Rounding
                    ? null : $"{path}: expected {expected}, got {value.ToString(CultureInfo.InvariantCulture)}";
            case JsonValueKind.True or JsonValueKind.False:
                return actual is bool flag && flag == expected.GetBoolean() ? null : $"{path}: expected {expected}, got {actual}";
            case JsonValueKind.String:
                return actual is string text && text == expected.GetString() ? null : $"{path}: expected {expected}, got {actual}";
            case JsonValueKind.Null:
                return actual is null ? null : $"{path}: expected nothing, got {actual}";
            default:
                return $"{path}: expected {expected}, got {actual ?? "nothing"}";
        }
    }

    private static string? CompareItems(string path, JsonElement expected, object?[] actual, double tolerance)
    {
        if (expected.GetArrayLength() != actual.Length)
        {
            return $"{path}: expected {expected}, got [{string.Join(", ", actual)}]";
        }

        return expected.EnumerateArray().Select((item, i) => Compare($"{path}[{i}]", item, actual[i],
            tolerance)).FirstOrDefault(found => found is not null);
    }

    private static object? Member(object? actual, string name) => actual switch
    {
        IReadOnlyDictionary<string, double> numbers => numbers.TryGetValue(name, out var number) ? number : null,
        IReadOnlyDictionary<string, object?> members => members.GetValueOrDefault(name),
        _ => null,
    };
}
