using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Sqlite;

namespace DataPlatform.Orchestrator.Tests.Scheduling;

/// <summary>Engines whose start is refused: they end when they are disposed of, and leave the store to others.</summary>
public sealed class RefusedStartTests
{
    /// <summary>Only what hangs takes so long.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_engine_that_did_not_start_is_disposed_of_at_once()
    {
        var engine = new OrchestratorEngine(new InMemoryOrchestratorStore(), [Dag(t => t.Pool("none"))]);
        await Assert.ThrowsAsync<DagException>(() => engine.StartAsync(Token));

        await engine.DisposeAsync().AsTask().WaitAsync(Limit, Token);
    }

    [Fact]
    public async Task A_second_scheduler_of_a_file_ends_and_may_start_when_the_first_has_stopped()
    {
        var folder = Directory.CreateTempSubdirectory("dp-refused-").FullName;
        try
        {
            await using var ours = await SqliteOrchestratorStore.OpenAsync(Path.Combine(folder, "o.db"), cancellationToken: Token);
            await using (var theirs = await SqliteOrchestratorStore.OpenAsync(Path.Combine(folder, "o.db"), cancellationToken: Token))
            {
                await using var first = new OrchestratorEngine(theirs, [Dag()]);
                await first.StartAsync(Token);
                var second = new OrchestratorEngine(ours, [Dag()]);
                Assert.Equal(ErrorKind.Conflict, (await Assert.ThrowsAsync<OrchestratorStoreException>(() => second.StartAsync(Token))).Kind);
                await second.DisposeAsync().AsTask().WaitAsync(Limit, Token);
            }

            await using var third = new OrchestratorEngine(ours, [Dag()]);
            await third.StartAsync(Token);
            Assert.True(await third.TriggerAsync("d", cancellationToken: Token) > 0);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Dag Dag(Action<TaskBuilder>? configure = null) => new DagBuilder("d").Task("a", (_, _) => Task.CompletedTask, configure).Build();
}
