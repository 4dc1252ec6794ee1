using DataPlatform.Kernel;
using DataPlatform.Quality.DuckDb.Lineage;
using DataPlatform.Quality.Lineage;

namespace DataPlatform.Quality.Tests.Lineage;

/// <summary>SQL in events: its names are those of views, and the graph's those of datasets.</summary>
public sealed class EventSqlTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    private readonly LineageGraph _graph = new();
    private readonly DuckDbLineageExtractor _extractor = new();
    private readonly LineageCollector _collector;

    public EventSqlTests() => _collector = new LineageCollector(_graph, _extractor);

    public void Dispose() => _extractor.Dispose();

    [Fact]
    public void A_query_over_views_is_bound_to_the_columns_that_the_event_tells()
    {
        _collector.Accept(Event(
            "select airport, sum(delay) as total from a where day > date '2001-01-01' group by all",
            [Dataset("lake/arrivals", "a", ("airport", "VARCHAR"), ("delay", "INTEGER"), ("day", "DATE"))], [Dataset("lake/mart", null, ("airport", "VARCHAR"), ("total", "HUGEINT"))]));

        Assert.Equal(
            ["lake/arrivals.airport>lake/mart.airport", "lake/arrivals.delay>lake/mart.total"],
            Edges(LineageEdgeKind.Direct));
        Assert.Contains("lake/arrivals.day>lake/mart.total", Edges(LineageEdgeKind.Indirect));
        Assert.All(_graph.History(), record => Assert.Equal((1.0, LineageOrigin.Sql), (record.Edge.Confidence, record.Edge.Origin)));
    }

    [Fact]
    public void A_star_is_expanded_and_two_events_may_call_different_tables_by_one_name()
    {
        _collector.Accept(Event("select * from t", [Dataset("lake/a", "t", ("x", "INTEGER"))], [Dataset("lake/copy_a", null)], "one"));
        _collector.Accept(Event("select * from t", [Dataset("lake/b", "t", ("y", "VARCHAR"))], [Dataset("lake/copy_b", null)], "two"));

        Assert.Equal(["lake/a.x>lake/copy_a.x", "lake/b.y>lake/copy_b.y"], Edges(LineageEdgeKind.Direct));
    }

    [Fact]
    public void What_was_known_of_a_name_is_known_again_after_an_event_used_it_for_another_table()
    {
        _extractor.AddTable(new TableDefinition("t", [new ColumnDefinition("mine", "INTEGER")]));
        _collector.Accept(Event("select * from t", [Dataset("lake/a", "t", ("x", "INTEGER"))], [Dataset("lake/copy", null)]));

        Assert.Equal("mine", Assert.Single(Assert.Single(_extractor.Extract("select * from t")).Columns).Target.Column);
    }

    [Fact]
    public void A_statement_that_names_its_tables_finds_the_datasets_by_their_last_segment()
    {
        _collector.Accept(Event(
            "insert into totals (amount) select sum(price) from orders where day = NULL", [Dataset("shop/orders", null)], [Dataset("shop/totals", null)]));

        Assert.Equal(["shop/orders.price>shop/totals.amount"], Edges(LineageEdgeKind.Direct));
        Assert.All(_graph.History(), record => Assert.True(record.Edge.Confidence < 1));
    }

    [Fact]
    public void SQL_that_cannot_be_read_leaves_the_datasets()
    {
        Assert.True(_collector.Accept(Event("this is no SQL", [Dataset("lake/a", "t", ("x", "NO_SUCH_TYPE"))], [Dataset("lake/b", null)])));

        Assert.Equal(["lake/a.*>lake/b.*"], Edges(LineageEdgeKind.Direct));
    }

    [Fact]
    public void A_statement_alone_says_what_it_reads_and_writes()
    {
        Assert.True(_collector.Accept(Event("insert into totals (amount) select price from orders", [], [])));

        Assert.Equal(["orders.price>totals.amount"], Edges(LineageEdgeKind.Direct));
        Assert.False(new LineageCollector(_graph).Accept(Event("insert into totals (amount) select price from orders", [], [])));
    }

    private IEnumerable<string> Edges(LineageEdgeKind kind) => _graph.History().Where(record => record.Edge.Kind == kind)
        .Select(record => $"{record.Edge.Source}>{record.Edge.Target}").Order(StringComparer.Ordinal);

    private static LineageEvent Event(string sql, LineageDataset[] inputs, LineageDataset[] outputs, string job = "job") =>
        new(job, "run", Noon, LineageEventKind.Running, inputs, outputs, sql);

    private static LineageDataset Dataset(string name, string? alias, params (string Name, string Type)[] fields) => new(new DatasetId(name))
    {
        Alias = alias,
        Fields = fields.Length == 0 ? null : [.. fields.Select(field => new LineageField(field.Name, field.Type))],
    };
}
