using System.Text.Json.Serialization;

namespace DataPlatform.Quality.Anomalies;

/// <summary>How a baseline is made and what counts as far from it.</summary>
public sealed record BaselineOptions
{
    /// <summary>Points in the baseline, 2 to 366; 7 unless said otherwise: a week of days.</summary>
    public int Window { get; init => field = InRange(value, 2, 366); } = 7;

    /// <summary>Points below which there is no judgement yet; 5 unless said otherwise, and never more than <see cref="Window"/>.</summary>
    public int PointsMin { get; init => field = InRange(value, 2, 366); } = 5;

    /// <summary>Same weekdays needed before only those are compared with, when <see cref="Weekly"/> is on; 3 unless said otherwise.</summary>
    public int WeekdaysMin { get; init => field = InRange(value, 3, 52); } = 3;

    /// <summary>Whether days are compared with the same weekday once there are enough of them.</summary>
    public bool Weekly { get; init; }

    /// <summary>Whether the centre is the median and the spread the scaled median deviation, so that one odd point moves neither.</summary>
    public bool Robust { get; init; } = true;

    /// <summary>The share of false alarms borne per point on a quiet series, two-sided; 0.0027 unless said otherwise: three sigma of a normal.</summary>
    public double FalseAlarmRate
    {
        get;
        init => field = value is > 0 and < 0.5 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "A rate of false alarms lies between 0 and 0.5.");
    } = 0.0027;

    /// <summary>The least spread, as a share of the centre: a series that never moved is not alarmed by its first small step. 1 % unless said otherwise.</summary>
    public double SpreadFloorShare
    {
        get;
        init => field = value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "The least spread is 0 to 1 of the centre.");
    } = 0.01;

    /// <summary>Whether values are counts, whose spread is at least the square root of the centre, and at least 1.</summary>
    public bool IsCount { get; init; }

    /// <summary>Which side matters.</summary>
    public AnomalyDirection Direction { get; init; } = AnomalyDirection.Both;

    /// <summary>Violations in a row before there is an alert; 1 unless said otherwise.</summary>
    public int Consecutive { get; init => field = InRange(value, 1, 100); } = 1;

    /// <summary>Days that are neither judged nor part of a baseline.</summary>
    public IReadOnlySet<DateOnly> Holidays { get; init; } = new HashSet<DateOnly>();

    private static int InRange(int value, int low, int high)
        => value >= low && value <= high ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"Between {low} and {high}.");
}

/// <summary>Which side of a baseline matters.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AnomalyDirection>))]
public enum AnomalyDirection
{
    /// <summary>Too high and too low.</summary>
    Both,

    /// <summary>Too high only, as with null rates.</summary>
    High,

    /// <summary>Too low only, as with row counts.</summary>
    Low,
}
