using System.CommandLine;
using DataPlatform.Kernel.Storage;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Logs;
using DataPlatform.Orchestrator.Postgres;

namespace DataPlatform.Tools.Cli.Workers;

/// <summary><c>dp worker</c>: runs commands of DAGs that schedulers queue in PostgreSQL, until it is stopped. A command brings all it needs; tasks
/// with code are left to workers that have it.</summary>
internal static class WorkerCommand
{
    private static readonly Option<string> Store = new("--store")
    {
        Description = "The PostgreSQL of the schedulers, for example \"Host=db;Database=dp;Username=dp\".",
        Required = true,
    };

    private static readonly Option<string> Schema = new("--schema")
    {
        Description = "The orchestrator's schema.",
        DefaultValueFactory = _ => "orchestrator",
    };

    private static readonly Option<string[]> Queue = new("--queue")
    {
        Description = "A queue to take from; may be given more than once.",
        DefaultValueFactory = _ => ["default"],
    };

    private static readonly Option<int> Slots = new("--slots") { Description = "Tries at once.", DefaultValueFactory = _ => 8 };

    private static readonly Option<double> Timeout = new("--timeout")
    {
        Description = "Seconds of silence after which schedulers take its tries away; the same as theirs.",
        DefaultValueFactory = _ => 30,
    };

    private static readonly Option<double> Drain = new("--drain")
    {
        Description = "Seconds that tries may go on when it is stopped.",
        DefaultValueFactory = _ => 30,
    };

    private static readonly Option<string?> Logs = new("--logs") { Description = "A folder for the logs of tries: the engine's own, shared." };

    /// <summary>The command.</summary>
    public static Command Command => new Command("worker", "Runs commands of DAGs that schedulers queue in PostgreSQL, until it is stopped.")
    {
        Store, Schema, Queue, Slots, Timeout, Drain, Logs,
    }.Runs(RunAsync);

    private static async Task RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        var options = new RemoteWorkerOptions
        {
            Queues = parsed.GetValue(Queue)!,
            Slots = parsed.GetValue(Slots) is > 0 and var slots ? slots : throw new ArgumentException("--slots takes 1 or more."),
            Timeout = Seconds.Of("--timeout", parsed.GetValue(Timeout), allowsZero: false),
            DrainTimeout = Seconds.Of("--drain", parsed.GetValue(Drain), allowsZero: true),
        };
        var place = parsed.GetValue(Store)!;
        if (!place.Contains("Host=", StringComparison.OrdinalIgnoreCase))
        {
            throw new ArgumentException("--store takes a PostgreSQL connection string with Host=, for example \"Host=db;Database=dp;Username=dp\".");
        }

        var logs = parsed.GetValue(Logs) is { } folder ? new TaskLogs(new LocalObjectStore(folder)) : null;
        await using var store = await PostgresOrchestratorStore.OpenAsync(
            place, new PostgresOrchestratorOptions { Schema = parsed.GetValue(Schema)! }, cancellationToken);
        await using var worker = new RemoteWorker(store, new TryHost(logs: logs), options);
        await worker.StartAsync(cancellationToken);
        output.Note($"{options.Name} takes up to {options.Slots} tries from {string.Join(", ", options.Queues)}. Ctrl-C stops it.");
        try
        {
            await Task.Delay(System.Threading.Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            output.Note($"Stopping; {worker.RunningCount} tries may go on for {options.DrainTimeout.TotalSeconds:F0} s.");
            await worker.StopAsync(CancellationToken.None);
        }
    }
}
