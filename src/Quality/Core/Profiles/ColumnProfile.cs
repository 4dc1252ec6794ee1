using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.Profiles;

/// <summary>What a column looks like.</summary>
/// <param name="Name">The column.</param>
/// <param name="Type">Its SQL type.</param>
/// <param name="Family">What can be asked of it; says what the numbers below are about: values, lengths of texts, or microseconds since 1970.</param>
/// <param name="Rows">Rows.</param>
/// <param name="Nulls">Rows that hold NULL.</param>
/// <param name="NotFinite">Rows that hold NaN or an infinity.</param>
/// <param name="Distinct">Different values, estimated; relative standard error <see cref="HyperLogLog.RelativeError"/>.</param>
/// <param name="Minimum">The lowest; null for none.</param>
/// <param name="Maximum">The highest; null for none.</param>
/// <param name="Mean">The mean; null for none.</param>
/// <param name="StandardDeviation">The sample standard deviation; null below two.</param>
/// <param name="Percentiles">Values by percent: 1, 5, 25, 50, 75, 95, 99; rank error <see cref="QuantileSketch.RankError"/>. Empty for no values.</param>
/// <param name="Top">The most frequent values.</param>
/// <param name="Patterns">The most frequent shapes of texts.</param>
/// <param name="Histogram">Equal bins between the lowest and the highest; empty for no values.</param>
public sealed record ColumnProfile(
    string Name,
    string Type,
    ColumnFamily Family,
    long Rows,
    long Nulls,
    long NotFinite,
    double Distinct,
    double? Minimum,
    double? Maximum,
    double? Mean,
    double? StandardDeviation,
    IReadOnlyDictionary<int, double> Percentiles,
    IReadOnlyList<ValueCount> Top,
    IReadOnlyList<ValueCount> Patterns,
    IReadOnlyList<HistogramBin> Histogram)
{
    private static readonly int[] Shown = [1, 5, 25, 50, 75, 95, 99];
    private const int TopMax = 10;
    private const int Bins = 20;

    /// <summary>The share of NULL, 0 to 1; 0 for no rows.</summary>
    public double NullShare => Rows == 0 ? 0 : (double)Nulls / Rows;

    /// <summary>The time that a number of a column of dates or times stands for; null where it lies outside the calendar of .NET, years 1 to 9999.</summary>
    /// <param name="microseconds">Microseconds since 1970-01-01 UTC.</param>
    public static DateTimeOffset? TimeOf(double microseconds) => EpochTime.IsInCalendar(microseconds) ? EpochTime.Of(microseconds) : null;

    /// <summary>Reads a profile off a state.</summary>
    /// <param name="state">The state, of one partition or of many merged.</param>
    public static ColumnProfile Of(ColumnState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var moments = state.Moments;
        var isEmpty = moments.Count == 0;

        // An estimate above the number of values would be an embarrassment rather than an error.
        var distinct = Math.Min(Math.Round(state.Distinct.Estimate()), state.Rows - state.Nulls);
        return new ColumnProfile(
            state.Name, state.Type, state.Family, state.Rows, state.Nulls, state.NotFinite, distinct,
            isEmpty ? null : moments.Minimum,
            isEmpty ? null : moments.Maximum,
            isEmpty ? null : moments.Mean,
            moments.Count < 2 ? null : moments.StandardDeviation,
            isEmpty ? new Dictionary<int, double>() : Shown.ToDictionary(p => p, p => state.Quantiles.Quantile(p / 100.0)),
            Counts(state.Top),
            Counts(state.Patterns),
            isEmpty ? [] : HistogramOf(state));
    }

    private static IReadOnlyList<ValueCount> Counts(TopValues values) => [.. values.Top(TopMax).Select(t => new ValueCount(t.Value, t.Count))];

    private static List<HistogramBin> HistogramOf(ColumnState state)
    {
        var (low, high) = (state.Moments.Minimum, state.Moments.Maximum);
        var width = (high - low) / Bins;
        if (!(width > 0))
        {
            return [new HistogramBin(low, high, state.Moments.Count)];
        }

        var counts = new long[Bins];
        foreach (var (value, weight) in state.Quantiles.Weighted())
        {
            counts[Math.Clamp((int)((value - low) / width), 0, Bins - 1)] += weight;
        }

        return [.. counts.Select((c, i) => new HistogramBin(low + (i * width), i == Bins - 1 ? high : low + ((i + 1) * width), c))];
    }
}

/// <summary>A value and how often it occurs; from a sketch, possibly a little too low.</summary>
/// <param name="Value">The value as text.</param>
/// <param name="Count">How often.</param>
public sealed record ValueCount(string Value, long Count);

/// <summary>A bin of a histogram, from its lower limit to below its upper one.</summary>
/// <param name="From">The lower limit.</param>
/// <param name="To">The upper limit.</param>
/// <param name="Count">Values in it, estimated.</param>
public sealed record HistogramBin(double From, double To, long Count);
