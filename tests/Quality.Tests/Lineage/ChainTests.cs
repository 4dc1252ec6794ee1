using DataPlatform.Kernel;
using DataPlatform.Kernel.Feeds;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse;
using DataPlatform.Lakehouse.DeltaStreams;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Orchestrator;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.TableLoads;
using DataPlatform.Quality.DuckDb.Lineage;
using DataPlatform.Quality.Lineage;
using DataPlatform.Streaming;
using DataPlatform.Streaming.Sources;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Quality.Tests.Lineage;

/// <summary>A stream fills a lake table, whose news start a DAG that fills another by SQL, whose news start a load: nobody says what depends on what, and the graph knows.</summary>
public sealed class ChainTests : IDisposable
{
    private static readonly DatasetId Shop = new("shop/orders");
    private static readonly DatasetId Orders = new("lake/orders");
    private static readonly DatasetId Daily = new("lake/daily");
    private static readonly DatasetId Report = new("lake/report");

    private static readonly RowMapping<Order> Mapping = new RowMapping<Order>()
        .Column("id", DeltaType.Long, order => order.Id).Column("airport", DeltaType.String, order => order.Airport)
        .Column("delay", DeltaType.Long, order => order.Delay);

    private readonly string _folder = Directory.CreateTempSubdirectory("lineage-chain-").FullName;
    private readonly DatasetFeed _feed = new();
    private readonly LineageGraph _graph = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task From_a_stream_to_a_report_lineage_is_known_by_column_where_SQL_is_and_by_table_elsewhere()
    {
        using var extractor = new DuckDbLineageExtractor();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var following = new LineageCollector(_graph, extractor).FollowAsync(_feed, stop.Token);
        var orders = await TableAsync("orders", Orders, Mapping.Schema);
        var totals = DeltaType.Struct(new StructField("airport", DeltaType.String), new StructField("total", DeltaType.Long));
        var daily = await TableAsync("daily", Daily, totals);
        var report = await TableAsync("report", Report, totals);
        await using var engine = new OrchestratorEngine(new InMemoryOrchestratorStore(), [Mart(orders, daily), Publish(daily, report)], feed: _feed);
        await engine.StartAsync(Token);

        await StreamAsync(orders);
        await UntilAsync(async () => await SucceededAsync(engine) && (await report.RefreshAsync(Token)).RowCount == 2
            && _graph.Index.Upstream(new ColumnId(Report.Name, "total")).Any(reach => reach.Column.Dataset == Shop.Name));

        Assert.Equal(
            ["lake/daily.total", "lake/orders.delay", "shop/orders.*"], Direct(_graph.Index.Upstream(new ColumnId(Report.Name, "total"))));
        Assert.Equal(
            ["lake/daily.total", "lake/report.total"], Direct(_graph.Index.Downstream(new ColumnId(Orders.Name, "delay"))));
        Assert.Empty(Direct(_graph.Index.Downstream(new ColumnId(Orders.Name, "id"))));
        Assert.Contains("lake/report.airport", Direct(_graph.Index.Downstream(new ColumnId(Shop.Name, ColumnId.Star))));
        Assert.Equal(
            ["dag/mart/total Sql 1 lake/orders.delay>lake/daily.total", "dag/publish/load Runtime 1 lake/daily.total>lake/report.total", "orders/lake Runtime 1 shop/orders.*>lake/orders.*"],
            _graph.History().Where(record => record.RetiredAt is null && record.Edge is { Kind: LineageEdgeKind.Direct, Target.Column: "total" or ColumnId.Star })
                .Select(record => $"{record.Edge.Job} {record.Edge.Origin} {record.Edge.Confidence} {record.Edge.Source}>{record.Edge.Target}").Order(StringComparer.Ordinal));
        AssertRootCause();
        Assert.Equal(2, report.Snapshot.RowCount);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => following);
    }

    /// <summary>Trouble with the report is explained by the stream's table, which is most upstream, and not by what the report does not read.</summary>
    private void AssertRootCause()
    {
        var now = DateTimeOffset.UnixEpoch.AddYears(56);
        LineageSymptom At(DatasetId dataset, string column, int hour) => new(new ColumnId(dataset.Name, column), Severity.Critical, now.AddHours(hour), $"{dataset}.{column}");

        var ranking = RootCause.Rank(
            _graph.Index, At(Report, "total", 3), [At(Daily, "total", 2), At(Orders, "delay", 1), At(Shop, ColumnId.Star, 0), At(Orders, "id", 0)]);

        Assert.Equal(["shop/orders.*", "lake/orders.delay", "lake/daily.total", "lake/report.total"], ranking.Select(candidate => candidate.Symptom.What));
        Assert.Equal((3, 4), (ranking[0].Distance, ranking[0].Explains));
    }

    private static Dag Mart(DeltaTable orders, DeltaTable daily) => new DagBuilder("mart").OnDataset(Orders).Task("total", async (context, token) =>
    {
        await using var lake = LakeQuery.Open();
        await lake.RegisterAsync("o", await orders.SnapshotAtAsync(context.TriggeringVersions[0].Version, token), token);
        await lake.WriteAsync(
            daily, "select airport, sum(delay)::bigint as total from o where delay > 0 group by airport", new WriteOptions { Mode = WriteMode.Overwrite }, token);
    }, task => task.Inlets(Orders).Outlets(Daily)).Build();

    private static Dag Publish(DeltaTable daily, DeltaTable report) => new DagBuilder("publish").OnDataset(Daily)
        .Task("load", TableLoad.Truncate.Body((_, _) => Task.FromResult(report), (_, token) => daily.Scan().ReadAsync(token)), task => task.Outlets(Report)).Build();

    private static async Task StreamAsync(DeltaTable orders)
    {
        var builder = new StreamJobBuilder("orders", new StreamJobOptions { Parallelism = 1 });
        Order[] records = [new(1, "JFK", 5), new(2, "JFK", 7), new(3, "LAX", 1), new(4, "LAX", 0)];
        builder.FromSource("shop", "shop", new CollectionSource<Order>([records]), WatermarkStrategy.Monotonous<Order>(static order => order.Id), Shop)
            .Filter(order => order.Id > 0).SinkTo("lake", "lake", new DeltaSink<Order>(orders, Mapping));
        await using var job = await builder.Build().StartAsync(Token);
        await job.Completion.WaitAsync(Token);
    }

    private static IEnumerable<string> Direct(IEnumerable<LineageReach> reached) =>
        reached.Where(reach => reach.IsDirect).Select(reach => reach.Column.ToString()).Order(StringComparer.Ordinal);

    /// <summary>Whether the report's DAG has run; a DAG that failed says why.</summary>
    private static async Task<bool> SucceededAsync(OrchestratorEngine engine)
    {
        var runs = await engine.Store.ListRunsAsync(new RunQuery(), Token);
        foreach (var run in runs.Where(run => run.State == DagRunState.Failed))
        {
            Assert.Fail(string.Join('\n', (await engine.Store.ListTaskInstancesAsync(run.Id, Token)).Select(task => task.Note)));
        }

        return runs.Any(run => run is { DagId: "publish", State: DagRunState.Success });
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        while (!await holds())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Token);
        }
    }

    private Task<DeltaTable> TableAsync(string name, DatasetId dataset, StructType schema) => DeltaTable.CreateAsync(
        new LocalObjectStore(Path.Combine(_folder, name)), schema, new DeltaTableOptions { Feed = _feed, Dataset = dataset }, Token);

    private sealed record Order(long Id, string Airport, long Delay);
}
