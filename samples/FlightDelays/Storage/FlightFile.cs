using DataPlatform.Samples.FlightDelays.Domain;
using DuckDB.NET.Data;

namespace DataPlatform.Samples.FlightDelays.Storage;

/// <summary>The input: flights of January 2001 as Parquet, and the airports as CSV. See <c>Data/README.md</c>.</summary>
public sealed class FlightFile
{
    private static readonly string[] FlightColumns = ["date", "delay", "distance", "origin", "destination"];
    private static readonly string[] AirportColumns = ["iata", "time_zone"];

    /// <summary>Names the two files.</summary>
    /// <param name="folder">The folder that holds them.</param>
    /// <exception cref="SampleException">One is missing.</exception>
    public FlightFile(string folder)
    {
        Flights = Existing(folder, "flights-2001-01.parquet");
        Airports = Existing(folder, "airports.csv");
    }

    /// <summary>The flights.</summary>
    public string Flights { get; }

    /// <summary>The airports.</summary>
    public string Airports { get; }

    /// <summary>
    /// Flights in order of arrival, each with its instants. The file has no arrival time: it is modelled as departure + distance / 7.2 mi per
    /// minute + 30 min, in whole milliseconds.
    /// </summary>
    /// <param name="rowsMax">Only the first so many arrivals.</param>
    /// <param name="cancellationToken">Stops the read.</param>
    /// <exception cref="SampleException">A file cannot be read or lacks a column.</exception>
    public async Task<List<Flight>> ReadAsync(long rowsMax, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await OpenAsync(cancellationToken);
            await RequireColumnsAsync(connection, Flights, FlightColumns, cancellationToken);
            await RequireColumnsAsync(connection, Airports, AirportColumns, cancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = """
                WITH local_hours AS (
                    -- Zone rules are asked once per zone and hour, not once per flight: no zone changes its offset within an hour of January.
                    SELECT DISTINCT a.time_zone, date_trunc('hour', f.date) AS local_hour
                    FROM read_parquet($flights) f JOIN read_csv($airports, header = true) a ON f.origin = a.iata),
                offsets AS (SELECT time_zone, local_hour, epoch_ms(local_hour AT TIME ZONE time_zone) - epoch_ms(local_hour) AS offset_ms FROM local_hours),
                departed AS (
                    SELECT f.origin, f.destination, f.delay::INTEGER AS delay, f.distance::INTEGER AS distance, epoch_ms(f.date) + o.offset_ms AS departure_ms
                    FROM read_parquet($flights) f JOIN read_csv($airports, header = true) a ON f.origin = a.iata
                    JOIN offsets o ON o.time_zone = a.time_zone AND o.local_hour = date_trunc('hour', f.date))
                SELECT origin, destination, delay, distance, departure_ms, departure_ms + distance::BIGINT * 25000 // 3 + 1800000 AS arrival_ms
                FROM departed
                ORDER BY arrival_ms, departure_ms, origin, destination, delay, distance
                LIMIT $rows
                """;
            command.Parameters.Add(new DuckDBParameter("flights", Flights));
            command.Parameters.Add(new DuckDBParameter("airports", Airports));
            command.Parameters.Add(new DuckDBParameter("rows", rowsMax));
            return await ReadFlightsAsync(command, cancellationToken);
        }
        catch (DuckDBException e)
        {
            throw new SampleException($"'{Flights}' or '{Airports}' cannot be read: {e.Message.Split('\n')[0]} Restore them from the repository.", e);
        }
    }

    /// <summary>A DuckDB of its own, in UTC, that loads nothing from outside.</summary>
    public static async Task<DuckDBConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = new DuckDBConnection(
            "DataSource=:memory:;threads=2;memory_limit=512MB;autoinstall_known_extensions=false;autoload_known_extensions=false");
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "SET TimeZone = 'UTC'";
        await command.ExecuteNonQueryAsync(cancellationToken);
        return connection;
    }

    private static async Task<List<Flight>> ReadFlightsAsync(DuckDBCommand command, CancellationToken cancellationToken)
    {
        // 223 airports serve all flights: each code is one string.
        Dictionary<string, string> codes = [];
        List<Flight> flights = new(520_000);
        command.UseStreamingMode = true;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            flights.Add(new Flight(
                Shared(codes, reader.GetString(0)), Shared(codes, reader.GetString(1)), reader.GetInt32(2), reader.GetInt32(3), reader.GetInt64(4), reader.GetInt64(5)));
        }

        return flights;
    }

    private static string Shared(Dictionary<string, string> codes, string code)
    {
        if (codes.TryGetValue(code, out var known))
        {
            return known;
        }

        codes.Add(code, code);
        return code;
    }

    private static async Task RequireColumnsAsync(DuckDBConnection connection, string file, string[] columns, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = $"DESCRIBE SELECT * FROM {(file.EndsWith(".csv", StringComparison.Ordinal) ? "read_csv" : "read_parquet")}($file)";
        command.Parameters.Add(new DuckDBParameter("file", file));
        HashSet<string> found = [];
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(reader.GetString(0));
        }

        var missing = columns.Where(column => !found.Contains(column)).ToList();
        if (missing.Count > 0)
        {
            throw new SampleException($"'{file}' has no column {string.Join(", ", missing)}; it has {string.Join(", ", found)}. Restore it from the repository.");
        }
    }

    private static string Existing(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        return File.Exists(path) ? path : throw new SampleException($"'{path}' is missing: restore it from the repository, or name its folder with --data.");
    }
}
