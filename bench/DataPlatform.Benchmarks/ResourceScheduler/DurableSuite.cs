using DataPlatform.ResourceScheduler.Postgres;
using DataPlatform.ResourceScheduler.Recovery;
using DataPlatform.ResourceScheduler.Sqlite;

namespace DataPlatform.Benchmarks.ResourceScheduler;

/// <summary>The resource scheduler where it meets the machine: durable decisions, heartbeats, recovery, real containers.</summary>
internal sealed class DurableSuite : IBenchmarkSuite
{
    public string Name => "cluster-durable";

    public string Description
        => "the resource scheduler's durable leader, heartbeats, recovery and launches [--only log|heartbeats|recovery|launches] [--seconds N] [--tasks N] [--postgres CONNECTION]";

    public async Task<int> RunAsync(string[] arguments, BenchmarkReport report, CancellationToken cancellationToken)
    {
        var seconds = int.Parse(Option(arguments, "--seconds") ?? "5", System.Globalization.CultureInfo.InvariantCulture);
        var tasks = int.Parse(Option(arguments, "--tasks") ?? "1000000", System.Globalization.CultureInfo.InvariantCulture);
        var folder = Directory.CreateTempSubdirectory("scheduler-bench-").FullName;
        try
        {
            var only = Option(arguments, "--only");
            if (only is null or "log")
            {
                await LogAsync(arguments, report, folder, seconds, cancellationToken);
            }

            if (only is null or "heartbeats")
            {
                await HeartbeatLoad.MeasureAsync(report, Path.Combine(folder, "heartbeats.db"), seconds, cancellationToken);
            }

            if (only is null or "recovery")
            {
                await RecoveryLoad.MeasureAsync(report, folder, tasks, cancellationToken);
            }

            if (only is null or "launches")
            {
                await LaunchLoad.MeasureAsync(report, Path.Combine(folder, "agent"), containers: 1_000, cancellationToken);
            }

            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task LogAsync(
        string[] arguments, BenchmarkReport report, string folder, int seconds, CancellationToken cancellationToken)
    {
        var volatileRate = DurableLeader.VolatileRate(seconds);
        await using (var sqlite = SqliteStateStore.Open(Path.Combine(folder, "log.db")))
        {
            await DurableLeader.MeasureAsync(report, "SQLite, synchronous=FULL", sqlite, seconds, volatileRate, cancellationToken);
        }

        await using (var files = FileStateStore.Open(Path.Combine(folder, "files")))
        {
            await DurableLeader.MeasureAsync(report, "files, fsync", files, seconds, volatileRate, cancellationToken);
        }

        await PostgresAsync(arguments, report, seconds, volatileRate, cancellationToken);
    }

    private static async Task PostgresAsync(
        string[] arguments, BenchmarkReport report, int seconds, double volatileRate, CancellationToken cancellationToken)
    {
        await using var server = Option(arguments, "--postgres") is null ? await TemporaryPostgres.StartAsync() : null;
        if ((Option(arguments, "--postgres") ?? server?.ConnectionString) is not { } connection)
        {
            await Console.Error.WriteLineAsync("SKIPPED: no PostgreSQL server binaries here; name a server with --postgres.");
            return;
        }

        await using var store = await PostgresStateStore.OpenAsync(connection, cancellationToken: cancellationToken);
        await DurableLeader.MeasureAsync(report, "PostgreSQL", store, seconds, volatileRate, cancellationToken);
    }

    private static string? Option(string[] arguments, string name)
        => Array.IndexOf(arguments, name) is var at and >= 0 && at + 1 < arguments.Length ? arguments[at + 1] : null;
}
