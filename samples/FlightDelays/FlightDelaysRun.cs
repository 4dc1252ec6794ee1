using DataPlatform.Kernel;
using DataPlatform.Kernel.Feeds;
using DataPlatform.Kernel.Storage;
using DataPlatform.Orchestrator;
using DataPlatform.Orchestrator.ContainerExecutor;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Sqlite;
using DataPlatform.Quality;
using DataPlatform.Quality.TableChecks;
using DataPlatform.ResourceScheduler;
using DataPlatform.Samples.FlightDelays.Api;
using DataPlatform.Samples.FlightDelays.Display;
using DataPlatform.Samples.FlightDelays.Domain;
using DataPlatform.Samples.FlightDelays.Pipeline;
using DataPlatform.Samples.FlightDelays.Proof;
using DataPlatform.Samples.FlightDelays.Reports;
using DataPlatform.Samples.FlightDelays.Storage;
using DataPlatform.Streaming;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlatform.Samples.FlightDelays;

/// <summary>The whole path in one process: service, stream, lake, DAGs, containers, gate, mart, report, proof.</summary>
public sealed class FlightDelaysRun(Options options, IProgressDisplay display, TimeProvider time)
{
    private const int ExitProved = 0;
    private const int ExitDiffers = 1;
    private const int ExitGateFailed = 3;

    /// <summary>Runs to the end, from wherever an earlier run stopped.</summary>
    /// <returns>The process's exit code.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var (started, startedAt) = (time.GetTimestamp(), time.GetUtcNow());
        var file = new FlightFile(options.DataFolder);
        var folder = RunFolder.Open(options);
        display.Say($"reading {Path.GetFileName(file.Flights)}");
        var flights = await file.ReadAsync(options.RowsMax, cancellationToken);
        var extra = options.Break ? BadBatch.After(flights[^1].ArrivalMs) : [];
        flights.AddRange(extra);

        var feed = new DatasetFeed();
        await using var service = await ArrivalsService.OpenAsync(folder.ArrivalsDatabase, cancellationToken);
        var tables = await LakeTables.OpenAsync(new LocalObjectStore(folder.Lake, durable: false), feed, cancellationToken);
        await using var manager = new ResourceManager(Queues.Tree, new InProcessContainerDriver(), time, NullLoggerFactory.Instance);
        manager.AddNode("local", Queues.Node);
        var report = new ReportWriter(folder.Report);
        var dags = new FlightDags(tables, CreateGate(service, file, folder), new Mart(tables, file.Airports), report);
        await using var store = await SqliteOrchestratorStore.OpenAsync(folder.OrchestratorDatabase, cancellationToken: cancellationToken);
        await using var orchestrator = new OrchestratorEngine(
            store, [dags.ForMart(), dags.ForUpkeep()], new ContainerTaskExecutor(manager), new OrchestratorOptions { LatestVersion = tables.LatestAsync }, feed, time);
        await orchestrator.StartAsync(cancellationToken);

        var job = ArrivalsJob.Build(service.CreateSource(), tables, new LocalObjectStore(folder.Checkpoints, durable: false), options.Parallelism);
        await using var stream = await job.StartAsync(cancellationToken);
        await using var monitor = new RunMonitor(display, time, started, new RunParts(service, stream, tables, manager, store));
        display.Say("streaming");
        await ReplayAndDrainAsync(new ArrivalsReplay(service, time, options.Speed), flights, stream, cancellationToken);

        display.Say("the stream has ended; waiting for the orchestrator");
        // Upkeep too: compaction makes new versions, to which the mart need not answer.
        await orchestrator.WaitForRunAsync(await orchestrator.TriggerAsync(FlightDags.UpkeepDag, cancellationToken: cancellationToken), cancellationToken);
        DatasetVersion[] final =
        [
            .. new[] { await tables.LatestAsync(LakeTables.Id("arrivals"), cancellationToken), await tables.LatestAsync(LakeTables.Id("arrivals_hourly"), cancellationToken) }
                .OfType<DatasetVersion>(),
        ];
        if (final.Length == 0)
        {
            // No data came, so nothing started it: it says so itself.
            await orchestrator.TriggerAsync(FlightDags.MartDag, cancellationToken: cancellationToken);
        }

        var martRun = await new DagWatch(store, time).WaitForAsync(FlightDags.MartDag, final, cancellationToken);

        display.Say("proving");
        var proof = await new BatchProof(file, options.RowsMax, extra).RunAsync(tables, cancellationToken);
        if (report.Worst.Count == 0 && martRun.State == DagRunState.Success)
        {
            // An earlier process ran the report task: this one tells the same from the lake.
            await report.WriteAsync(await tables.Arrivals.RefreshAsync(cancellationToken), await tables.AirportHours.RefreshAsync(cancellationToken), cancellationToken);
        }

        await monitor.StopAsync();
        await display.DisposeAsync();
        var ending = new RunEnding(display, store, manager, report, monitor.Samples, startedAt, time.GetElapsedTime(started));
        var gateHeld = await ending.TellAsync(martRun, proof, cancellationToken);
        await orchestrator.StopAsync(cancellationToken);
        return !proof.Proved ? ExitDiffers : gateHeld ? ExitProved : ExitGateFailed;
    }

    private TableGate CreateGate(ArrivalsService service, FlightFile file, RunFolder folder)
    {
        // Freshness is judged by the replay's clock: the newest arrival that the service has recorded.
        var store = new QualityFileStore(new LocalObjectStore(folder.Quality, durable: false));
        return new TableGate(ArrivalsSuite.Rules, new TableGateOptions { Store = store, Time = new ReplayClock(time, service) }).ReferenceCsv("airports", file.Airports);
    }

    private static async Task ReplayAndDrainAsync(ArrivalsReplay replay, IReadOnlyList<Flight> flights, StreamJobExecution stream, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var replaying = replay.RunAsync(flights, stop.Token);
        await Task.WhenAny(replaying, stream.Completion);
        if (stream.Completion.IsFaulted)
        {
            // Nobody is left to read what is recorded. (A stream that ended well had read the end marker of an earlier process.)
            await stop.CancelAsync();
            await replaying.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        else
        {
            await replaying;
        }

        await stream.Completion.WaitAsync(cancellationToken);
    }
}
