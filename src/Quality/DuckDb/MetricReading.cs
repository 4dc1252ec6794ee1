using System.Collections;
using System.Globalization;
using System.Numerics;
using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Profiles;

namespace DataPlatform.Quality.DuckDb;

/// <summary>What DuckDB gives, in the few types that the engine's contract knows.</summary>
internal static class MetricReading
{
    /// <summary>A row with as many columns as were asked for.</summary>
    /// <exception cref="MetricException">An author's expression gave more than one.</exception>
    public static object?[] Whole(object?[] row, int columns) => row.Length == columns
        ? row
        : throw new MetricException("The expression stands for several columns, as COLUMNS(*) does; a rule asks one question, so name the columns.");

    /// <summary>A metric's value.</summary>
    public static object? Of(Metric metric, object? value) => metric switch
    {
        ValueGroupMetric m => Of(m.Inner, value),
        BinCountsMetric m => Filled(Numbers(value), m.Edges.Count + 1),
        ClassCountsMetric => Rest(Numbers(value)),
        MomentsMetric => MomentsOf(value),
        NumberSampleMetric => Doubles(value),
        _ => Scalar(value),
    };

    /// <summary>One number, truth value or text; every whole number, however wide, is one type.</summary>
    public static object? Scalar(object? value) => value switch
    {
        null or bool or decimal or double or BigInteger => value,
        float f => (double)f,
        sbyte or byte or short or ushort or int or uint or long => new BigInteger(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        ulong n => new BigInteger(n),
        _ => value.ToString(),
    };

    /// <summary>A count; no rows at all count nothing.</summary>
    public static long Number(object? value) => value is null ? 0 : (long)(BigInteger)Scalar(value)!;

    /// <summary>A list of counts; no rows at all have none.</summary>
    public static List<long> Numbers(object? value) => value is null ? [] : [.. ((IEnumerable)value).Cast<object>().Select(Number)];

    private static IReadOnlyList<double> Doubles(object? value)
        => value is null ? [] : [.. ((IEnumerable)value).Cast<object>().Select(v => Convert.ToDouble(v, CultureInfo.InvariantCulture))];

    private static IReadOnlyList<long> Filled(List<long> counts, int length) => [.. counts, .. Enumerable.Repeat(0L, length - counts.Count)];

    private static IReadOnlyList<long> Rest(List<long> counts) => [.. counts.SkipLast(1), counts[^1] - counts.SkipLast(1).Sum()];

    private static Moments MomentsOf(object? value)
    {
        double?[] numbers = [.. ((IEnumerable)value!).Cast<object?>().Select(v => v is null ? (double?)null : Convert.ToDouble(v, CultureInfo.InvariantCulture))];
        var count = (long)(numbers[0] ?? 0);
        return count == 0 ? Moments.Empty : new Moments(count, numbers[1]!.Value, numbers[2]!.Value * count, numbers[3]!.Value, numbers[4]!.Value);
    }
}
