using System.Globalization;
using System.Text;
using DataPlatform.Kernel.Storage;
using DataPlatform.Orchestrator;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Logs;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Postgres;
using DataPlatform.Orchestrator.Runs;
using Npgsql;

namespace DataPlatform.Integration.Orchestrator;

/// <summary>Tries that run in workers: values, logs, cancellations and epochs reach them; silent ones lose their tries, once.</summary>
public sealed class RemoteWorkerTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bodies_read_values_and_write_logs_in_the_worker_as_in_the_scheduler()
    {
        await using var place = await PlaceAsync("remote_values");
        var logs = new TaskLogs(new InMemoryObjectStore());
        var dag = new DagBuilder("d").Param("n", ParamType.Integer, 2)
            .Task("list", (context, _) => Task.FromResult(Enumerable.Range(0, context.Param<int>("n")).ToArray()))
            .MapTask<int>("each", MapSource.Over("list"), (context, item, _) =>
            {
                context.Log($"item {item} by try {context.Try} of epoch {context.Epoch}");
                context.Push(TaskContext.ReturnKey, item * 10);
                return Task.CompletedTask;
            })
            .Task("flaky", (context, _) => context.Try < 3 ? throw new InvalidOperationException("not yet") : Task.FromResult(context.Epoch), t =>
                t.After("list").Retries(3, Backoff.Constant(TimeSpan.FromMilliseconds(5))))
            .Task("sum", (context, _) => Task.FromResult(context.PullAll<int>("each").Sum() + context.Pull<int>("flaky")), t =>
                t.After("each", "flaky"))
            .Command("echo", "/bin/echo", ["{{xcom.sum}}", "{{epoch}}"], t => t.After("sum"))
            .Build();
        await using var engine = place.Engine(dag);
        await engine.StartAsync(Token);
        await using var worker = new RemoteWorker(place.WorkerStore, new TryHost([dag], logs: logs));
        await worker.StartAsync(Token);

        var run = await engine.WaitForRunAsync(await engine.TriggerAsync("d", new { n = 3 }, cancellationToken: Token), Token);

        Assert.Equal(DagRunState.Success, run.State);
        var tasks = await place.Store.ListTaskInstancesAsync(run.Id, Token);
        Assert.All(tasks, task => Assert.Equal(("remote", TaskState.Success), (task.Executor, task.State)));
        Assert.Equal((3, 2, 0), tasks.Where(task => task.TaskId == "flaky").Select(task => (task.Try, task.Failures, task.InfrastructureFailures)).Single());
        var values = (await place.Store.ListXComsAsync(run.Id, Token)).ToLookup(value => value.TaskId, value => value.Json);
        Assert.Equal(["33"], values["sum"]);
        Assert.Equal(["\"33 1\""], values["echo"]);
        var log = new StringBuilder();
        await foreach (var piece in logs.ReadAsync(new TaskLogId("d", run.Id, "each", 2, 1), Token))
        {
            log.Append(Encoding.UTF8.GetString(piece.Span));
        }

        Assert.EndsWith("item 2 by try 1 of epoch 1\n", log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancellation_reaches_the_worker_and_what_waits_in_the_queue()
    {
        await using var place = await PlaceAsync("remote_cancel");
        var stopped = new TaskCompletionSource();
        var dag = new DagBuilder("d").Task("long", async (_, token) =>
        {
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            }
            finally
            {
                stopped.TrySetResult();
            }
        }).Task("waits", (_, _) => Task.CompletedTask, t => t.Queue("nobody")).Build();
        await using var engine = place.Engine(dag);
        await engine.StartAsync(Token);
        await using var worker = new RemoteWorker(place.WorkerStore, new TryHost([dag]));
        await worker.StartAsync(Token);
        var run = await engine.TriggerAsync("d", cancellationToken: Token);
        await UntilAsync(async () => (await TaskAsync(place.Store, run, "long"))?.State == TaskState.Running);
        Assert.Equal(TaskState.Queued, (await TaskAsync(place.Store, run, "waits"))!.State);

        Assert.True(await engine.CancelRunAsync(run, Token));

        await stopped.Task.WaitAsync(Token);
        await UntilAsync(async () => await History.CountAsync(place.Source, "SELECT count(*) FROM orchestrator.remote_try WHERE state < 2", Token) == 0);
        Assert.Equal(TaskState.Cancelled, (await TaskAsync(place.Store, run, "waits"))!.State);
        await UntilAsync(() => Task.FromResult(worker.RunningCount == 0));
    }

    [Theory]
    [InlineData("KILL")]
    [InlineData("STOP")]
    public async Task Silent_worker_loses_its_tries_once_and_apart_from_failures(string signal)
    {
        await using var place = await PlaceAsync($"remote_{signal.ToLowerInvariant()}");
        var file = Path.Combine(Path.GetTempPath(), $"remote-{Guid.NewGuid():N}");
        var dag = new DagBuilder("d").Command(
            "work", "/bin/sh", ["-c", $"echo $DP_TRY $DP_EPOCH >> {file}; while [ ! -e {file}.go ]; do sleep 0.05; done"]).Build();
        await using var engine = place.Engine(dag);
        await engine.StartAsync(Token);
        await using var first = NodeProcess.Start("worker", place.Database);
        var run = await engine.TriggerAsync("d", cancellationToken: Token);
        await UntilAsync(async () => (await TaskAsync(place.Store, run, "work"))?.State == TaskState.Running && File.Exists(file));
        await first.SignalAsync(signal);
        await using var second = NodeProcess.Start("worker", place.Database);
        await UntilAsync(() => Task.FromResult(File.ReadAllLines(file).Length == 2));
        if (signal == "STOP")
        {
            // It wakes up with a try that is no longer its own: it stops it, and its report changes nothing.
            await first.SignalAsync("CONT");
        }

        await File.WriteAllTextAsync($"{file}.go", string.Empty, Token);

        Assert.Equal(DagRunState.Success, (await engine.WaitForRunAsync(run, Token)).State);
        var task = (await TaskAsync(place.Store, run, "work"))!;
        Assert.Equal((2, 0, 1), (task.Try, task.Failures, task.InfrastructureFailures));
        Assert.Equal(["1 1", "2 2"], await File.ReadAllLinesAsync(file, Token));
        Assert.Contains("silent", Assert.Single(await place.Store.ListTriesAsync(run, Token)).Note, StringComparison.Ordinal);
        File.Delete(file);
        File.Delete($"{file}.go");
    }

    [Fact]
    public async Task Try_goes_on_while_its_scheduler_is_replaced()
    {
        await using var place = await PlaceAsync("remote_outlives");
        var gate = new TaskCompletionSource();
        var dag = new DagBuilder("d").Task("long", async (_, token) => await gate.Task.WaitAsync(token)).Build();
        await using var worker = new RemoteWorker(place.WorkerStore, new TryHost([dag]));
        await worker.StartAsync(Token);
        long run;
        await using (var engine = place.Engine(dag))
        {
            await engine.StartAsync(Token);
            run = await engine.TriggerAsync("d", cancellationToken: Token);
            await UntilAsync(async () => (await TaskAsync(place.Store, run, "long"))?.State == TaskState.Running);
        }

        Assert.Equal(1, worker.RunningCount);
        await using var heir = place.Engine(dag);
        await heir.StartAsync(Token);
        gate.SetResult();

        Assert.Equal(DagRunState.Success, (await heir.WaitForRunAsync(run, Token)).State);
        var task = (await TaskAsync(place.Store, run, "long"))!;
        Assert.Equal((1, 1L, 0), (task.Try, task.Epoch, task.InfrastructureFailures));
    }

    private async Task<Place> PlaceAsync(string name)
    {
        Assert.SkipWhen(server.SkipReason is not null, server.SkipReason ?? string.Empty);
        var database = await server.NewDatabaseAsync(name);
        return new Place(
            database,
            await PostgresOrchestratorStore.OpenAsync(database, cancellationToken: Token),
            await PostgresOrchestratorStore.OpenAsync(database, cancellationToken: Token));
    }

    private static async Task<TaskInstance?> TaskAsync(PostgresOrchestratorStore store, long run, string taskId) =>
        (await store.ListTaskInstancesAsync(run, Token)).SingleOrDefault(task => task.TaskId == taskId);

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        while (!await isSo())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }
    }

    private sealed class Place(string database, PostgresOrchestratorStore store, PostgresOrchestratorStore workerStore) : IAsyncDisposable
    {
        private readonly RemoteExecutor _remote = new(store, new RemoteExecutorOptions { WorkerTimeout = Silence });

        public string Database { get; } = database;

        public PostgresOrchestratorStore Store { get; } = store;

        public PostgresOrchestratorStore WorkerStore { get; } = workerStore;

        public NpgsqlDataSource Source { get; } = NpgsqlDataSource.Create(database);

        public OrchestratorEngine Engine(Dag dag) => new(Store, [dag], _remote);

        public async ValueTask DisposeAsync()
        {
            await _remote.DisposeAsync();
            await Source.DisposeAsync();
            await WorkerStore.DisposeAsync();
            await Store.DisposeAsync();
        }
    }
}
