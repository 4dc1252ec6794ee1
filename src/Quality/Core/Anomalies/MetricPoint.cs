using System.Text.Json.Serialization;

namespace DataPlatform.Quality.Anomalies;

/// <summary>One measured value of a series.</summary>
/// <param name="At">The day or instant it is about, UTC.</param>
/// <param name="Value">The value; finite.</param>
/// <param name="Feedback">What a person said about it.</param>
public readonly record struct MetricPoint(DateTimeOffset At, double Value, PointFeedback Feedback = PointFeedback.None);

/// <summary>What a person said about a point.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PointFeedback>))]
public enum PointFeedback
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It was a real incident: it is kept out of baselines, so that a repeat is found too.</summary>
    Real,

    /// <summary>It was all right: it belongs to the baseline, whatever was said of it.</summary>
    FalsePositive,
}
