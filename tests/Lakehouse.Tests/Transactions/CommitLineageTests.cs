using DataPlatform.Kernel;
using DataPlatform.Kernel.Feeds;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.DeltaStreams;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Lakehouse.Scans;
using DataPlatform.Lakehouse.Tests.Kit;
using DataPlatform.Streaming;
using DataPlatform.Streaming.Sinks;
using DataPlatform.Streaming.Sources;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Lakehouse.Tests.Transactions;

public sealed class CommitLineageTests : IAsyncDisposable
{
    private static readonly DatasetId Orders = new("lake/orders");
    private static readonly DatasetId Copy = new("lake/copy");

    private static readonly LineageEvent Mark = new("mark", "mark", DateTimeOffset.UnixEpoch, LineageEventKind.Running, [], []);

    private readonly TempFolder _folder = new();
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;
    private readonly DatasetFeed _feed = new();
    private readonly IAsyncEnumerator<LineageEvent> _follower;
    private Task<bool> _next;

    public CommitLineageTests()
    {
        _follower = _feed.FollowLineageAsync(_cancel).GetAsyncEnumerator(_cancel);
        _next = _follower.MoveNextAsync().AsTask();
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Commits_that_change_data_tell_their_version_and_others_tell_nothing()
    {
        var table = await TableAsync("a", Orders);
        Assert.Empty(await ToldAsync());
        await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(10))], _cancel);
        await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(10, 10))], _cancel);
        await table.WriteAsync([Order.Mapping.ToBatch(Order.Some(5))], new() { Mode = WriteMode.Merge, MergeOn = ["id"] }, _cancel);
        await table.OverwriteAsync([Order.Mapping.ToBatch(Order.Some(4))], _cancel);
        await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(4, 4))], _cancel);
        Assert.Equal(1, (await table.CompactAsync(cancellationToken: _cancel)).Commits);
        var transaction = table.BeginTransaction();
        transaction.SetMetadata(transaction.Snapshot.Metadata with { Description = "other" });
        await transaction.CommitAsync("SET", _cancel);

        Assert.Equal(
            Enumerable.Range(1, 5).Select(version => $"Complete delta/lake/orders delta/lake/orders/{version}  -> lake/orders@{version}"), (await ToldAsync()).Select(Text));
        Assert.Equal((7L, 5L), (_feed.Latest(Orders)!.Value.Version, _feed.LatestData(Orders)!.Value.Version));
    }

    [Fact]
    public async Task The_newest_version_with_other_data_is_found_in_the_log_behind_upkeep()
    {
        var table = await DeltaTable.CreateAsync(new InMemoryObjectStore(), Order.Mapping.Schema, cancellationToken: _cancel);
        Assert.Null(await table.LatestDataVersionAsync(_cancel));
        await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(10))], _cancel);
        await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(10, 10))], _cancel);
        var elsewhere = await DeltaTable.OpenAsync(table.Store, cancellationToken: _cancel);
        Assert.Equal(1, (await elsewhere.CompactAsync(cancellationToken: _cancel)).Commits);
        await elsewhere.SetPropertiesAsync(new Dictionary<string, string?> { ["x.note"] = "looked after" }, _cancel);

        Assert.Equal(2, await table.LatestDataVersionAsync(_cancel));
        Assert.Equal(4, table.Snapshot.Version);
        await elsewhere.AppendAsync([Order.Mapping.ToBatch(Order.Some(1, 20))], _cancel);
        Assert.Equal(5, await table.LatestDataVersionAsync(_cancel));
        await elsewhere.SetPropertiesAsync(new Dictionary<string, string?> { ["x.note"] = "again" }, _cancel);

        // What the log has forgotten may have been data: one look in vain is better than none.
        await table.CheckpointAsync(_cancel);
        await table.Store.DeleteAsync("_delta_log/00000000000000000005.json", _cancel);
        Assert.Equal(5, await (await DeltaTable.OpenAsync(table.Store, cancellationToken: _cancel)).LatestDataVersionAsync(_cancel));
    }

    [Fact]
    public async Task A_table_without_a_name_tells_nothing()
    {
        var table = await DeltaTable.CreateAsync(_folder.Store, Order.Mapping.Schema, new() { Feed = _feed }, _cancel);
        await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(10))], _cancel);

        Assert.Empty(await ToldAsync());
    }

    [Fact]
    public async Task Rows_of_a_scan_say_which_version_and_columns_they_are_of()
    {
        var orders = await TableAsync("a", Orders);
        await orders.AppendAsync([Order.Mapping.ToBatch(Order.Some(10))], _cancel);
        var copy = await TableAsync("b", Copy);
        await ToldAsync();

        await copy.AppendAsync(orders.Scan().Where("id < 5").Select("ID", "day", "amount", "placed").ReadAsync(_cancel), _cancel);
        await DeltaTable.CreateOrReplaceAsync(
            new LocalObjectStore(_folder.Path + "/c"), Order.Mapping.Schema, new() { Feed = _feed, Dataset = new DatasetId("lake/c") }, orders.Scan().ReadAsync(_cancel), _cancel);

        var told = await ToldAsync();
        Assert.Equal("Complete delta/lake/copy/from/lake/orders delta/lake/copy/from/lake/orders/1 lake/orders@1 -> lake/copy@1", Text(told[0]));
        Assert.Equal(["id", "day", "amount", "placed"], told[0].Columns!.Select(column => column.Column));
        Assert.Equal(new LineageSource(Orders, "ID"), Assert.Single(told[0].Columns![0].Inputs));
        Assert.StartsWith("Complete delta/lake/c/from/lake/orders ", Text(told[1]), StringComparison.Ordinal);
        Assert.Equal(5, copy.Snapshot.RowCount);
    }

    [Theory]
    [InlineData(WriteMode.Append)]
    [InlineData(WriteMode.Merge)]
    public async Task A_query_that_is_written_says_its_text_and_the_tables_in_it(WriteMode mode)
    {
        var orders = await TableAsync("a", Orders);
        await orders.AppendAsync([Order.Mapping.ToBatch(Order.Some(10))], _cancel);
        var copy = await TableAsync("b", Copy);
        await using var lake = LakeQuery.Open();
        await lake.RegisterAsync("o", orders.Snapshot, _cancel);
        await lake.RegisterAsync("unused", orders.Snapshot, _cancel);
        await lake.RegisterAsync("recent", orders.Snapshot, _cancel);
        await ToldAsync();

        const string Sql = "with recent as (select * from O where id > 3) select r.* from recent r join (select 1 as one) on true";
        await lake.WriteAsync(copy, Sql, new() { Mode = mode, MergeOn = mode == WriteMode.Merge ? ["id"] : [] }, _cancel);

        var told = Assert.Single(await ToldAsync());
        Assert.Equal("Complete delta/lake/copy/from/lake/orders delta/lake/copy/from/lake/orders/1 lake/orders@1 -> lake/copy@1 " + Sql, Text(told));
        var input = Assert.Single(told.Inputs);
        Assert.Equal("O", input.Alias, ignoreCase: true);
        Assert.Contains(new LineageField("amount", "DECIMAL(12,2)"), input.Fields!);
        Assert.Contains(new LineageField("id", "BIGINT"), told.Outputs[0].Fields!);
    }

    [Fact]
    public async Task A_commit_inside_a_run_is_told_under_its_name_and_to_the_run()
    {
        var table = await TableAsync("a", Orders);
        var run = new LineageRun("dag/d/load", "d/1/load#1");
        using (run.Enter())
        {
            await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(10))], _cancel);
        }

        Assert.Equal("Running dag/d/load d/1/load#1  -> lake/orders@1", Text(Assert.Single(await ToldAsync())));
        Assert.Equal([new LineageDataset(Orders, 1)], run.Report().Outputs);
    }

    [Fact]
    public async Task Who_writes_may_say_what_it_read()
    {
        var table = await TableAsync("a", Orders);
        await table.WriteAsync(
            [Order.Mapping.ToBatch(Order.Some(10))],
            new() { Lineage = new CommitLineage { Job = "import", RunId = "import/7", Inputs = [new LineageDataset(new DatasetId("files/orders.csv"))] } }, _cancel);

        Assert.Equal("Running import import/7 files/orders.csv@ -> lake/orders@1", Text(Assert.Single(await ToldAsync())));
    }

    [Fact]
    public async Task A_stream_s_sink_names_the_sources_before_it()
    {
        var table = await TableAsync("a", Orders);
        var builder = new StreamJobBuilder("job", new StreamJobOptions { Parallelism = 1 });
        var first = builder.FromSource("shop", "shop", new CollectionSource<Order>([Order.Some(10)]), WatermarkStrategy.Monotonous<Order>(static order => order.Id), new DatasetId("shop/orders"));
        var second = builder.FromSource("web", "web", new NamedSource(new CollectionSource<Order>([Order.Some(10, 10)])), WatermarkStrategy.Monotonous<Order>(static order => order.Id));
        var other = builder.FromSource("other", "other", new CollectionSource<Order>([Order.Some(1)]), WatermarkStrategy.Monotonous<Order>(static order => order.Id), new DatasetId("shop/other"));
        first.Union(second).Filter(order => order.Id >= 0).SinkTo("lake", "lake", new DeltaSink<Order>(table, Order.Mapping));
        other.SinkTo("nowhere", "nowhere", new DeltaSink<Order>(await TableAsync("b", Copy), Order.Mapping));
        await using (var job = await builder.Build().StartAsync(_cancel))
        {
            await job.Completion.WaitAsync(_cancel);
        }

        var told = (await ToldAsync()).Single(said => said.Outputs[0].Dataset == Orders);
        Assert.Equal(["shop/orders", "web/orders"], told.Inputs.Select(input => input.Dataset.Name));
        Assert.Equal(("job/lake", LineageEventKind.Running, 1L), (told.Job, told.Kind, told.Outputs[0].Version));
        Assert.Equal(20, table.Snapshot.RowCount);
    }

    private Task<DeltaTable> TableAsync(string folder, DatasetId dataset) => DeltaTable.CreateAsync(
        new LocalObjectStore(_folder.Path + "/" + folder), new Schemas.StructType([.. Order.Mapping.Schema.Fields.Select(field => field with { Nullable = true })]),
        new() { Feed = _feed, Dataset = dataset }, _cancel);

    /// <summary>What was told since the last time: all that comes before a mark.</summary>
    private async Task<List<LineageEvent>> ToldAsync()
    {
        _feed.Publish(Mark);
        var told = new List<LineageEvent>();
        while (await _next)
        {
            var said = _follower.Current;
            _next = _follower.MoveNextAsync().AsTask();
            if (said == Mark)
            {
                break;
            }

            told.Add(said);
        }

        return told;
    }

    private static string Text(LineageEvent said) =>
        $"{said.Kind} {said.Job} {said.RunId} {Names(said.Inputs)} -> {Names(said.Outputs)}{(said.Sql is null ? string.Empty : " " + said.Sql)}";

    private static string Names(IEnumerable<LineageDataset> datasets) => string.Join(',', datasets.Select(dataset => $"{dataset.Dataset}@{dataset.Version}"));

    private sealed class NamedSource(CollectionSource<Order> inner) : ISource<Order>, IDatasetSource
    {
        public DatasetId? Dataset => new DatasetId("web/orders");

        public ValueTask<IReadOnlyList<SourceSplit>> ListSplitsAsync(CancellationToken cancellationToken) => inner.ListSplitsAsync(cancellationToken);

        public ISourceReader<Order> CreateReader(SourceReaderContext context) => inner.CreateReader(context);
    }
}
