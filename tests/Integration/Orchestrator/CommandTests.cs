using DataPlatform.Kernel;
using DataPlatform.Orchestrator;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Postgres;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Schedules;
using DataPlatform.Orchestrator.Sqlite;

namespace DataPlatform.Integration.Orchestrator;

/// <summary>An engine that schedules nothing is asked, and the process that owns the DAG does it.</summary>
public sealed class CommandTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("postgres")]
    [InlineData("sqlite")]
    public async Task Everything_can_be_asked_where_the_dag_is_not_scheduled(string kind)
    {
        var gate = new TaskCompletionSource();
        var dag = new DagBuilder("d").Schedule(Timetable.Cron("@daily"))
            .Param("n", ParamType.Integer, 1)
            .Task("a", (context, _) => Task.FromResult(context.Param<int>("n")))
            .Task("b", async (_, token) => await gate.Task.WaitAsync(token), t => t.After("a")).Build();
        await using var place = await OpenAsync(kind);
        await using var owner = new OrchestratorEngine(place.Store, [dag]);
        await owner.StartAsync(Token);
        await using var front = new OrchestratorEngine(place.Front, [], options: new OrchestratorOptions { IsScheduler = false });
        await front.StartAsync(Token);

        var run = await front.TriggerAsync("d", new { n = 5 }, idempotencyKey: "k", cancellationToken: Token);
        Assert.Equal(run, await front.TriggerAsync("d", new { n = 6 }, idempotencyKey: "k", cancellationToken: Token));
        Assert.Equal(run, await owner.TriggerAsync("d", idempotencyKey: "k", cancellationToken: Token));
        await UntilAsync(async () => (await front.ExplainAsync(run, Token)).Any(task => task is { TaskId: "b", Cause: WaitCause.Running }));
        Assert.True(await front.CancelRunAsync(run, Token));
        Assert.False(await front.CancelRunAsync(run, Token));
        Assert.Equal(1, await front.ClearAsync(run, new ClearRequest { TaskIds = ["b"] }, Token));
        gate.SetResult();
        Assert.Equal(DagRunState.Success, (await front.WaitForRunAsync(run, Token)).State);
        Assert.Equal(1, await front.MarkAsync(run, "b", TaskState.Failed, cancellationToken: Token));
        Assert.Equal(DagRunState.Failed, (await front.WaitForRunAsync(run, Token)).State);
        await front.PauseAsync("d", Token);
        Assert.True(Assert.Single(await place.Front.ListDagsAsync(Token)).IsPaused);
        await front.ResumeAsync("d", Token);
        var day = new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero);
        var (backfill, dates) = await front.BackfillAsync("d", new BackfillRequest { From = day, To = day.AddDays(1) }, Token);
        Assert.Equal(2, dates.Count);
        await UntilAsync(async () => (await place.Front.ListBackfillsAsync("d", Token))[0].State == BackfillState.Completed);
        Assert.False(await front.SetBackfillAsync(backfill!.Id, BackfillState.Paused, Token));
    }

    [Theory]
    [InlineData("postgres")]
    [InlineData("sqlite")]
    public async Task What_cannot_be_done_is_refused_with_its_reason(string kind)
    {
        var dag = new DagBuilder("d").Param("n", ParamType.Integer, 1).Task("a", (_, _) => Task.CompletedTask).Build();
        await using var place = await OpenAsync(kind);
        await using var owner = new OrchestratorEngine(place.Store, [dag]);
        await owner.StartAsync(Token);
        await using var front = new OrchestratorEngine(place.Front, [], options: new OrchestratorOptions { IsScheduler = false });
        await front.StartAsync(Token);

        var wrong = await Assert.ThrowsAsync<OrchestratorException>(() => front.TriggerAsync("d", new { n = "x" }, cancellationToken: Token));
        Assert.Equal(ErrorKind.Invalid, wrong.Kind);
        Assert.Contains("'n'", wrong.Message, StringComparison.Ordinal);
        var unknown = await Assert.ThrowsAnyAsync<DataPlatformException>(() => front.TriggerAsync("nope", cancellationToken: Token));
        Assert.Contains("no DAG 'nope'", unknown.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<OrchestratorException>(() => front.ClearAsync(99, cancellationToken: Token));
    }

    private async Task<Place> OpenAsync(string kind)
    {
        if (kind == "sqlite")
        {
            var folder = Directory.CreateTempSubdirectory("commands-").FullName;
            var file = Path.Combine(folder, "o.db");
            return new Place(
                await SqliteOrchestratorStore.OpenAsync(file, cancellationToken: Token),
                await SqliteOrchestratorStore.OpenAsync(file, cancellationToken: Token));
        }

        Assert.SkipWhen(server.SkipReason is not null, server.SkipReason ?? string.Empty);
        var database = await server.NewDatabaseAsync($"commands_{Guid.NewGuid():N}");
        return new Place(
            await PostgresOrchestratorStore.OpenAsync(database, cancellationToken: Token),
            await PostgresOrchestratorStore.OpenAsync(database, cancellationToken: Token));
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        while (!await isSo())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }
    }

    private sealed record Place(IOrchestratorStore Store, IOrchestratorStore Front) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Front.DisposeAsync();
            await Store.DisposeAsync();
        }
    }
}
