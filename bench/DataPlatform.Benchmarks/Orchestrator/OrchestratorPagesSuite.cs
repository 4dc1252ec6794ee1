using System.Diagnostics;
using System.Globalization;
using DataPlatform.Benchmarks.Quality;
using DataPlatform.Orchestrator;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Runs;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Benchmarks.Orchestrator;

/// <summary>
/// What the pages cost over a tall and long history: the time and the bytes of each, over HTTP on this machine. Every run is in the store; tasks are
/// those of the newest runs and of as many that the page before them shows, for no page reads others.
/// </summary>
internal sealed class OrchestratorPagesSuite : IBenchmarkSuite
{
    private const string DagId = "wide";
    private const int Columns = 25;
    private const int GroupTasks = 50;
    private static readonly DateTimeOffset Start = new(2001, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <inheritdoc/>
    public string Name => "orchestrator-pages";

    /// <inheritdoc/>
    public string Description => "list, grid, graph, Gantt, calendar, task and why-not-running pages (--tasks N, default 5000; --runs N, default 10000; --repeats N, default 100).";

    /// <inheritdoc/>
    public async Task<int> RunAsync(string[] arguments, BenchmarkReport report, CancellationToken cancellationToken)
    {
        var tasks = QualitySuiteBenchmarks.Argument(arguments, "--tasks", 5_000);
        var runs = QualitySuiteBenchmarks.Argument(arguments, "--runs", 10_000);
        var repeats = QualitySuiteBenchmarks.Argument(arguments, "--repeats", 100);
        if (tasks < GroupTasks || runs < 2 * Columns || repeats < 1)
        {
            return 2;
        }

        await using var place = await BenchmarkStore.OpenAsync("sqlite", null, cancellationToken);
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var dag = Wide(tasks, open.Task);
        await FillAsync(place, dag, runs, cancellationToken);
        await using var engine = new OrchestratorEngine(place.Store, [dag]);
        await engine.StartAsync(cancellationToken);
        var waiting = await engine.TriggerAsync(DagId, cancellationToken: cancellationToken);
        await PagesAsync(engine, waiting, dag, runs, repeats, report, cancellationToken);
        open.SetResult();
        await engine.CancelRunAsync(waiting, cancellationToken);
        return 0;
    }

    /// <summary>One task that all others wait for, which stand in groups, in chains.</summary>
    private static Dag Wide(int tasks, Task open)
    {
        var dag = new DagBuilder(DagId).Task("start", (_, token) => open.WaitAsync(token));
        for (var i = 1; i < tasks; i++)
        {
            var number = i;
            dag = dag.Group($"part{i / GroupTasks:000}", group => group.Task(
                $"t{number:00000}", (_, _) => Task.CompletedTask, t => t.After(number % GroupTasks is 0 || number == 1 ? "start" : $"t{number - 1:00000}")));
        }

        return dag.Build();
    }

    private static async Task FillAsync(BenchmarkStore place, Dag dag, int runs, CancellationToken cancellationToken)
    {
        var store = place.Store;
        await store.RegisterAsync([dag], Start, cancellationToken);
        var term = await store.ClaimAsync("bench", cancellationToken);
        for (var id = 1L; id <= runs; id++)
        {
            var batch = new DataPlatform.Orchestrator.Metadata.StoreBatch { Term = term };
            var at = Start.AddHours(id);
            batch.Runs.Add(new DagRun
            {
                Id = id,
                DagId = dag.Id,
                DagHash = dag.Hash,
                Kind = DagRunKind.Scheduled,
                State = id % 50 == 0 ? DagRunState.Failed : DagRunState.Success,
                Interval = new(at, at.AddHours(1)),
                LogicalDate = at,
                RunAfter = at,
                CreatedAt = at,
                StartedAt = at,
                EndedAt = at.AddMinutes(10),
            });
            if (id > runs - (2 * Columns))
            {
                batch.Tasks.AddRange(dag.Tasks.Select(task => Ended(task, id, at)));
            }

            await store.CommitAsync(batch, cancellationToken);
        }

        await store.ReleaseAsync(term, cancellationToken);
    }

    private static TaskInstance Ended(DagTask task, long runId, DateTimeOffset at) => new()
    {
        Key = new TaskKey(runId, task.Number, -1),
        TaskId = task.Id,
        State = (task.Number + runId) % 97 == 0 ? TaskState.Failed : TaskState.Success,
        Try = 1,
        Epoch = 1,
        ReadyAt = at,
        QueuedAt = at,
        StartedAt = at.AddSeconds(task.Number % 500),
        EndedAt = at.AddSeconds((task.Number % 500) + 30),
        Executor = "inprocess",
    };

    private static async Task PagesAsync(
        OrchestratorEngine engine, long waiting, Dag dag, int runs, int repeats, BenchmarkReport report, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var host = builder.Build();
        host.Urls.Add("http://127.0.0.1:0");
        host.MapOrchestrator("/dags", engine);
        await host.StartAsync(cancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri(host.Urls.Single() + "/dags/") };
        var (ended, last) = (runs, dag.Tasks[^1].Id);
        var size = string.Create(CultureInfo.InvariantCulture, $"{dag.Tasks.Count:N0} tasks, {runs:N0} runs");
        foreach (var (what, path) in new[]
        {
            ("list of DAGs", ""), ("grid, the page", $"dag/{DagId}"), ($"grid, {Columns} newest runs", $"api/dags/{DagId}/grid?limit={Columns}"),
            ($"grid, {Columns} runs before", $"api/dags/{DagId}/grid?limit={Columns}&before={runs - Columns + 1}"),
            ("graph, groups closed", $"dag/{DagId}/graph"), ("graph around a task", $"dag/{DagId}/graph?focus={last}"), ("Gantt", $"run/{ended}/gantt"),
            ("calendar", $"dag/{DagId}/calendar?year=2001"), ("runs", $"dag/{DagId}/runs"), ("failed runs of all DAGs", "runs?state=Failed"),
            ("cancelled runs, of which there are none", "runs?state=Cancelled"), ("run", $"run/{ended}"), ("task", $"run/{ended}/task?task={last}"),
            ("run that waits, with reasons", $"run/{waiting}"), ("task that waits: why it is not running", $"run/{waiting}/task?task={last}"),
            ("API: why is nothing running", $"api/runs/{waiting}/why"), ("API: a DAG", $"api/dags/{DagId}"),
        })
        {
            var (ms, bytes) = await TimeAsync(client, path, repeats, cancellationToken);
            report.Add(new Figure("orchestrator", $"page: {what}, {size}, p50", ms[ms.Length / 2], "ms"));
            report.Add(new Figure("orchestrator", $"page: {what}, {size}, p99", ms[ms.Length * 99 / 100], "ms"));
            report.Add(new Figure("orchestrator", $"bytes: {what}", bytes / 1024.0, "KiB"));
        }
    }

    /// <summary>Milliseconds in ascending order, after a first answer that is not counted.</summary>
    private static async Task<(double[] Ms, int Bytes)> TimeAsync(HttpClient client, string path, int repeats, CancellationToken cancellationToken)
    {
        var bytes = (await client.GetByteArrayAsync(path, cancellationToken)).Length;
        var ms = new double[repeats];
        for (var i = 0; i < repeats; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await client.GetByteArrayAsync(path, cancellationToken);
            ms[i] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }

        Array.Sort(ms);
        return (ms, bytes);
    }
}
