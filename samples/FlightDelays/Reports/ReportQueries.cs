using System.Data.Common;
using DataPlatform.Web.Charts;

namespace DataPlatform.Samples.FlightDelays.Reports;

/// <summary>The questions that the report answers, over <c>mart</c> (airport-hours) and <c>raw_arrivals</c> as views of one DuckDB connection.</summary>
public static class ReportQueries
{
    private const int TopAirports = 16;
    private const int BucketMinutes = 15;
    private const int BucketsMax = 16;
    private const int BoundMinutes = 120;

    /// <summary>The ten worst airport-hours with at least ten arrivals.</summary>
    public static async Task<IReadOnlyList<WorstHour>> WorstHoursAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        const string Sql = """
            SELECT airport, city, hour::TIMESTAMP, flights, delay_mean_minutes, delay_p95_minutes, delay_max_minutes
            FROM mart WHERE flights >= 10 ORDER BY delay_mean_minutes DESC, airport, hour LIMIT 10
            """;
        return await ReadAsync(connection, Sql, reader => new WorstHour(
            reader.GetString(0), reader.GetString(1), reader.GetDateTime(2), reader.GetInt64(3), reader.GetDouble(4), reader.GetInt32(5), reader.GetInt32(6)), cancellationToken);
    }

    /// <summary>Mean delay of the busiest airports by hour of the day, or by day of the month.</summary>
    public static async Task<DelayMatrix> MatrixAsync(DbConnection connection, bool byDay, CancellationToken cancellationToken)
    {
        var (column, first, count) = byDay ? ("day(hour)", 1, 31) : ("hour(hour)", 0, 24);
        var sql = $"""
            WITH top AS (SELECT airport, sum(flights) AS n FROM mart GROUP BY airport ORDER BY n DESC, airport LIMIT {TopAirports})
            SELECT airport, {column}::INTEGER, sum(delay_mean_minutes * flights) / sum(flights)
            FROM (SELECT * REPLACE (make_timestamp(epoch_us(hour)) AS hour) FROM mart) JOIN top USING (airport)
            WHERE hour >= TIMESTAMP '2001-01-01' AND hour < TIMESTAMP '2001-02-01'
            GROUP BY ALL HAVING sum(flights) >= 20 ORDER BY any_value(n) DESC, airport, 2
            """;
        var rows = await ReadAsync(connection, sql, reader => (Airport: reader.GetString(0), Column: reader.GetInt32(1), Mean: reader.GetDouble(2)), cancellationToken);
        var airports = rows.Select(row => row.Airport).Distinct().ToList();
        var values = airports.Select(_ => new double?[count]).ToList();
        foreach (var row in rows)
        {
            values[airports.IndexOf(row.Airport)][row.Column - first] = row.Mean;
        }

        return new DelayMatrix(airports, [.. Enumerable.Range(first, count).Select(i => i.ToString(System.Globalization.CultureInfo.InvariantCulture))], values);
    }

    /// <summary>How far behind the newest event time so far each arrival came in, in buckets; the last one is open.</summary>
    public static async Task<IReadOnlyList<HistogramBar>> LatenessAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        var sql = $"""
            WITH events AS (SELECT id, epoch_ms(scheduled) AS at_ms FROM raw_arrivals),
            behind AS (SELECT (max(at_ms) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING) - at_ms) // 60000 AS minutes FROM events)
            SELECT least(minutes // {BucketMinutes}, {BucketsMax})::INTEGER AS bucket, count(*) FROM behind GROUP BY ALL ORDER BY bucket
            """;
        var rows = await ReadAsync(connection, sql, reader => (Bucket: reader.GetInt32(0), Count: reader.GetInt64(1)), cancellationToken);
        return [.. Enumerable.Range(0, BucketsMax + 1).Select(bucket => new HistogramBar(
            bucket == BucketsMax ? $"{bucket * BucketMinutes}+" : $"{bucket * BucketMinutes}", rows.FirstOrDefault(row => row.Bucket == bucket).Count, bucket * BucketMinutes >= BoundMinutes))];
    }

    private static async Task<List<T>> ReadAsync<T>(DbConnection connection, string sql, Func<DbDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        List<T> rows = [];
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }

        return rows;
    }
}
