using DataPlatform.Kernel;
using DataPlatform.ResourceScheduler;
using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Postgres;
using DataPlatform.ResourceScheduler.Recovery;
using DataPlatform.ResourceScheduler.Sqlite;
using Npgsql;

namespace DataPlatform.Integration.ResourceScheduler;

/// <summary>What every store promises, held by each of them.</summary>
public sealed class StateStoreTests(PostgresServer server) : IClassFixture<PostgresServer>, IDisposable
{
    private static readonly QueueTree Queues = QueueTree.Define().Queue("root.a").Build();

    private readonly TemporaryFolder _folder = new();
    private string? _database;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Kinds => ["files", "sqlite", "postgres"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_log_is_read_back_as_it_was_written_and_a_saved_state_takes_its_place(string kind)
    {
        await using (var store = await OpenAsync(kind))
        {
            var epoch = await store.ClaimAsync("one", Token);
            for (var sequence = 1; sequence <= 10; sequence++)
            {
                await store.AppendAsync(new LogRecord(sequence, epoch, Payload(sequence)), Token);
            }

            Assert.Null(await store.ReadStateAsync(Token));
            Assert.Equal(Enumerable.Range(4, 7).Select(number => (long)number), (await ReadAsync(store, 3)).Select(record
                => record.Sequence));
            await store.SaveStateAsync(new SavedState(8, epoch, Payload(88)), Token);
            await store.AppendAsync(new LogRecord(11, epoch, Payload(11)), Token);
        }

        await using var again = await OpenAsync(kind);
        Assert.Equal(2, await again.ClaimAsync("two", Token));
        var state = await again.ReadStateAsync(Token);
        Assert.Equal(8, state!.Sequence);
        Assert.Equal(Payload(88), state.Payload.ToArray());
        var rest = (await ReadAsync(again, state.Sequence)).Where(record => record.Sequence > 8).ToArray();
        Assert.Equal([9, 10, 11], rest.Select(record => record.Sequence));
        Assert.All(rest, record => Assert.Equal(Payload((int)record.Sequence), record.Payload.ToArray()));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task An_epoch_that_is_over_can_write_nothing(string kind)
    {
        await using var store = await OpenAsync(kind);
        var old = await store.ClaimAsync("one", Token);
        await store.AppendAsync(new LogRecord(1, old, Payload(1)), Token);
        await store.ReleaseAsync(old, Token);
        var epoch = await store.ClaimAsync("two", Token);
        Assert.Equal(old + 1, epoch);

        Assert.Equal(ErrorKind.Conflict, (await Assert.ThrowsAsync<SchedulerException>(async () =>
            await store.AppendAsync(new LogRecord(2, old, Payload(2)), Token))).Kind);
        Assert.Equal(ErrorKind.Conflict, (await Assert.ThrowsAsync<SchedulerException>(async () =>
            await store.SaveStateAsync(new SavedState(1, old, Payload(2)), Token))).Kind);
        await store.AppendAsync(new LogRecord(2, epoch, Payload(22)), Token);
        Assert.Equal(Payload(22), (await ReadAsync(store, 1))[0].Payload.ToArray());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_scheduler_goes_on_from_the_store_of_its_predecessor(string kind)
    {
        ClusterSnapshot before;
        await using (var store = await OpenAsync(kind))
        {
            await using var leader = await DurableScheduler.LeadAsync(Queues, store, "one", cancellationToken: Token);
            leader.Apply(new SchedulerEvent.NodeRegistered(0, "n", new ResourceVector(8_000, 8_000)));
            leader.Apply(new SchedulerEvent.ApplicationSubmitted(0, 1, new ApplicationSpecification("app", "root.a", "ana")));
            await leader.SaveAsync(Token);
            leader.Apply(new SchedulerEvent.ContainersAsked(1, 1, 2, new ContainerAsk(new ResourceVector(1_000, 1_000), 12)));
            await leader.CommitAsync(Token);
            before = leader.Scheduler.Snapshot();
        }

        await using var again = await OpenAsync(kind);
        await using var successor = await DurableScheduler.LeadAsync(Queues, again, "two", cancellationToken: Token);
        Assert.Equal((before.Used, 8, 4), (successor.Scheduler.Snapshot().Used, successor.Scheduler.Snapshot().Queue("root.a").Running,
            successor.Scheduler.Snapshot().Queue("root.a").Pending));
    }

    /// <summary>The connection, and with it the lock, may seem to be there still; the row decides.</summary>
    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_leader_that_still_has_its_connection_is_fenced_by_the_epoch_row(string kind)
    {
        await using var store = await OpenAsync(kind);
        var epoch = await store.ClaimAsync("one", Token);
        await store.AppendAsync(new LogRecord(1, epoch, Payload(1)), Token);
        await using System.Data.Common.DbConnection other = kind == "sqlite"
            ? new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_folder["log.db"]};Pooling=false")
            : new NpgsqlConnection(_database + ";Search Path=resource_scheduler");
        await other.OpenAsync(Token);
        await using var raise = other.CreateCommand();
        raise.CommandText = "UPDATE leader SET epoch = epoch + 1";
        await raise.ExecuteNonQueryAsync(Token);

        Assert.Equal(ErrorKind.Conflict, (await Assert.ThrowsAsync<SchedulerException>(async () =>
            await store.AppendAsync(new LogRecord(2, epoch, Payload(2)), Token))).Kind);
        Assert.Equal(ErrorKind.Conflict, (await Assert.ThrowsAsync<SchedulerException>(async () =>
            await store.SaveStateAsync(new SavedState(1, epoch, Payload(2)), Token))).Kind);
        Assert.Single(await ReadAsync(store, 0));
    }

    [Fact]
    public async Task A_flipped_byte_in_a_database_is_an_error_that_names_the_record()
    {
        await using (var store = SqliteStateStore.Open(_folder["log.db"]))
        {
            await using var leader = await DurableScheduler.LeadAsync(Queues, store, "one", cancellationToken: Token);
            leader.Apply(new SchedulerEvent.Tick(7));
            await leader.CommitAsync(Token);
        }

        Assert.Equal(["log.db", "log.db.lock"], Directory.GetFiles(Path.GetDirectoryName(_folder["log.db"])!).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        await using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_folder["log.db"]};Pooling=false"))
        {
            await connection.OpenAsync(Token);
            await using var command = connection.CreateCommand();
            command.CommandText = "UPDATE event_log SET payload = CAST(substr(payload, 1, 3) || x'99' || substr(payload, 5) AS BLOB) WHERE sequence = 2";
            Assert.Equal(1, await command.ExecuteNonQueryAsync(Token));
        }

        await using var again = SqliteStateStore.Open(_folder["log.db"]);
        var error = await Assert.ThrowsAsync<SchedulerException>(async () =>
            await DurableScheduler.LeadAsync(Queues, again, "two", cancellationToken: Token));
        Assert.Equal(ErrorKind.Corrupt, error.Kind);
        Assert.Contains("Record 2 ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_of_something_else_or_of_a_newer_program_is_refused()
    {
        await using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_folder["other.db"]};Pooling=false"))
        {
            await connection.OpenAsync(Token);
            await using var command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE t (x)";
            await command.ExecuteNonQueryAsync(Token);
        }

        var before = await File.ReadAllBytesAsync(_folder["other.db"], Token);
        Assert.Contains("something else", Assert.Throws<SchedulerException>(() => SqliteStateStore.Open(_folder["other.db"])).Message,
            StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(_folder["other.db"], Token));
        await (await OpenAsync("postgres")).DisposeAsync();
        await using var source = NpgsqlDataSource.Create(_database!);
        await using var newer = source.CreateCommand("UPDATE resource_scheduler.schema_version SET version = 99");
        await newer.ExecuteNonQueryAsync(Token);
        Assert.Contains("version 99", (await Assert.ThrowsAsync<SchedulerException>(() => OpenAsync("postgres"))).Message,
            StringComparison.Ordinal);
    }

    private static byte[] Payload(int number) => [.. Enumerable.Range(number, 100).Select(value => (byte)value)];

    private static async Task<List<LogRecord>> ReadAsync(IStateStore store, long after)
    {
        var records = new List<LogRecord>();
        await foreach (var record in store.ReadLogAsync(after, Token))
        {
            records.Add(record);
        }

        return records;
    }

    private async Task<IStateStore> OpenAsync(string kind)
    {
        if (kind != "postgres")
        {
            return kind == "files" ? FileStateStore.Open(_folder["log"]) : SqliteStateStore.Open(_folder["log.db"]);
        }

        Assert.SkipWhen(server.SkipReason is not null, server.SkipReason ?? "");
        _database ??= await server.NewDatabaseAsync($"store_{Guid.NewGuid():N}");
        return await PostgresStateStore.OpenAsync(_database, cancellationToken: Token);
    }
}
