using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.Rules;

/// <summary>What a rule may know besides the values it had measured.</summary>
/// <param name="Table">The table, as the suite names it.</param>
/// <param name="Shape">The relation's columns.</param>
/// <param name="Target">What is looked at.</param>
/// <param name="Now">The instant of the run.</param>
internal sealed record RuleContext(string Table, TableShape Shape, QualityTarget Target, DateTimeOffset Now)
{
    /// <summary>Points of the past by the name of their series; only those that rules asked for.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<MetricPoint>> Series { get; init; } = new Dictionary<string, IReadOnlyList<MetricPoint>>();

    /// <summary>Whether there is a store to take <see cref="Series"/> from.</summary>
    public bool HasSeries { get; init; }

    /// <summary>The columns at the time before; null where none are known.</summary>
    public TableShape? PreviousShape { get; init; }

    /// <summary>P-values of the run's distribution rules, adjusted as one family, by rule id.</summary>
    public IReadOnlyDictionary<string, double> AdjustedPValues { get; init; } = new Dictionary<string, double>();

    /// <summary>The day or instant that the data is about.</summary>
    public DateTimeOffset At => Target.At ?? Target.CommittedAt ?? Now;
}
