using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace DataPlatform.Quality.Diagnostics;

/// <summary>Traces and instruments of the engine, under OpenTelemetry names.</summary>
internal static class QualityTelemetry
{
    public static readonly ActivitySource Activities = new("DataPlatform.Quality");

    private static readonly Meter Meter = new("DataPlatform.Quality");

    /// <summary>Seconds per run of a suite.</summary>
    public static readonly Histogram<double> RunDuration = Meter.CreateHistogram<double>("quality.run.duration", unit: "s");

    /// <summary>Verdicts by outcome.</summary>
    public static readonly Counter<long> Verdicts = Meter.CreateCounter<long>("quality.verdicts", unit: "{verdict}");

    /// <summary>Alert messages given up after too many attempts.</summary>
    public static readonly Counter<long> MessagesGivenUp = Meter.CreateCounter<long>("quality.alerts.given_up", unit: "{message}");

    public static KeyValuePair<string, object?> Tag(Outcome outcome) => new("quality.outcome", outcome.ToString());
}
