using DataPlatform.Lakehouse;
using DataPlatform.Lakehouse.Snapshots;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Schedules;
using DataPlatform.Quality.TableChecks;
using DataPlatform.Samples.FlightDelays.Reports;

namespace DataPlatform.Samples.FlightDelays.Pipeline;

/// <summary>What runs when the lake changes, and what runs by the clock.</summary>
public sealed class FlightDags(LakeTables tables, TableGate gate, Mart mart, ReportWriter report)
{
    /// <summary>The DAG that turns arrivals into the mart.</summary>
    public const string MartDag = "mart";

    /// <summary>The DAG that keeps the lake tidy.</summary>
    public const string UpkeepDag = "upkeep";

    private const string ArrivalsVersion = "arrivals_version";
    private const string MartVersion = "mart_version";
    private static readonly Backoff Soon = Backoff.Exponential(TimeSpan.FromMilliseconds(200));

    /// <summary>gate → mart → report, started by new versions of the arrivals or of the hourly table.</summary>
    public Dag ForMart() => new DagBuilder(MartDag)
        .Description("Checks the arrivals, builds the airport-hours, writes the report.")
        .OnDatasets(DatasetCondition.Any(DatasetCondition.On(LakeTables.Id("arrivals")), DatasetCondition.On(LakeTables.Id("arrivals_hourly"))))
        .Task("gate", GateAsync, task => task.Retries(2, Soon).Queue("root.flights.gate").Resources(1000, 384).Timeout(TimeSpan.FromMinutes(5)))
        .Task("mart", BuildAsync, task => task.After("gate").Retries(2, Soon).Queue("root.flights.mart").Resources(1000, 384).Timeout(TimeSpan.FromMinutes(5)))
        .Task("report", ReportAsync, task => task.After("mart").Retries(2, Soon).Queue("root.flights.mart").Resources(500, 256).Timeout(TimeSpan.FromMinutes(5)))
        .Build();

    /// <summary>compact → clean-up, every ten seconds.</summary>
    public Dag ForUpkeep() => new DagBuilder(UpkeepDag)
        .Description("Merges the small files that checkpoints leave and removes those that nothing refers to.")
        .Schedule(Timetable.Cron("*/10 * * * * *"))
        .MaxActiveRuns(1)
        .Task("compact", CompactAsync, task => task.Retries(3, Soon).Queue("root.upkeep").Resources(500, 256))
        .Task("clean-up", CleanUpAsync, task => task.After("compact").Retries(2, Soon).Queue("root.upkeep").Resources(250, 128))
        .Build();

    private async Task GateAsync(TaskContext context, CancellationToken cancellationToken)
    {
        var snapshot = await PinnedAsync(tables.Arrivals, context, cancellationToken);
        if (snapshot.RowCount == 0)
        {
            throw new TaskSkippedException("No arrivals yet.");
        }

        context.Push(ArrivalsVersion, snapshot.Version);
        var result = await gate.CheckAsync(snapshot, cancellationToken);
        report.Verdicts = result;
        context.Log($"{result.Verdicts.Count} rules over {LakeTables.Id("arrivals")}@{snapshot.Version} in {result.Queries.Total} queries: {(result.Passed ? "passed" : "failed")}");
        if (!result.Passed)
        {
            // A retry would read the same snapshot and find the same.
            throw new TaskFailedException(
                "The gate is closed: " + string.Join("; ", result.Blocking.Select(verdict => $"{verdict.Rule}: {verdict.Message}")), retry: false);
        }
    }

    private async Task BuildAsync(TaskContext context, CancellationToken cancellationToken)
    {
        var snapshot = await tables.Arrivals.SnapshotAtAsync(context.Pull<long>("gate", ArrivalsVersion), cancellationToken);
        var version = await mart.BuildAsync(snapshot, cancellationToken);
        context.Push(MartVersion, version);
        context.Log($"{LakeTables.Id("airport_hours")}@{version} from {LakeTables.Id("arrivals")}@{snapshot.Version}");
    }

    private async Task ReportAsync(TaskContext context, CancellationToken cancellationToken)
    {
        var arrivals = await tables.Arrivals.SnapshotAtAsync(context.Pull<long>("gate", ArrivalsVersion), cancellationToken);
        var hours = await tables.AirportHours.SnapshotAtAsync(context.Pull<long>("mart", MartVersion), cancellationToken);
        foreach (var hour in await report.WriteAsync(arrivals, hours, cancellationToken))
        {
            context.Log($"{hour.Airport} {hour.HourUtc:yyyy-MM-dd HH:mm} {hour.Flights} arrivals, mean {hour.MeanMinutes:N0} min");
        }
    }

    private async Task CompactAsync(TaskContext context, CancellationToken cancellationToken)
    {
        foreach (var table in tables.All)
        {
            context.Log($"{table.Options.Dataset}: {await table.CompactAsync(cancellationToken: cancellationToken)}");
        }
    }

    private async Task CleanUpAsync(TaskContext context, CancellationToken cancellationToken)
    {
        foreach (var table in tables.All)
        {
            context.Log($"{table.Options.Dataset}: {await table.CleanUpAsync(cancellationToken: cancellationToken)}");
        }
    }

    /// <summary>The version that started the run, or the latest one when another dataset or a person started it.</summary>
    private static async Task<Snapshot> PinnedAsync(DeltaTable table, TaskContext context, CancellationToken cancellationToken)
    {
        var pinned = context.TriggeringVersions.Where(version => version.Dataset == table.Options.Dataset).Select(version => (long?)version.Version).FirstOrDefault();
        return pinned is { } version ? await table.SnapshotAtAsync(version, cancellationToken) : await table.RefreshAsync(cancellationToken);
    }
}
