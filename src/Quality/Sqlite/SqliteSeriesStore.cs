using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.Catalog;

namespace DataPlatform.Quality.Sqlite;

/// <summary>Series of measured values in a <see cref="QualityDatabase"/>.</summary>
/// <remarks>Thread-safe. A point measured again replaces its value and keeps what a person said about it.</remarks>
/// <param name="database">The file.</param>
public sealed class SqliteSeriesStore(QualityDatabase database) : ISeriesStore
{
    /// <inheritdoc/>
    public ValueTask PutAsync(IReadOnlyList<SeriesPoint> points, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(points);
        cancellationToken.ThrowIfCancellationRequested();
        database.Write(connection => Sql.ExecuteEach(
            connection,
            "INSERT INTO point (series, at, value, feedback) VALUES ($0, $1, $2, $3) ON CONFLICT DO UPDATE SET value = excluded.value",
            points,
            p => [p.Series, p.Point.At.UtcTicks, p.Point.Value, (int)p.Point.Feedback]));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<bool> MarkAsync(string series, DateTimeOffset at, PointFeedback feedback, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(database.Write(connection => Sql.Execute(
            connection, "UPDATE point SET feedback = $2 WHERE series = $0 AND at = $1", series, at.UtcTicks, (int)feedback)) == 1);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<MetricPoint>> BeforeAsync(
        string series, DateTimeOffset before, int pointsMax = 400, CancellationToken cancellationToken = default)
    {
        using var connection = database.Connect();
        var points = Sql.Rows(
            connection,
            "SELECT at, value, feedback FROM point WHERE series = $0 AND at < $1 ORDER BY at DESC LIMIT $2",
            row => new MetricPoint(row.Time(0), row.GetDouble(1), (PointFeedback)row.GetInt32(2)),
            series, before.UtcTicks, pointsMax);
        points.Reverse();
        return ValueTask.FromResult<IReadOnlyList<MetricPoint>>(points);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ListAsync(string prefix, int seriesMax = 1_000, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        List<string> names = [];
        using var connection = database.Connect();

        // From name to name along the key: a series of many points costs as much as one of a single point.
        for (var after = (string?)null; names.Count < seriesMax; after = names[^1])
        {
            var next = Sql.Rows(
                connection,
                after is null ? "SELECT series FROM point WHERE series >= $0 ORDER BY series LIMIT 1" : "SELECT series FROM point WHERE series > $0 ORDER BY series LIMIT 1",
                row => row.GetString(0),
                after ?? prefix);
            if (next.Count == 0 || !next[0].StartsWith(prefix, StringComparison.Ordinal))
            {
                break;
            }

            names.Add(next[0]);
        }

        return ValueTask.FromResult<IReadOnlyList<string>>(names);
    }

    /// <summary>Removes points before an instant.</summary>
    /// <param name="before">The oldest instant to keep.</param>
    /// <param name="pointsMax">Points removed at most.</param>
    /// <returns>How many were removed.</returns>
    public int RemoveBefore(DateTimeOffset before, int pointsMax = 10_000) => database.Write(connection => Sql.Execute(
        connection,
        "DELETE FROM point WHERE (series, at) IN (SELECT series, at FROM point WHERE at < $0 LIMIT $1)", before.UtcTicks, pointsMax));
}
