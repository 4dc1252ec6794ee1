using System.Numerics;
using System.Text.Json;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Snapshots;
using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality.TableChecks;

/// <summary>What the log says about a data file that is exact: its live rows; and unless rows were deleted from it, its NULLs and the bounds of whole numbers.</summary>
/// <remarks>
/// Bounds of texts are cut, of times rounded, of floating point silent about NaN, and after a deletion all of them may be too wide: those are not
/// answered. Under column mapping the log names columns otherwise, so nothing but rows is answered.
/// </remarks>
internal sealed class FileFacts
{
    private readonly long? _rows;
    private readonly Dictionary<string, long> _nulls = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, (BigInteger Low, BigInteger High)> _bounds = new(StringComparer.OrdinalIgnoreCase);

    private FileFacts(long? rows) => _rows = rows;

    public static FileFacts Of(AddFile file, Snapshot snapshot)
    {
        var facts = new FileFacts(file.LiveRecords);
        if (file.DeletionVector is null && file.Stats is { } stats && snapshot.Property("delta.columnMapping.mode") is null or "none")
        {
            facts.Read(stats);
        }

        return facts;
    }

    public bool TryKnow(Metric metric, TableShape shape, out object? value)
    {
        value = metric.Filter is not null || _rows is not { } rows ? null : metric switch
        {
            RowCountMetric => new BigInteger(rows),
            ViolationMetric { Condition: NotNullCondition c } when _nulls.TryGetValue(c.Column, out var nulls) => new BigInteger(nulls),
            KeyCountMetric { Columns: [var column] } when _nulls.TryGetValue(column, out var nulls) => new BigInteger(rows - nulls),
            ViolationMetric { Condition: RangeCondition c } when IsWithin(c, shape) => BigInteger.Zero,
            AggregateMetric { Function: AggregateFunction.Minimum } m when Bounds(m.Column, shape) is { } bounds => bounds.Low,
            AggregateMetric { Function: AggregateFunction.Maximum } m when Bounds(m.Column, shape) is { } bounds => bounds.High,
            _ => null,
        };
        return value is not null;
    }

    private bool IsWithin(RangeCondition range, TableShape shape)
        => Bounds(range.Column, shape) is { } bounds && IsAbove(bounds.Low, range.Minimum, 1) && IsAbove(bounds.High, range.Maximum, -1);

    private static bool IsAbove(BigInteger bound, RuleValue? limit, int sign)
        => limit is null || (limit.Kind == RuleValueKind.Integer && bound.CompareTo(BigInteger.Parse(limit.Text, System.Globalization.CultureInfo.InvariantCulture)) * sign >= 0);

    private (BigInteger Low, BigInteger High)? Bounds(string column, TableShape shape)
        => shape.Find(column)?.Family == ColumnFamily.Integer && _bounds.TryGetValue(column, out var bounds) ? bounds : null;

    private void Read(string stats)
    {
        try
        {
            using var document = JsonDocument.Parse(stats);
            var root = document.RootElement;
            foreach (var (name, count) in Numbers(root, "nullCount"))
            {
                _nulls[name] = (long)count;
            }

            var highs = Numbers(root, "maxValues").ToDictionary(b => b.Name, b => b.Value, StringComparer.OrdinalIgnoreCase);
            foreach (var (name, low) in Numbers(root, "minValues"))
            {
                if (highs.TryGetValue(name, out var high))
                {
                    _bounds[name] = (low, high);
                }
            }
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            // Statistics are optional: damaged ones only cost the reading that they would have spared.
            _nulls.Clear();
            _bounds.Clear();
        }
    }

    private static IEnumerable<(string Name, BigInteger Value)> Numbers(JsonElement root, string property)
    {
        if (!root.TryGetProperty(property, out var columns) || columns.ValueKind != JsonValueKind.Object)
        {
            yield break;
        }

        foreach (var column in columns.EnumerateObject().Where(c => c.Value.ValueKind == JsonValueKind.Number && c.Value.TryGetInt64(out _)))
        {
            yield return (column.Name, column.Value.GetInt64());
        }
    }
}
