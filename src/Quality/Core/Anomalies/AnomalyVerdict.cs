using System.Text.Json.Serialization;

namespace DataPlatform.Quality.Anomalies;

/// <summary>The judgement on one point, with everything it was made from, so that it can be shown and replayed.</summary>
/// <param name="Point">The point judged; no part of its own baseline.</param>
/// <param name="State">What it is.</param>
/// <param name="Centre">The expected value; NaN while learning.</param>
/// <param name="Spread">One deviation; NaN while learning.</param>
/// <param name="Lower">The lowest value that is normal; negative infinity where that side does not matter.</param>
/// <param name="Upper">The highest value that is normal; positive infinity where that side does not matter.</param>
/// <param name="Score">Deviations from the centre, signed.</param>
/// <param name="Violations">Violations in a row up to and including this point.</param>
/// <param name="Baseline">The points compared with.</param>
/// <param name="Options">The settings used.</param>
public sealed record AnomalyVerdict(
    MetricPoint Point,
    AnomalyState State,
    double Centre,
    double Spread,
    double Lower,
    double Upper,
    double Score,
    int Violations,
    IReadOnlyList<MetricPoint> Baseline,
    BaselineOptions Options)
{
    /// <summary>Whether enough violations in a row make this an alert.</summary>
    public bool IsAlert => State == AnomalyState.Violation && Violations >= Options.Consecutive;

    /// <summary>A point that nobody judged.</summary>
    /// <param name="point">The point.</param>
    public static AnomalyVerdict Unjudged(MetricPoint point)
        => new(point, AnomalyState.Unjudged, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, 0, [], new BaselineOptions());
}

/// <summary>What a judged point is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AnomalyState>))]
public enum AnomalyState
{
    /// <summary>Too few points to judge by.</summary>
    Learning,

    /// <summary>Within the band.</summary>
    Normal,

    /// <summary>Outside the band.</summary>
    Violation,

    /// <summary>On a holiday: not judged.</summary>
    Excluded,

    /// <summary>No rule looked at it.</summary>
    Unjudged,
}
