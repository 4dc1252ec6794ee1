using Apache.Arrow;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Tests.Kit;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Schedules;
using DataPlatform.Orchestrator.Scheduling;
using DataPlatform.Orchestrator.TableLoads;
using DataPlatform.Orchestrator.Testing;

namespace DataPlatform.Orchestrator.Tests.TableLoads;

public sealed class TableLoadTests
{
    private static readonly DateOnly Day = new(2026, 1, 1);

    private static readonly RowMapping<Sale> Mapping = new RowMapping<Sale>()
        .Column("id", DeltaType.Long, sale => sale.Id).Column("day", DeltaType.Date, sale => sale.Day).Column("amount", DeltaType.Long, sale => sale.Amount);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Before: day 1 has 1 and 2, day 2 has 3. Loaded for day 1: 2 anew, and 4.
    public static TheoryData<string, string> Kinds() => new()
    {
        { "append", "1=10 2=20 2=21 3=30 4=40" },
        { "truncate", "2=21 4=40" },
        { "partitions", "2=21 3=30 4=40" },
        { "delete-insert", "2=21 3=30 4=40" },
        { "merge", "1=10 2=21 3=30 4=40" },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_load_is_there_once_wherever_its_process_dies(string kind, string expected)
    {
        var died = 0;
        for (var step = 1; ; step++)
        {
            var alive = true;
            foreach (var afterEffect in new[] { false, true })
            {
                var store = await TableOfAsync();
                var dying = new FaultingStore(store, step, afterEffect);
                await DiesAsync(() => LoadAsync(kind, dying, Try(1, epoch: 1)));
                alive &= dying.IsDead;

                // The scheduler hears that the try was lost and starts the next; then a late message starts it once more.
                await LoadAsync(kind, store, Try(1, epoch: 2, lost: 1));
                Assert.True((await LoadAsync(kind, store, Try(1, epoch: 3, lost: 2))).IsReplay);

                Assert.Equal(expected, await RowsAsync(store));
                died += dying.IsDead ? 1 : 0;
            }

            if (!alive)
            {
                break;
            }
        }

        Assert.InRange(died, 8, 400);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task An_older_epoch_is_refused_before_it_writes_and_while_it_writes(string kind, string expected)
    {
        var store = await TableOfAsync();
        var zombie = await DeltaTable.OpenAsync(store, cancellationToken: Token);
        var isAsked = 0;
        var error = await Assert.ThrowsAsync<TaskFailedException>(() => LoadOf(kind).RunAsync(Try(1, epoch: 1), zombie, Slowly, Token));
        var version = (await DeltaTable.OpenAsync(store, cancellationToken: Token)).Snapshot.Version;
        await Assert.ThrowsAsync<TaskFailedException>(() => LoadAsync(kind, store, Try(1, epoch: 1)));

        Assert.False(error.MayRetry);
        Assert.Contains("epoch 1 of run 1 is over", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, isAsked);
        Assert.Equal(expected, await RowsAsync(store));
        Assert.Equal(version, (await DeltaTable.OpenAsync(store, cancellationToken: Token)).Snapshot.Version);

        async IAsyncEnumerable<RecordBatch> Slowly(TaskContext context, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            isAsked++;
            yield return Batch();

            // Its successor loads while it is at work.
            await LoadAsync(kind, store, Try(1, epoch: 2, lost: 1));
        }
    }

    [Fact]
    public async Task A_clear_and_another_run_of_the_interval_load_anew_and_another_interval_is_another_load()
    {
        var store = await TableOfAsync();
        var first = await LoadAsync("append", store, Try(1, epoch: 1));
        var replay = await LoadAsync("append", store, Try(1, epoch: 2, lost: 1));
        var cleared = await LoadAsync("append", store, Try(1, epoch: 3));
        var other = await LoadAsync("append", store, Try(7, epoch: 1));
        var nextDay = await LoadAsync("append", store, Try(1, epoch: 1, day: 1));

        Assert.Equal([false, true, false, false, false], new[] { first, replay, cleared, other, nextDay }.Select(result => result.IsReplay));
        Assert.Equal(3 + (4 * 2), (await RowsAsync(store)).Split(' ').Length);
        await Assert.ThrowsAsync<TaskFailedException>(() => LoadAsync("append", store, Try(1, epoch: 4)));
    }

    [Fact]
    public async Task Delete_and_insert_of_an_empty_interval_empties_it_and_rows_of_another_are_refused()
    {
        var store = await TableOfAsync();
        var table = await DeltaTable.OpenAsync(store, cancellationToken: Token);

        await LoadOf("delete-insert").RunAsync(Try(1, epoch: 1), table, (_, _) => AsyncEnumerable.Empty<RecordBatch>(), Token);
        Assert.Equal("3=30", await RowsAsync(store));
        await Assert.ThrowsAsync<DeltaException>(() => LoadOf("delete-insert").RunAsync(Try(1, epoch: 1, day: 1), table, Rows, Token));
        await Assert.ThrowsAsync<DeltaException>(() => TableLoad.Merge("nothing").RunAsync(Try(1, epoch: 1, day: 1), table, Rows, Token));
        Assert.Equal("3=30", await RowsAsync(store));
    }

    [Fact]
    public async Task Through_the_engine_killed_schedulers_zombies_and_a_backfill_leave_one_load_for_each_day()
    {
        var store = new InMemoryObjectStore();
        await DeltaTable.CreateAsync(store, Mapping.Schema, new DeltaTableOptions { PartitionColumns = ["day"] }, Token);
        var loads = 0;
        var dag = new DagBuilder("sales").Schedule(Timetable.Cron("0 0 * * *"), catchup: true)
            .Task("load", TableLoad.Append.Body((_, token) => DeltaTable.OpenAsync(store, cancellationToken: token), SalesOf), t => t.Retries(2)).Build();
        await using var host = await OrchestratorTestHost.StartAsync(dag, cancellationToken: Token);
        host.Task("sales", "load").Takes(TimeSpan.FromMinutes(10));
        for (var day = 0; day < 6; day++)
        {
            await host.AdvanceAsync(TimeSpan.FromDays(1) + TimeSpan.FromMinutes(5) - (host.Now.TimeOfDay), Token);
            switch (day % 3)
            {
                case 0:
                    await host.RestartAsync(cancellationToken: Token);
                    break;
                case 1:
                    Assert.Equal(1, host.Task("sales", "load").Lose());
                    break;
                default:
                    host.Task("sales", "load").Fails();
                    break;
            }
        }

        await host.RunUntilIdleAsync(cancellationToken: Token);
        await host.AdvanceAsync(TimeSpan.FromHours(1), Token);
        var before = await RowsAsync(store);
        var loadsBefore = loads;
        await host.Engine.BackfillAsync("sales", new BackfillRequest { From = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), To = host.Now, Reprocess = ReprocessMode.Failed }, Token);
        await host.RunUntilIdleAsync(cancellationToken: Token);

        Assert.Equal(string.Join(' ', Enumerable.Range(1, 6).Select(day => $"{day}={day}")), before);
        Assert.Equal(before, await RowsAsync(store));
        Assert.Equal(loadsBefore, loads);
        Assert.All(await host.RunsAsync("sales", Token), run => Assert.Equal(DagRunState.Success, run.State));

        async IAsyncEnumerable<RecordBatch> SalesOf(TaskContext context, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            loads++;
            await Task.Yield();
            var day = DateOnly.FromDateTime(context.DataInterval.Start.UtcDateTime);
            yield return Mapping.ToBatch([new Sale(day.Day, day, day.Day)]);
        }
    }

    private static TableLoad LoadOf(string kind) => kind switch
    {
        "append" => TableLoad.Append,
        "truncate" => TableLoad.Truncate,
        "partitions" => TableLoad.OverwritePartitions,
        "delete-insert" => TableLoad.DeleteInsert("day = DATE '{{interval_start|date}}'"),
        _ => TableLoad.Merge("id"),
    };

    private static async Task<LoadResult> LoadAsync(string kind, IObjectStore store, TaskContext context) =>
        await LoadOf(kind).RunAsync(context, await DeltaTable.OpenAsync(store, cancellationToken: Token), Rows, Token);

    private static async IAsyncEnumerable<RecordBatch> Rows(TaskContext context, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        yield return Batch();
    }

    private static RecordBatch Batch() => Mapping.ToBatch([new Sale(2, Day, 21), new Sale(4, Day, 40)]);

    private static async Task<InMemoryObjectStore> TableOfAsync()
    {
        var store = new InMemoryObjectStore();
        var table = await DeltaTable.CreateAsync(store, Mapping.Schema, new DeltaTableOptions { PartitionColumns = ["day"] }, Token);
        await table.AppendAsync([Mapping.ToBatch([new Sale(1, Day, 10), new Sale(2, Day, 20), new Sale(3, Day.AddDays(1), 30)])], Token);
        return store;
    }

    private static async Task<string> RowsAsync(IObjectStore store)
    {
        var table = await DeltaTable.OpenAsync(store, cancellationToken: Token);
        var sales = await table.Scan().ReadAsync<Sale>(Token).ToListAsync(Token);
        return string.Join(' ', sales.OrderBy(sale => sale.Id).ThenBy(sale => sale.Amount).Select(sale => $"{sale.Id}={sale.Amount}"));
    }

    private static async Task DiesAsync(Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (Exception e) when (e is IOException or DataPlatform.Kernel.DataPlatformException)
        {
            // The process is gone; what it had done is what the store has.
        }
    }

    private static TaskContext Try(long runId, long epoch, int lost = 0, int day = 0)
    {
        var start = new DateTimeOffset(Day.AddDays(day).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        var run = new DagRun { Id = runId, DagId = "sales", DagHash = "h", Interval = new DataInterval(start, start.AddDays(1)), LogicalDate = start };
        var task = new TaskInstance { Key = new TaskKey(runId, 0), TaskId = "load", Epoch = epoch, Try = (int)epoch, InfrastructureFailures = lost };
        return new TaskContext(run, task, new RunValues(run, new DagBuilder("sales").Task("load", (_, _) => Task.CompletedTask).Build()), _ => { });
    }

    private sealed record Sale(long Id, DateOnly Day, long Amount);
}
