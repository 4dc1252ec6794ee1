using DataPlatform.Lakehouse;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Lakehouse.Snapshots;
using DuckDB.NET.Data;

namespace DataPlatform.Samples.FlightDelays.Pipeline;

/// <summary>The airport-hours: SQL over one snapshot of the arrivals, written back as a table.</summary>
public sealed class Mart(LakeTables tables, string airportsFile)
{
    private const string Sql = """
        SELECT a.destination AS airport, any_value(p.city) AS city, make_timestamptz(epoch_us(a.scheduled) // 3600000000 * 3600000000) AS hour, count(*) AS flights,
               avg(a.delay_minutes) AS delay_mean_minutes,
               list_sort(list(a.delay_minutes))[(count(*) * 95 + 99) // 100] AS delay_p95_minutes, max(a.delay_minutes) AS delay_max_minutes
        FROM arrivals a JOIN airports p ON p.iata = a.destination
        GROUP BY a.destination, epoch_us(a.scheduled) // 3600000000
        ORDER BY hour, airport
        """;

    /// <summary>Replaces the mart by what a snapshot says.</summary>
    /// <param name="arrivals">The snapshot that the gate let through.</param>
    /// <param name="cancellationToken">Stops before the commit.</param>
    /// <returns>The mart's new version.</returns>
    public async Task<long> BuildAsync(Snapshot arrivals, CancellationToken cancellationToken)
    {
        await using var lake = LakeQuery.Open();
        lake.Register("arrivals", arrivals);
        await using var airports = lake.Connection.CreateCommand();
        airports.CommandText = "CREATE TEMP TABLE airports AS SELECT iata, city FROM read_csv($1, header = true)";
        airports.Parameters.Add(new DuckDBParameter(airportsFile));
        await airports.ExecuteNonQueryAsync(cancellationToken);
        return await tables.AirportHours.OverwriteAsync(lake.QueryArrowAsync(Sql, cancellationToken), cancellationToken);
    }
}
