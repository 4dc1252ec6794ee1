using DataPlatform.Kernel;
using DataPlatform.Kernel.Feeds;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Samples.FlightDelays.Domain;

namespace DataPlatform.Samples.FlightDelays.Pipeline;

/// <summary>The lake's tables, and how records become their rows.</summary>
public sealed class LakeTables
{
    private static readonly StructType MartSchema = new(
    [
        new StructField("airport", DeltaType.String, false),
        new StructField("city", DeltaType.String, true),
        new StructField("hour", DeltaType.Timestamp, false),
        new StructField("flights", DeltaType.Long, false),
        new StructField("delay_mean_minutes", DeltaType.Double, true),
        new StructField("delay_p95_minutes", DeltaType.Integer, true),
        new StructField("delay_max_minutes", DeltaType.Integer, true),
    ]);

    private LakeTables(DeltaTable arrivals, DeltaTable hourly, DeltaTable late, DeltaTable airportHours)
        => (Arrivals, Hourly, Late, AirportHours) = (arrivals, hourly, late, airportHours);

    /// <summary>Raw arrivals, partitioned by day of scheduled arrival; <c>arrivals_late</c> has the same columns.</summary>
    public static RowMapping<Arrival> ArrivalRows { get; } = new RowMapping<Arrival>()
        .Column("id", DeltaType.Long, a => a.Id)
        .Column("origin", DeltaType.String, a => a.Flight.Origin, nullable: false)
        .Column("destination", DeltaType.String, a => a.Flight.Destination, nullable: false)
        .Column("delay_minutes", DeltaType.Integer, a => a.Flight.DelayMinutes)
        .Column("distance_miles", DeltaType.Integer, a => a.Flight.DistanceMiles)
        .Column("departure", DeltaType.Timestamp, a => Micros(a.Flight.DepartureMs))
        .Column("scheduled", DeltaType.Timestamp, a => Micros(a.Flight.ScheduledMs))
        .Column("arrival", DeltaType.Timestamp, a => Micros(a.Flight.ArrivalMs))
        .Column("day", DeltaType.Date, a => DayOf(a.Flight.ScheduledMs));

    /// <summary>One row per airport and hour.</summary>
    public static RowMapping<HourlyDelays> HourlyRows { get; } = new RowMapping<HourlyDelays>()
        .Column("airport", DeltaType.String, h => h.Airport, nullable: false)
        .Column("window_start", DeltaType.Timestamp, h => Micros(h.WindowStartMs))
        .Column("window_end", DeltaType.Timestamp, h => Micros(h.WindowEndMs))
        .Column("flights", DeltaType.Long, h => h.Flights)
        .Column("delay_mean_minutes", DeltaType.Double, h => h.DelayMeanMinutes)
        .Column("delay_sum_minutes", DeltaType.Long, h => h.DelaySumMinutes)
        .Column("delay_p95_minutes", DeltaType.Integer, h => h.DelayP95Minutes)
        .Column("delay_max_minutes", DeltaType.Integer, h => h.DelayMaxMinutes);

    /// <summary>Every arrival.</summary>
    public DeltaTable Arrivals { get; }

    /// <summary>Closed windows.</summary>
    public DeltaTable Hourly { get; }

    /// <summary>Arrivals whose window had closed.</summary>
    public DeltaTable Late { get; }

    /// <summary>The mart: delays by airport and hour, late arrivals included.</summary>
    public DeltaTable AirportHours { get; }

    /// <summary>All four.</summary>
    public IReadOnlyList<DeltaTable> All => [Arrivals, Hourly, Late, AirportHours];

    /// <summary>Opens the tables, or makes them.</summary>
    /// <param name="store">The lake.</param>
    /// <param name="feed">Where commits are announced.</param>
    /// <param name="cancellationToken">Stops between two tables.</param>
    /// <exception cref="SampleException">A folder holds something that is no Delta table.</exception>
    public static async Task<LakeTables> OpenAsync(LocalObjectStore store, IDatasetFeed feed, CancellationToken cancellationToken)
    {
        string[] names = ["arrivals", "arrivals_hourly", "arrivals_late", "airport_hours"];
        foreach (var name in names)
        {
            await RefuseStrangersAsync(store.Below(name), cancellationToken);
        }

        Task<DeltaTable> Open(string name, StructType schema, params string[] partitions) => DeltaTable.OpenOrCreateAsync(
            store.Below(name), schema, new DeltaTableOptions { Dataset = Id(name), Feed = feed, PartitionColumns = partitions }, cancellationToken);
        return new LakeTables(
            await Open(names[0], ArrivalRows.Schema, "day"), await Open(names[1], HourlyRows.Schema), await Open(names[2], ArrivalRows.Schema), await Open(names[3], MartSchema));
    }

    /// <summary>The latest version of a dataset that changed its data, for a listener that was away: compaction is no news.</summary>
    /// <returns>Null for a dataset that is not a table of this lake, or that has no data yet.</returns>
    public async ValueTask<DatasetVersion?> LatestAsync(DatasetId dataset, CancellationToken cancellationToken)
        => All.FirstOrDefault(table => table.Options.Dataset == dataset) is { } table && await table.LatestDataVersionAsync(cancellationToken) is { } version
            ? new DatasetVersion(dataset, version)
            : null;

    /// <summary>The dataset behind a table's name.</summary>
    public static DatasetId Id(string table) => new($"lake/{table}");

    private static async Task RefuseStrangersAsync(LocalObjectStore store, CancellationToken cancellationToken)
    {
        if (await DeltaTable.ExistsAsync(store, cancellationToken))
        {
            return;
        }

        await foreach (var stranger in store.ListAsync(string.Empty, cancellationToken: cancellationToken))
        {
            throw new SampleException($"'{store.Root}' is not ours: it holds '{stranger.Path}' but no Delta log. Name another folder with --out.");
        }
    }

    private static long Micros(long milliseconds) => milliseconds * 1000;

    private static DateOnly DayOf(long milliseconds) => DateOnly.FromDateTime(DateTime.UnixEpoch.AddMilliseconds(milliseconds));
}
