using System.Globalization;
using DataPlatform.Orchestrator;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Postgres;
using DataPlatform.Orchestrator.Schedules;
using Npgsql;

if (args[0] == "trigger")
{
    await CallerInATransaction.RunAsync(args[1], args[2], commits: bool.Parse(args[3]));
    return;
}

if (args[0] == "worker")
{
    await using var queue = await PostgresOrchestratorStore.OpenAsync(args[1]);
    await using var worker = new RemoteWorker(queue, options: new RemoteWorkerOptions { Slots = 4, Timeout = TimeSpan.FromSeconds(2) });
    await worker.StartAsync();
    Console.WriteLine("takes");
    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System);
}

// A scheduler to be killed: connection string, seconds by which its clock is wrong, whether its DAGs still fire. Every start of a body is
// recorded where the test looks.
var (connectionString, skew, fires) = (args[0], double.Parse(args[1], CultureInfo.InvariantCulture), bool.Parse(args[2]));
await using var effects = NpgsqlDataSource.Create(connectionString + ";Application Name=effect");

async Task RecordAsync(TaskContext context, CancellationToken cancellationToken)
{
    await using var command = effects.CreateCommand(
        "INSERT INTO effect (run_id, task_id, map_index, try, epoch) VALUES ($1, $2, $3, $4, $5)");
    command.Parameters.AddWithValue(context.RunId);
    command.Parameters.AddWithValue(context.TaskId);
    command.Parameters.AddWithValue(context.MapIndex);
    command.Parameters.AddWithValue(context.Try);
    command.Parameters.AddWithValue(context.Epoch);
    await command.ExecuteNonQueryAsync(cancellationToken);
    await Task.Delay(TimeSpan.FromMilliseconds(30), TimeProvider.System, cancellationToken);
}

Dag DagOf(int number)
{
    var builder = new DagBuilder($"d{number}").MaxActiveRuns(3);
    return (fires ? builder.Schedule(Timetable.Every(TimeSpan.FromSeconds(2))) : builder)
        .Task("start", RecordAsync, t => t.Pool("three"))
        .Task("flaky", async (context, cancellationToken) =>
        {
            await RecordAsync(context, cancellationToken);
            _ = context.Try % 2 == 1 ? throw new InvalidOperationException("every other try") : 0;
        }, t => t.After("start").Retries(50, Backoff.Constant(TimeSpan.FromMilliseconds(50))).Pool("three", 2))
        .Task("list", async (context, cancellationToken) =>
        {
            await RecordAsync(context, cancellationToken);
            return new[] { 1, 2, 3, 4 };
        }, t => t.After("start").Pool("three"))
        .MapTask<int>("each", MapSource.Over("list"), (context, _, cancellationToken) => RecordAsync(context, cancellationToken), t =>
            t.Pool("three"))
        .Task("end", RecordAsync, t => t.After("each", "flaky").Pool("three", 3))
        .Build();
}

var options = new PostgresOrchestratorOptions { Lease = TimeSpan.FromSeconds(1.5) };
await using var store = await PostgresOrchestratorStore.OpenAsync(connectionString, options);
await using var engine = new OrchestratorEngine(
    store,
    Enumerable.Range(0, 4).Select(DagOf),
    options: new OrchestratorOptions { Pools = { ["three"] = 3 }, InfrastructureRetriesMax = 10_000 },
    time: new SkewedClock(skew),
    loggers: new CriticalLog());
await engine.StartAsync();
Console.WriteLine("works");
await engine.StoppedAsync();

// The loop goes on whatever happens to the database: that it ended is a mistake, and the log says which.
Environment.Exit(3);

internal sealed class SkewedClock(double seconds) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddSeconds(seconds);
}
