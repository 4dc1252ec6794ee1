using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.Catalog;

namespace DataPlatform.Quality.Postgres;

/// <summary>Series of measured values in a <see cref="PostgresQualityDatabase"/>.</summary>
/// <remarks>Thread-safe, and safe against other processes.</remarks>
/// <param name="database">The database.</param>
public sealed class PostgresSeriesStore(PostgresQualityDatabase database) : ISeriesStore
{
    private const string Put = """
        INSERT INTO point SELECT * FROM unnest($1::text[], $2::bigint[], $3::double precision[], $4::smallint[]) AS n (series, at, value, feedback)
        ORDER BY series, at ON CONFLICT (series, at) DO UPDATE SET value = excluded.value
        """;

    // From name to name along the key: a series of many points costs as much as one of a single point.
    private const string List = """
        WITH RECURSIVE names AS (
          (SELECT series FROM point WHERE series >= $1 ORDER BY series LIMIT 1)
          UNION ALL
          SELECT (SELECT p.series FROM point p WHERE p.series > n.series ORDER BY p.series LIMIT 1) FROM names n WHERE n.series IS NOT NULL)
        SELECT series FROM names WHERE starts_with(series, $1) LIMIT $2
        """;

    /// <inheritdoc/>
    public async ValueTask PutAsync(IReadOnlyList<SeriesPoint> points, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(points);

        // One statement cannot touch a row twice: of several values of a point the last counts.
        var last = points.GroupBy(p => (p.Series, p.Point.At.UtcTicks)).Select(g => g.Last()).ToList();
        await database.ExecuteAsync(
            Put,
            cancellationToken,
            last.Select(p => p.Series).ToArray(),
            last.Select(p => p.Point.At.UtcTicks).ToArray(),
            last.Select(p => p.Point.Value).ToArray(),
            last.Select(p => (short)p.Point.Feedback).ToArray()).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> MarkAsync(string series, DateTimeOffset at, PointFeedback feedback, CancellationToken cancellationToken = default)
        => await database.ExecuteAsync(
            "UPDATE point SET feedback = $3 WHERE series = $1 AND at = $2", cancellationToken, series, at.UtcTicks, (short)feedback).ConfigureAwait(false) == 1;

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<MetricPoint>> BeforeAsync(
        string series, DateTimeOffset before, int pointsMax = 400, CancellationToken cancellationToken = default)
        => [.. (await database.RowsAsync(
            "SELECT at, value, feedback FROM point WHERE series = $1 AND at < $2 ORDER BY at DESC LIMIT $3",
            row => new MetricPoint(row.Time(0), row.GetDouble(1), (PointFeedback)row.GetInt16(2)),
            cancellationToken,
            series, before.UtcTicks, pointsMax).ConfigureAwait(false)).Reverse()];

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ListAsync(string prefix, int seriesMax = 1_000, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        return database.RowsAsync(List, row => row.GetString(0), cancellationToken, prefix, seriesMax);
    }

    /// <summary>Removes points before an instant.</summary>
    /// <param name="before">The oldest instant to keep.</param>
    /// <param name="pointsMax">Points removed at most.</param>
    /// <param name="cancellationToken">Before the removal.</param>
    /// <returns>How many were removed.</returns>
    public ValueTask<int> RemoveBeforeAsync(DateTimeOffset before, int pointsMax = 10_000, CancellationToken cancellationToken = default)
        => database.ExecuteAsync(
            "DELETE FROM point WHERE ctid IN (SELECT ctid FROM point WHERE at < $1 LIMIT $2)", cancellationToken, before.UtcTicks, pointsMax);
}
