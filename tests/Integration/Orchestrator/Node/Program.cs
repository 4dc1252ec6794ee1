using System.Globalization;
using DataPlatform.Orchestrator;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Postgres;
using DataPlatform.Orchestrator.Schedules;
using Npgsql;

// A scheduler to be killed: connection string, seconds by which its clock is wrong. Every start of a body is recorded where the test looks.
var (connectionString, skew) = (args[0], double.Parse(args[1], CultureInfo.InvariantCulture));
await using var effects = NpgsqlDataSource.Create(connectionString);

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

var dag = new DagBuilder("d").Schedule(Timetable.Every(TimeSpan.FromSeconds(1))).MaxActiveRuns(4)
    .Task("start", RecordAsync, t => t.Pool("three"))
    .Task("flaky", async (context, cancellationToken) =>
    {
        await RecordAsync(context, cancellationToken);
        _ = context.Try % 2 == 1 ? throw new InvalidOperationException("every other try") : 0;
    }, t => t.After("start").Retries(50, Backoff.Constant(TimeSpan.FromMilliseconds(50))).Pool("three"))
    .Task("list", async (context, cancellationToken) =>
    {
        await RecordAsync(context, cancellationToken);
        return new[] { 1, 2, 3, 4 };
    }, t => t.After("start").Pool("three"))
    .MapTask<int>("each", MapSource.Over("list"), (context, _, cancellationToken) => RecordAsync(context, cancellationToken), t =>
        t.Pool("three"))
    .Task("end", RecordAsync, t => t.After("each", "flaky").Pool("three"))
    .Build();

var options = new PostgresOrchestratorOptions { Lease = TimeSpan.FromSeconds(1.5) };
while (true)
{
    try
    {
        await using var store = await PostgresOrchestratorStore.OpenAsync(connectionString, options);
        await using var engine = new OrchestratorEngine(
            store, [dag], options: new OrchestratorOptions { Pools = { ["three"] = 3 }, InfrastructureRetriesMax = 10_000 },
                time: new SkewedClock(skew));
        await engine.StartAsync();
        Console.WriteLine("leads");
        await engine.WaitForRunAsync(await engine.TriggerAsync("d"));
        await engine.StoppedAsync();
        Console.WriteLine("lost");
    }
    catch (Exception exception) when (exception is OrchestratorException or DataPlatform.Orchestrator.Metadata.OrchestratorStoreException)
    {
        Console.WriteLine($"lost: {exception.Message}");
    }
}

internal sealed class SkewedClock(double seconds) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddSeconds(seconds);
}
