using System.Text.Json;
using System.Text.Json.Serialization;
using DataPlatform.Kernel;

namespace DataPlatform.Quality.Anomalies;

/// <summary>Everything an anomaly verdict was made from, as it is kept with the verdict; it can be shown and judged again.</summary>
/// <param name="Series">The series.</param>
/// <param name="History">The earlier points, in order of time, with what people had said of them by then.</param>
/// <param name="Verdict">What was said then; its baseline is among the history.</param>
public sealed record AnomalyEvidence(string Series, IReadOnlyList<MetricPoint> History, AnomalyVerdict Verdict)
{
    /// <summary>The evidence as JSON, for <see cref="Quality.Verdict.Evidence"/>.</summary>
    public string ToJson() => JsonSerializer.Serialize(KeptAnomaly.Of(this), AnomalyJson.Default.KeptAnomaly);

    /// <summary>Reads evidence.</summary>
    /// <param name="json">What <see cref="ToJson"/> made.</param>
    /// <exception cref="QualityException">It is something else.</exception>
    public static AnomalyEvidence Read(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            return JsonSerializer.Deserialize(json, AnomalyJson.Default.KeptAnomaly)!.ToEvidence();
        }
        catch (Exception e) when (e is JsonException or ArgumentException or NullReferenceException)
        {
            throw new QualityException(ErrorKind.Corrupt, $"A verdict's evidence is none of an anomaly: {e.Message}", e);
        }
    }

    /// <summary>Judges the point again, from the same inputs.</summary>
    public AnomalyVerdict Replay() => AnomalyDetector.Judge(History, Verdict.Point, Verdict.Options);
}

/// <summary>Evidence as it is kept.</summary>
internal sealed record KeptAnomaly(
    string Series, KeptPoint Point, IReadOnlyList<KeptPoint> History, IReadOnlyList<DateTimeOffset> Baseline, AnomalyState State, double Centre, double Spread,
    double Lower, double Upper, double Score, int Violations, KeptBaseline Options)
{
    public static KeptAnomaly Of(AnomalyEvidence evidence)
    {
        var v = evidence.Verdict;
        return new KeptAnomaly(
            evidence.Series, KeptPoint.Of(v.Point), [.. evidence.History.Select(KeptPoint.Of)], [.. v.Baseline.Select(p => p.At)], v.State, v.Centre, v.Spread,
            v.Lower, v.Upper, v.Score, v.Violations, KeptBaseline.Of(v.Options));
    }

    public AnomalyEvidence ToEvidence()
    {
        List<MetricPoint> history = [.. History.Select(p => p.ToPoint())];
        var baseline = Baseline.ToHashSet();
        return new AnomalyEvidence(
            Series,
            history,
            new AnomalyVerdict(
                Point.ToPoint(), State, Centre, Spread, Lower, Upper, Score, Violations, [.. history.Where(p => baseline.Contains(p.At))], Options.ToOptions()));
    }
}

/// <summary>A point as it is kept.</summary>
internal sealed record KeptPoint(DateTimeOffset At, double Value, PointFeedback Feedback)
{
    public static KeptPoint Of(MetricPoint point) => new(point.At, point.Value, point.Feedback);

    public MetricPoint ToPoint() => new(At, Value, Feedback);
}

/// <summary>Settings of a baseline as they are kept.</summary>
internal sealed record KeptBaseline(
    int Window, int PointsMin, int WeekdaysMin, bool Weekly, bool Robust, double FalseAlarmRate, double SpreadFloorShare, bool IsCount, AnomalyDirection Direction,
    int Consecutive, IReadOnlyList<DateOnly> Holidays)
{
    public static KeptBaseline Of(BaselineOptions o) => new(
        o.Window, o.PointsMin, o.WeekdaysMin, o.Weekly, o.Robust, o.FalseAlarmRate, o.SpreadFloorShare, o.IsCount, o.Direction, o.Consecutive, [.. o.Holidays.Order()]);

    public BaselineOptions ToOptions() => new()
    {
        Window = Window,
        PointsMin = PointsMin,
        WeekdaysMin = WeekdaysMin,
        Weekly = Weekly,
        Robust = Robust,
        FalseAlarmRate = FalseAlarmRate,
        SpreadFloorShare = SpreadFloorShare,
        IsCount = IsCount,
        Direction = Direction,
        Consecutive = Consecutive,
        Holidays = Holidays.ToHashSet(),
    };
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(KeptAnomaly))]
internal sealed partial class AnomalyJson : JsonSerializerContext;
