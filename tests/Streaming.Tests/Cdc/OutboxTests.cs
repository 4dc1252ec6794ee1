using System.Buffers.Binary;
using System.Globalization;
using DataPlatform.Kernel.Storage;
using DataPlatform.Streaming.Cdc;
using DataPlatform.Streaming.Time;
using Microsoft.Data.Sqlite;

namespace DataPlatform.Streaming.Tests.Cdc;

public sealed class OutboxTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dp-outbox-").FullName;
    private readonly OutboxSignal _signal = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string ConnectionString => $"Data Source={_folder}/outbox.db;Pooling=False";

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Rows_of_all_splits_are_read_once_each_up_to_the_end_marker(int parallelism)
    {
        Write(0, 20_000, complete: true);
        var sink = new CollectingSink<long>();

        await using var run = await Build(sink, new InMemoryObjectStore(), parallelism).StartAsync(Token);
        await run.Completion;

        Assert.Equal(Expected(0, 20_000), sink.Sorted);
    }

    [Fact]
    public async Task Reading_goes_on_behind_the_checkpoint_at_another_parallelism_and_follows_the_table()
    {
        Write(0, 5_000, complete: false);
        var sink = new CollectingSink<long>();
        var store = new InMemoryObjectStore();
        await using (var run = await Build(sink, store, 2).StartAsync(Token))
        {
            await UntilAsync(() => run.Snapshot().Total("outbox").RecordsIn == 5_000);
            await run.TriggerCheckpointAsync(Token);
            Write(5_000, 1_000, complete: false);
            await UntilAsync(() => run.Snapshot().Total("outbox").RecordsIn == 6_000);
        }

        Assert.Equal(Expected(0, 5_000), sink.Sorted);
        await using (var run = await Build(sink, store, 3).StartAsync(Token))
        {
            await UntilAsync(() => run.Snapshot().Total("outbox").RecordsIn == 1_000);
            Write(6_000, 1_000, complete: true);
            await run.Completion;
            Assert.Equal(2_000, run.Snapshot().Total("outbox").RecordsIn);
        }

        Assert.Equal(Expected(0, 7_000), sink.Sorted);
    }

    [Fact]
    public async Task A_payload_that_cannot_be_decoded_names_its_row()
    {
        Write(0, 10, complete: false);
        Insert(new byte[3]);
        await using var run = await Build(new CollectingSink<long>(), new InMemoryObjectStore(), 1).StartAsync(Token);

        var error = await Assert.ThrowsAsync<StreamJobException>(() => run.Completion);

        Assert.Contains("Row 11", error.Message, StringComparison.Ordinal);
        Assert.Equal("outbox", error.OperatorName);
    }

    [Fact]
    public async Task A_row_exists_only_when_its_transaction_commits()
    {
        using (var connection = Open())
        {
            OutboxTable.Create(connection);
            using var writer = new OutboxWriter(connection);
            using (var transaction = connection.BeginTransaction())
            {
                writer.Append(transaction, 0, 1, BitConverter.GetBytes(1L));
                transaction.Rollback();
            }

            using (var transaction = connection.BeginTransaction())
            {
                writer.Append(transaction, 0, 1, BitConverter.GetBytes(2L));
                writer.Complete(transaction);
                transaction.Commit();
            }
        }

        var sink = new CollectingSink<long>();
        await using var run = await Build(sink, new InMemoryObjectStore(), 1).StartAsync(Token);
        await run.Completion;

        Assert.Equal(["2"], sink.Committed);
    }

    private static IEnumerable<string> Expected(int first, int count)
        => Enumerable.Range(first, count).Select(static n => n.ToString(CultureInfo.InvariantCulture)).Order(StringComparer.Ordinal);

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Token);
        }
    }

    private StreamJob Build(CollectingSink<long> sink, IObjectStore store, int parallelism)
    {
        var job = new StreamJobBuilder("outbox-job", new StreamJobOptions { Parallelism = parallelism, CheckpointStore = store, BatchSize = 100 });
        var source = new OutboxSource<long>(() => new SqliteConnection(ConnectionString), 4, static payload => BinaryPrimitives.ReadInt64LittleEndian(payload), _signal);
        job.FromSource("outbox", "outbox", source, WatermarkStrategy.Monotonous<long>()).SinkTo("out", "out", sink);
        return job.Build();
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(ConnectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode = WAL";
        command.ExecuteNonQuery();
        return connection;
    }

    private void Write(int first, int count, bool complete)
    {
        using var connection = Open();
        OutboxTable.Create(connection);
        using var writer = new OutboxWriter(connection);
        using var transaction = connection.BeginTransaction();
        for (long n = first; n < first + count; n++)
        {
            writer.Append(transaction, (int)(n % 4), n, BitConverter.GetBytes(n));
        }

        if (complete)
        {
            writer.Complete(transaction);
        }

        transaction.Commit();
        _signal.Set();
    }

    private void Insert(byte[] payload)
    {
        using var connection = Open();
        using var writer = new OutboxWriter(connection);
        using var transaction = connection.BeginTransaction();
        writer.Append(transaction, 0, 0, payload);
        transaction.Commit();
    }
}
