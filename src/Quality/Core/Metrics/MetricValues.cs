using System.Globalization;
using System.Numerics;

namespace DataPlatform.Quality.Metrics;

/// <summary>What was measured, by metric.</summary>
internal sealed class MetricValues
{
    private readonly Dictionary<string, object?> _values = [];
    private readonly Dictionary<string, string> _errors = [];

    public void Set(Metric metric, object? value) => _values[metric.Key] = value;

    public void Fail(Metric metric, string reason) => _errors[metric.Key] = reason;

    /// <summary>Why a metric has no value; null when it has one.</summary>
    public string? Error(Metric metric) => _errors.GetValueOrDefault(metric.Key);

    /// <summary>Whether a metric was measured.</summary>
    public bool Has(Metric metric) => _values.ContainsKey(metric.Key);

    public object? Value(Metric metric) => _values[metric.Key];

    /// <summary>A count as a whole number; an engine's NULL, as over no rows at all, is zero.</summary>
    public long Count(Metric metric) => Value(metric) switch
    {
        null => 0,
        BigInteger n => (long)n,
        var other => Convert.ToInt64(other, CultureInfo.InvariantCulture),
    };

    /// <summary>A value as a number; null when there is none.</summary>
    public double? Number(Metric metric) => Value(metric) switch
    {
        null => null,
        BigInteger n => (double)n,
        var other => Convert.ToDouble(other, CultureInfo.InvariantCulture),
    };

    /// <summary>A value as culture-free text; a decimal without trailing zeros, so that a sum of parts reads as the sum of the whole.</summary>
    public string? Text(Metric metric) => Value(metric) is decimal number
        ? number.ToString("0.############################", CultureInfo.InvariantCulture)
        : Convert.ToString(Value(metric), CultureInfo.InvariantCulture);
}
