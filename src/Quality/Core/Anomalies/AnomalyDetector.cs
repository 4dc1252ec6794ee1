using MathNet.Numerics.Distributions;

namespace DataPlatform.Quality.Anomalies;

/// <summary>Judges points against their own past. Pure: the same history, point and options give the same verdict.</summary>
public static class AnomalyDetector
{
    // Makes the median absolute deviation an estimate of a normal's sigma.
    private const double MadScale = 1.4826;

    // A count that was always zero is a small one: what is expected once in a while is no anomaly when it comes.
    private const double CountMin = 1;

    /// <summary>Judges a point.</summary>
    /// <param name="history">Earlier points, in any order; later ones and the point's own instant are ignored, so a re-run replaces its point.</param>
    /// <param name="point">The point.</param>
    /// <param name="options">Settings; the defaults when null.</param>
    public static AnomalyVerdict Judge(IEnumerable<MetricPoint> history, MetricPoint point, BaselineOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(history);
        options ??= new BaselineOptions();
        var track = new SeriesTrack(options);
        foreach (var earlier in history.Where(p => p.At < point.At).OrderBy(p => p.At))
        {
            track.Judge(earlier);
        }

        return track.Judge(point);
    }

    /// <summary>Judges every point of a series against the points before it.</summary>
    /// <param name="series">The points, in order of time.</param>
    /// <param name="options">Settings; the defaults when null.</param>
    public static IReadOnlyList<AnomalyVerdict> JudgeAll(IReadOnlyList<MetricPoint> series, BaselineOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(series);
        var track = new SeriesTrack(options ?? new BaselineOptions());
        return [.. series.Select(track.Judge)];
    }

    /// <summary>Judges a point against points already chosen to compare with, in order of time.</summary>
    internal static AnomalyVerdict JudgeOne(List<MetricPoint> past, MetricPoint point, BaselineOptions options)
    {
        if (options.Holidays.Contains(Day(point)))
        {
            return Unjudged(point, AnomalyState.Excluded, [], options);
        }

        // Where days of the week differ, the first Saturday after five weekdays is no anomaly: nothing like it was seen yet.
        var baseline = Baseline(past, point, options);
        var isWeekday = options.Weekly && baseline.Count >= options.WeekdaysMin && baseline.TrueForAll(p => IsSameWeekday(p, point));
        if ((baseline.Count < Math.Min(options.PointsMin, options.Window) && !isWeekday) || (options.Weekly && !baseline.Exists(p => IsSameWeekday(p, point))))
        {
            return Unjudged(point, AnomalyState.Learning, baseline, options);
        }

        var values = baseline.Select(p => p.Value).ToList();
        var centre = options.Robust ? Median(values) : values.Average();
        var (seen, floor) = (Spread(values, centre, options.Robust), Floor(centre, options));
        var spread = Math.Max(seen, floor);

        // A spread that was seen in few points is uncertain and Student's multiplier bears that; a floor is not seen but known.
        var band = Math.Max(seen * Multiplier(values.Count, options, isSeen: true), floor * Multiplier(values.Count, options, isSeen: false));
        var lower = options.Direction == AnomalyDirection.High ? double.NegativeInfinity : centre - band;
        var upper = options.Direction == AnomalyDirection.Low ? double.PositiveInfinity : centre + band;
        var isOutside = point.Value < lower || point.Value > upper || !double.IsFinite(point.Value);
        var score = spread == 0 ? (point.Value == centre ? 0 : double.PositiveInfinity) : (point.Value - centre) / spread;
        return new AnomalyVerdict(
            point, isOutside ? AnomalyState.Violation : AnomalyState.Normal, centre, spread, lower, upper, score, 0, baseline, options);
    }

    /// <summary>The newest points that are neither incidents nor holidays; of the same weekday once there are enough of those.</summary>
    private static List<MetricPoint> Baseline(List<MetricPoint> past, MetricPoint point, BaselineOptions options)
    {
        var usable = past.Where(p => p.Feedback != PointFeedback.Real && !options.Holidays.Contains(Day(p))).ToList();
        if (options.Weekly)
        {
            var sameDay = usable.Where(p => IsSameWeekday(p, point)).TakeLast(options.Window).ToList();
            if (sameDay.Count >= options.WeekdaysMin)
            {
                return sameDay;
            }
        }

        return [.. usable.TakeLast(options.Window)];
    }

    private static bool IsSameWeekday(MetricPoint one, MetricPoint other) => one.At.UtcDateTime.DayOfWeek == other.At.UtcDateTime.DayOfWeek;

    /// <summary>
    /// How many spreads make the band: Student's t (or the normal's quantile for a known spread) for a new point beside n others. With seven points, three sample deviations would alarm
    /// on 3.1 % of quiet days and not on the 0.27 % that "three sigma" promises.
    /// </summary>
    private static double Multiplier(int points, BaselineOptions options, bool isSeen)
    {
        var tail = options.Direction == AnomalyDirection.Both ? options.FalseAlarmRate / 2 : options.FalseAlarmRate;
        var deviations = isSeen ? StudentT.InvCDF(0, 1, points - 1, 1 - tail) : Normal.InvCDF(0, 1, 1 - tail);
        return deviations * Math.Sqrt(1 + (1.0 / points));
    }

    // The median deviation of few points is often too small, and of half-equal points zero: never below the sample deviation.
    private static double Spread(List<double> values, double centre, bool robust)
    {
        var mean = values.Average();
        var sample = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1));
        return robust ? Math.Max(sample, MadScale * Median([.. values.Select(v => Math.Abs(v - centre))])) : sample;
    }

    private static double Floor(double centre, BaselineOptions options)
        => Math.Max(options.SpreadFloorShare * Math.Abs(centre), options.IsCount ? Math.Sqrt(Math.Max(CountMin, centre)) : 0);

    private static double Median(List<double> values)
    {
        var sorted = values.Order().ToList();
        var middle = sorted.Count / 2;
        return sorted.Count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static AnomalyVerdict Unjudged(MetricPoint point, AnomalyState state, List<MetricPoint> baseline, BaselineOptions options)
        => new(point, state, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, 0, baseline, options);

    private static DateOnly Day(MetricPoint point) => DateOnly.FromDateTime(point.At.UtcDateTime);
}
