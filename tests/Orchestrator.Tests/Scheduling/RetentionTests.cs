using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Logs;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Orchestrator.Tests.Scheduling;

/// <summary>What has been kept long enough goes, with all that belongs to it; what is newer, or among the newest of its DAG, stays.</summary>
public sealed class RetentionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("memory")]
    [InlineData("sqlite")]
    public async Task Old_runs_go_with_their_tasks_values_and_logs_and_the_newest_stay(string kind)
    {
        var folder = Directory.CreateTempSubdirectory("retention-").FullName;
        var time = new FakeTimeProvider(EngineHarness.Start);
        var objects = new InMemoryObjectStore(time);
        var options = new OrchestratorOptions
        {
            Logs = new TaskLogs(objects, time: time),
            Retention = new RetentionOptions { Runs = TimeSpan.FromDays(30), RunsKept = 2, Every = TimeSpan.FromHours(1), BatchSize = 2 },
        };
        var dag = new DagBuilder("d").Task("a", (context, _) =>
        {
            context.Log("a line");
            return context.Try == 1 ? throw new InvalidOperationException("once") : Task.FromResult(1);
        }, t => t.Retries(1, Backoff.Constant(TimeSpan.FromSeconds(1)))).Build();
        await using IOrchestratorStore store = kind == "memory"
            ? new InMemoryOrchestratorStore()
            : await SqliteOrchestratorStore.OpenAsync(Path.Combine(folder, "o.db"), cancellationToken: Token);
        await using (var engine = await EngineHarness.StartAsync([dag], store, time, options))
        {
            for (var i = 0; i < 8; i++)
            {
                var ended = engine.RunAsync("d");
                while (!ended.IsCompleted)
                {
                    time.Advance(TimeSpan.FromMilliseconds(100));
                    await Task.Yield();
                }

                Assert.Equal(DagRunState.Success, (await ended).State);
                time.Advance(TimeSpan.FromDays(i == 4 ? 28 : 1));
            }

            // Runs 1 to 5 are older than 30 days by now.
            await EngineHarness.UntilAsync(async () =>
            {
                time.Advance(TimeSpan.FromHours(1));
                return (await engine.RunsAsync("d")).Count == 3 ? "gone" : null;
            });
            Assert.Equal([6L, 7L, 8L], (await engine.RunsAsync("d")).Select(run => run.Id));
            await EngineHarness.UntilAsync(async () =>
            {
                time.Advance(TimeSpan.FromDays(1));
                return (await engine.RunsAsync("d")).Count == 2 ? "gone" : null;
            });
            time.Advance(TimeSpan.FromDays(300));
            await engine.SettleAsync();
            Assert.Equal([7L, 8L], (await engine.RunsAsync("d")).Select(run => run.Id));

            // A run goes first, then what belongs to it; an engine stopped in between leaves that to the next one.
            await EngineHarness.UntilAsync(async () => await store.Retention.ListRemovedRunsAsync(0, 1, Token) is [] ? "nothing left" : null);
        }

        foreach (var run in Enumerable.Range(1, 8))
        {
            var isKept = run >= 7;
            Assert.Equal(isKept, (await store.ListTaskInstancesAsync(run, Token)).Count > 0);
            Assert.Equal(isKept, (await store.ListTriesAsync(run, Token)).Count > 0);
            Assert.Equal(isKept, (await store.ListXComsAsync(run, Token)).Count > 0);
            var logs = 0;
            await foreach (var _ in objects.ListAsync($"logs/d/{run:D19}/", null, Token))
            {
                logs++;
            }

            Assert.Equal(isKept, logs > 0);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("memory")]
    [InlineData("sqlite")]
    public async Task Slots_of_a_pool_set_by_hand_hold_after_a_restart(string kind)
    {
        var folder = Directory.CreateTempSubdirectory("pools-").FullName;
        var file = Path.Combine(folder, "o.db");
        var memory = new InMemoryOrchestratorStore();
        var running = 0;
        var most = 0;
        var gate = new SemaphoreSlim(0);
        var builder = new DagBuilder("d").Task("large", (_, _) => Task.CompletedTask, t => t.Pool("p", 2));
        for (var i = 0; i < 6; i++)
        {
            builder.Task($"t{i}", async (_, token) =>
            {
                most = Math.Max(most, Interlocked.Increment(ref running));
                await gate.WaitAsync(token);
                Interlocked.Decrement(ref running);
            }, t => t.Pool("p").After("large"));
        }

        var dag = builder.Build();
        foreach (var isFirst in new[] { true, false })
        {
            await using IOrchestratorStore store = kind == "memory" ? memory : await SqliteOrchestratorStore.OpenAsync(file, cancellationToken: Token);
            await using var engine = await EngineHarness.StartAsync([dag], store, options: new OrchestratorOptions { Pools = { ["p"] = 6 } });
            if (isFirst)
            {
                var tooFew = await Assert.ThrowsAsync<OrchestratorException>(() => engine.Engine.SetPoolAsync("p", 1, Token));
                Assert.Equal(ErrorKind.Conflict, tooFew.Kind);
                await Assert.ThrowsAsync<OrchestratorException>(() => engine.Engine.SetPoolAsync("nope", 1, Token));
                await engine.Engine.SetPoolAsync("p", 3, Token);
            }

            var run = await engine.Engine.TriggerAsync("d", cancellationToken: Token);
            await EngineHarness.UntilAsync(async () => (await engine.Store.ListPoolsAsync(Token)).Single().Used == 3 ? "full" : null);
            gate.Release(6);
            Assert.Equal(DagRunState.Success, (await engine.Engine.WaitForRunAsync(run, Token)).State);
            Assert.Equal(new PoolRecord("p", 3, 0, true), (await engine.Store.ListPoolsAsync(Token)).Single());
        }

        Assert.Equal(3, most);
        Directory.Delete(folder, recursive: true);
    }
}
