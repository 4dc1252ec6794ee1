using DataPlatform.Kernel;
using DataPlatform.ResourceScheduler;
using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Postgres;
using DataPlatform.ResourceScheduler.Processes;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace DataPlatform.Integration.ResourceScheduler;

/// <summary>
/// Two managers on one PostgreSQL and a real agent. The leader's connection is killed, or stands still, again and again: the other leads,
/// every task runs exactly once, and the old leader can write nothing.
/// </summary>
public sealed class TwoManagersTests(PostgresServer server) : IClassFixture<PostgresServer>, IDisposable
{
    private static readonly QueueTree Queues = QueueTree.Define().Queue("root.a").Build();

    private readonly TemporaryFolder _folder = new();
    private ResourceManager? _leader;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_standby_takes_over_and_every_task_runs_once(bool isFrozen)
    {
        Assert.SkipWhen(server.SkipReason is not null, server.SkipReason ?? "");
        var database = await server.NewDatabaseAsync(isFrozen ? "frozen" : "killed");
        var direct = new NpgsqlConnectionStringBuilder(database);
        FreezableProxy[] proxies = [new(direct.Port), new(direct.Port)];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var managers = proxies.Select((proxy, i) => ServeAsync($"manager{i}",
            new NpgsqlConnectionStringBuilder(database) { Port = proxy.Port }.ConnectionString, stop.Token)).ToArray();
        await Wait.UntilAsync(() => _leader is not null, "somebody leads");
        var agent = await NodeAgent.StartAsync(() => _leader!, new NodeAgentOptions("here", _folder["agent"])
        {
            Capacity = new ResourceVector(4_000, 4_096),
            RetryAfter = TimeSpan.FromMilliseconds(50),
            Heartbeat = TimeSpan.FromMilliseconds(200),
        }, NullLoggerFactory.Instance);

        var id = await _leader!.SubmitAsync(new ApplicationSubmission(new ApplicationSpecification("app", "root.a",
            "ana")
        { EndsWithAsks = true },
            [new ContainerAsk(new ResourceVector(1_000, 256), 40)
            {
                Work = new ContainerWork.Command("/bin/sh", ["-c", "echo $DATAPLATFORM_CONTAINER >> ../../../log; sleep 0.3"]),
                IsRequeued = true,
            }]), Token);
        for (var round = 0; round < 3; round++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(700), TimeProvider.System, Token);
            await DeposeAsync(_leader!, database, isFrozen ? proxies : null);
        }

        await Wait.UntilAsync(() => IsDone(id), "the application ends");
        var lines = await File.ReadAllLinesAsync(_folder["log"], Token);
        Assert.Equal(lines.Length, lines.Distinct().Count());
        Assert.True(lines.Length >= 40, $"{lines.Length} of 40 tasks ran.");
        await stop.CancelAsync();
        foreach (var manager in managers)
        {
            await Task.WhenAny(manager);
        }

        await agent.DisposeAsync();
        Array.ForEach(proxies, proxy => proxy.Dispose());
        var epochs = await LogIsOneLineOfEpochsAsync(database);

        // A change of leaders costs at most the tasks that run: four.
        Assert.True(lines.Length <= 40 + (4 * (epochs - 1)), $"{lines.Length} starts in {epochs} epochs.");
    }

    /// <summary>Nobody wrote anything between the records of another.</summary>
    private static async Task<long> LogIsOneLineOfEpochsAsync(string database)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(
            "SELECT count(*) FROM (SELECT epoch, lag(epoch) OVER (ORDER BY sequence) AS before FROM resource_scheduler.event_log) AS t WHERE epoch < before");
        Assert.Equal(0L, await command.ExecuteScalarAsync(Token));
        await using var epochs = source.CreateCommand("SELECT count(DISTINCT epoch) FROM resource_scheduler.event_log");
        var count = (long)(await epochs.ExecuteScalarAsync(Token))!;
        Assert.True(count >= 4, $"{count} epochs after three changes of leaders.");
        return count;
    }

    private bool IsDone(long id)
    {
        var now = _leader!;
        return now.Epoch > 0 && now.Completion.IsCompleted is false && now.Snapshot() is var snapshot
            && snapshot.Applications.All(application => application.Id != id) && snapshot.Used.IsZero;
    }

    private async Task DeposeAsync(ResourceManager leader, string database, FreezableProxy[]? proxies)
    {
        if (proxies is null)
        {
            await using var source = NpgsqlDataSource.Create(database);
            await using var kill = source.CreateCommand(
                """
                SELECT count(pg_terminate_backend(pid)) FROM pg_locks
                WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                """);
            Assert.Equal(1L, await kill.ExecuteScalarAsync(Token));
        }
        else
        {
            // Both ways stand still until somebody has to be found dead; the standby thaws first.
            var frozen = await OwnerAsync(database);
            proxies[frozen].Freeze();
            await Wait.UntilAsync(() => _leader!.Epoch > leader.Epoch, "the standby leads");
            proxies[frozen].Thaw();
        }

        var error = await Assert.ThrowsAsync<SchedulerException>(() => leader.Completion);
        Assert.True(error.Kind is ErrorKind.Unavailable or ErrorKind.Conflict, error.Message);
        await Wait.UntilAsync(() => _leader!.Epoch > leader.Epoch, "another leads");
    }

    private static async Task<int> OwnerAsync(string database)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand("SELECT owner FROM resource_scheduler.leader");
        return ((string)(await command.ExecuteScalarAsync(Token))!)[^1] - '0';
    }

    /// <summary>A manager process in little: stands by, leads, and stands by again when it has lost.</summary>
    private async Task ServeAsync(string owner, string database, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await using var store = await PostgresStateStore.OpenAsync(database,
                    new PostgresStateStoreOptions { FrozenAfter = TimeSpan.FromSeconds(2), LookEvery = TimeSpan.FromMilliseconds(50) },
                        cancellationToken);
                await using var manager = await ResourceManager.LeadAsync(Queues, store, new InProcessContainerDriver(),
                    TimeProvider.System,
                    NullLoggerFactory.Instance, new SchedulerOptions
                    {
                        TickMs = 200,
                        NodeSuspectAfterMs = 60_000,
                        NodeLostAfterMs = 600_000
                    }, owner, cancellationToken);
                _leader = manager;
                await manager.Completion.WaitAsync(cancellationToken);
            }
            catch (SchedulerException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
            }
        }
    }
}
