using DataPlatform.Quality.Anomalies;

namespace DataPlatform.Quality.Sqlite;

/// <summary>Series of measured values in a <see cref="QualityDatabase"/>.</summary>
/// <remarks>Thread-safe. A point measured again replaces its value and keeps what a person said about it.</remarks>
/// <param name="database">The file.</param>
public sealed class SqliteSeriesStore(QualityDatabase database)
{
    /// <summary>Keeps a point.</summary>
    /// <param name="series">The series, for example <c>arrivals/rows</c>.</param>
    /// <param name="point">The point.</param>
    public void Put(string series, MetricPoint point) => database.Write(connection => Sql.Execute(
        connection,
        "INSERT INTO point (series, at, value, feedback) VALUES ($0, $1, $2, $3) ON CONFLICT DO UPDATE SET value = excluded.value",
        series, point.At.UtcTicks, point.Value, (int)point.Feedback));

    /// <summary>Says something about a point.</summary>
    /// <param name="series">The series.</param>
    /// <param name="at">The point's time.</param>
    /// <param name="feedback">What is said.</param>
    /// <returns>False when there is no such point.</returns>
    public bool Mark(string series, DateTimeOffset at, PointFeedback feedback)
        => database.Write(connection => Sql.Execute(connection, "UPDATE point SET feedback = $2 WHERE series = $0 AND at = $1", series, at.UtcTicks, (int)feedback)) == 1;

    /// <summary>The newest points before an instant, oldest first.</summary>
    /// <param name="series">The series.</param>
    /// <param name="before">The instant.</param>
    /// <param name="pointsMax">At most so many.</param>
    public IReadOnlyList<MetricPoint> Before(string series, DateTimeOffset before, int pointsMax = 400)
    {
        using var connection = database.Connect();
        var points = Sql.Rows(
            connection,
            "SELECT at, value, feedback FROM point WHERE series = $0 AND at < $1 ORDER BY at DESC LIMIT $2",
            row => new MetricPoint(row.Time(0), row.GetDouble(1), (PointFeedback)row.GetInt32(2)),
            series, before.UtcTicks, pointsMax);
        points.Reverse();
        return points;
    }
}
