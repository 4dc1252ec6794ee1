using System.Data.Common;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Samples.FlightDelays.Domain;
using DataPlatform.Samples.FlightDelays.Pipeline;
using DataPlatform.Samples.FlightDelays.Storage;
using DuckDB.NET.Data;

namespace DataPlatform.Samples.FlightDelays.Proof;

/// <summary>
/// Computes the answer once more in one batch, by DuckDB straight from the input file, and compares it with what the stream left in the lake,
/// row by row. It shares no code with the pipeline: not the clock arithmetic, not the window, not the percentile.
/// </summary>
public sealed class BatchProof(FlightFile file, long rowsMax, IReadOnlyList<Flight> extra)
{
    /// <summary>Checks in the order in which a reader would ask; each yields rows only where stream and batch differ.</summary>
    private static readonly (string Question, string Sql)[] Checks =
    [
        ("rows of the input that the raw table lacks", "SELECT * FROM truth EXCEPT ALL SELECT origin, destination, delay, distance, departure_ms, arrival_ms FROM raw"),
        ("rows of the raw table that the input lacks", "SELECT origin, destination, delay, distance, departure_ms, arrival_ms FROM raw EXCEPT ALL SELECT * FROM truth"),
        ("late rows that the input lacks", "SELECT origin, destination, delay, distance, departure_ms, arrival_ms FROM late EXCEPT ALL SELECT * FROM truth"),
        ("airport-hours where windows + late side output are not the batch GROUP BY",
            """
            WITH batch AS (SELECT destination, scheduled_hour(arrival_ms, delay) AS hour_ms, count(*) AS n, sum(delay) AS s, max(delay) AS m FROM truth GROUP BY ALL),
            stream AS (
                SELECT destination, hour_ms, sum(n) AS n, sum(s) AS s, max(m) AS m
                FROM (SELECT airport AS destination, window_start_ms AS hour_ms, flights AS n, delay_sum AS s, delay_max AS m FROM hourly
                      UNION ALL SELECT destination, scheduled_hour(arrival_ms, delay), 1, delay, delay FROM late)
                GROUP BY ALL)
            (SELECT 'batch' AS side, * FROM (FROM batch EXCEPT ALL FROM stream)) UNION ALL (SELECT 'stream', * FROM (FROM stream EXCEPT ALL FROM batch))
            ORDER BY destination, hour_ms, side
            """),
        ("airport-hours whose count, mean, p95 or max is not the batch answer over what was on time",
            """
            WITH on_time AS (FROM truth EXCEPT ALL SELECT origin, destination, delay, distance, departure_ms, arrival_ms FROM late),
            batch AS (
                SELECT destination AS airport, scheduled_hour(arrival_ms, delay) AS window_start_ms, count(*) AS flights, sum(delay)::BIGINT AS delay_sum,
                       list_sort(list(delay))[(count(*) * 95 + 99) // 100] AS delay_p95, max(delay) AS delay_max
                FROM on_time GROUP BY ALL),
            stream AS (SELECT airport, window_start_ms, flights, delay_sum, delay_p95, delay_max FROM hourly)
            (SELECT 'batch' AS side, * FROM (FROM batch EXCEPT ALL FROM stream)) UNION ALL (SELECT 'stream', * FROM (FROM stream EXCEPT ALL FROM batch))
            ORDER BY airport, window_start_ms, side
            """),
    ];

    /// <summary>Runs the proof.</summary>
    /// <param name="tables">What the stream left; the latest version of each table is read.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<ProofResult> RunAsync(LakeTables tables, CancellationToken cancellationToken)
    {
        await using var lake = LakeQuery.Open();
        lake.Register("raw_arrivals", await tables.Arrivals.RefreshAsync(cancellationToken));
        lake.Register("hourly_arrivals", await tables.Hourly.RefreshAsync(cancellationToken));
        lake.Register("late_arrivals", await tables.Late.RefreshAsync(cancellationToken));
        var connection = lake.Connection;
        await PrepareAsync(connection, cancellationToken);
        string? difference = null;
        foreach (var (question, sql) in Checks)
        {
            difference = await FirstRowAsync(connection, sql, cancellationToken) is { } row ? $"{question}, first: {row}" : null;
            if (difference is not null)
            {
                break;
            }
        }

        return new ProofResult(
            await CountAsync(connection, "SELECT count(*) FROM truth", cancellationToken),
            await CountAsync(connection, "SELECT count(*) FROM raw", cancellationToken),
            await CountAsync(connection, "SELECT count(*) FROM hourly", cancellationToken),
            await CountAsync(connection, "SELECT coalesce(sum(flights), 0)::BIGINT FROM hourly", cancellationToken),
            await CountAsync(connection, "SELECT count(*) FROM late", cancellationToken),
            difference);
    }

    private async Task PrepareAsync(DuckDBConnection connection, CancellationToken cancellationToken)
    {
        string[] statements =
        [
            "CREATE MACRO scheduled_hour(arrival_ms, delay) AS epoch_ms(date_trunc('hour', make_timestamp(arrival_ms * 1000) - to_minutes(delay::BIGINT)))",
            "CREATE TEMP TABLE extra(origin VARCHAR, destination VARCHAR, delay INTEGER, distance INTEGER, departure_ms BIGINT, arrival_ms BIGINT)",
            "CREATE TEMP TABLE raw AS SELECT origin, destination, delay_minutes AS delay, distance_miles AS distance, epoch_ms(departure) AS departure_ms, epoch_ms(arrival) AS arrival_ms FROM raw_arrivals",
            "CREATE TEMP TABLE late AS SELECT origin, destination, delay_minutes AS delay, distance_miles AS distance, epoch_ms(departure) AS departure_ms, epoch_ms(arrival) AS arrival_ms FROM late_arrivals",
            """
            CREATE TEMP TABLE hourly AS SELECT airport, epoch_ms(window_start) AS window_start_ms, flights, delay_sum_minutes AS delay_sum,
                   delay_p95_minutes AS delay_p95, delay_max_minutes AS delay_max FROM hourly_arrivals
            """,
        ];
        foreach (var statement in statements)
        {
            await ExecuteAsync(connection, statement, [], cancellationToken);
        }

        foreach (var flight in extra)
        {
            await ExecuteAsync(
                connection, "INSERT INTO extra VALUES ($1, $2, $3, $4, $5, $6)",
                [flight.Origin, flight.Destination, flight.DelayMinutes, flight.DistanceMiles, flight.DepartureMs, flight.ArrivalMs], cancellationToken);
        }

        await ExecuteAsync(
            connection,
            """
            CREATE TEMP TABLE truth AS
            FROM (
                SELECT f.origin, f.destination, f.delay::INTEGER AS delay, f.distance::INTEGER AS distance, epoch_ms(timezone(a.time_zone, f.date)) AS departure_ms,
                       departure_ms + 1800000 + (25000 * f.distance::BIGINT) // 3 AS arrival_ms
                FROM read_csv($1, header = true) a JOIN read_parquet($2) f ON a.iata = f.origin
                ORDER BY arrival_ms, departure_ms, origin, destination, delay, distance LIMIT $3)
            UNION ALL FROM extra
            """,
            [file.Airports, file.Flights, rowsMax], cancellationToken);
    }

    private static async Task<string?> FirstRowAsync(DuckDBConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? string.Join(", ", Enumerable.Range(0, reader.FieldCount).Select(i => $"{reader.GetName(i)} = {reader.GetValue(i)}"))
            : null;
    }

    private static async Task<long> CountAsync(DbConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task ExecuteAsync(DuckDBConnection connection, string sql, object[] values, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var value in values)
        {
            command.Parameters.Add(new DuckDBParameter(value));
        }

        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
