using System.Diagnostics;
using DataPlatform.Quality.DuckDb.Lineage;
using DataPlatform.Quality.Lineage;

namespace DataPlatform.Quality.Tests.DuckDb.Lineage;

/// <summary>Texts that would write, run, nest or go on without end.</summary>
public sealed class HostileSqlTests : IDisposable
{
    private readonly DuckDbLineageExtractor _extractor = new();

    public HostileSqlTests()
    {
        _extractor.AddTable(new TableDefinition("t", [new ColumnDefinition("a", "INTEGER"), new ColumnDefinition("st", "VARCHAR"), new ColumnDefinition("y", "INTEGER")]));
    }

    public static TheoryData<string, string> Endless => new()
    {
        { "parentheses", $"SELECT {new string('(', 50_000)}a{new string(')', 50_000)} AS q FROM t" },
        { "open parentheses", $"SELECT * FROM t WHERE {new string('(', 100_000)}" },
        { "queries", $"SELECT a FROM {Repeat("(SELECT a FROM ", 5_000)}t{new string(')', 5_000)} x" },
        { "cases", $"SELECT {Repeat("CASE WHEN a > 1 THEN 1 ELSE ", 5_000)}0{Repeat(" END", 5_000)} AS q FROM t" },
        { "unions", string.Join(" UNION ALL ", Enumerable.Repeat("SELECT a FROM t", 20_000)) },
        { "joins", $"SELECT t0.a FROM t t0{string.Concat(Enumerable.Range(1, 10_000).Select(i => $" JOIN t t{i} ON t0.a = t{i}.a"))}" },
        { "sums", $"SELECT {string.Join(" + ", Enumerable.Repeat("a", 50_000))} AS q FROM t" },
        { "negations", $"SELECT {Repeat("NOT ", 50_000)}true AS q FROM t" },
        { "common tables", $"WITH {string.Join(", ", Enumerable.Range(0, 5_000).Select(i => $"c{i} AS (SELECT a FROM {(i == 0 ? "t" : $"c{i - 1}")})"))} SELECT a FROM c4999" },
        { "length", $"SELECT '{new string('x', 5_000_000)}' AS q FROM t" },
        { "comments", $"{Repeat("/*", 100_000)} SELECT a FROM t" },
    };

    public void Dispose() => _extractor.Dispose();

    [Theory]
    [MemberData(nameof(Endless))]
    public void What_goes_on_without_end_is_answered_for_by_a_lower_tier_or_not_at_all(string what, string sql)
    {
        var found = _extractor.Extract(sql);

        Assert.All(found, s => Assert.True(s.Tier == LineageTier.BoundPlan || s.Problem is { Length: > 0 }, what));
        Assert.Equal(["t.a"], Assert.Single(_extractor.Extract("SELECT a FROM t")).Columns[0].Sources.Select(c => c.ToString()));
    }

    [Theory]
    [InlineData("PREPARE p AS SELECT count(*) FROM range(1000000000000); EXECUTE p")]
    [InlineData("EXPLAIN ANALYZE SELECT count(*) FROM range(1000000000000) r(i) WHERE hash(i) = 1")]
    [InlineData("SET VARIABLE x = (SELECT count(*) FROM range(1000000000000) r(i) WHERE hash(i) = 1)")]
    [InlineData("CREATE TYPE e AS ENUM (SELECT DISTINCT i::VARCHAR FROM range(1000000000000) r(i))")]
    [InlineData("INSERT INTO t SELECT i, '', 1 FROM range(1000000000000) r(i)")]
    [InlineData("CREATE TABLE big AS SELECT i FROM range(1000000000000) r(i)")]
    public void Nothing_is_run(string sql)
    {
        var watch = Stopwatch.StartNew();

        _extractor.Extract(sql);

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"{watch.Elapsed}: it was run");
    }

    [Theory]
    [InlineData("ATTACH '{0}' AS x")]
    [InlineData("COPY t TO '{0}'")]
    [InlineData("EXPORT DATABASE '{0}'")]
    [InlineData("ATTACH '{0}' AS x; CREATE TABLE x.y (a INTEGER)")]
    public void Nothing_is_written(string sql)
    {
        var path = Path.Combine(Path.GetTempPath(), $"lineage-{Guid.NewGuid():N}");

        _extractor.Extract(string.Format(System.Globalization.CultureInfo.InvariantCulture, sql, path));

        Assert.False(File.Exists(path) || Directory.Exists(path));
    }

    [Theory]
    [InlineData("we\"ird; DROP TABLE t; --")]
    [InlineData("'; SELECT 1; '")]
    [InlineData("sch\u00f6n \U0001F600")]
    [InlineData("a.b.c.d.e")]
    [InlineData("new\nline")]
    public void A_strange_name_is_a_name(string name)
    {
        _extractor.AddTable(new TableDefinition(name, [new ColumnDefinition(name, "INTEGER")]));
        var quoted = "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
        var table = name.Contains('.', StringComparison.Ordinal) && name.Split('.').Length <= 3 ? name : quoted;

        var found = Assert.Single(_extractor.Extract($"SELECT {quoted} AS q FROM {table}"));

        Assert.Equal((LineageTier.BoundPlan, new ColumnId(name, name)), (found.Tier, found.Columns[0].Sources[0]));
        Assert.Single(_extractor.Extract("SELECT a FROM t"));
    }

    [Theory]
    [InlineData("")]
    [InlineData(";;;")]
    [InlineData("\0\0")]
    [InlineData("'unclosed")]
    [InlineData("$x$ unclosed")]
    [InlineData("SELECT FROM WHERE")]
    [InlineData("\uD800")]
    public void What_does_not_parse_is_no_failure(string sql) => Assert.All(_extractor.Extract(sql), s => Assert.NotNull(s.Problem));

    [Theory]
    [InlineData("SELEC 1", "SELEC")]
    [InlineData("CREATE TABLE x (a int", "end of input")]
    [InlineData("INSERT INTO x SELECT a FROM (", "end of input")]
    [InlineData("UPDATE t SET WHERE", "WHERE")]
    [InlineData("INSERT OR REPLACE t (a) SELECT y FROM t", "t")]
    [InlineData("CREATE TABLE AS SELECT a FROM t", "AS")]
    [InlineData("INSERT INTO t (a", "end of input")]
    [InlineData("MERGE INTO t USING", "end of input")]
    [InlineData("COPY", "end of input")]
    public void A_statement_that_the_parser_refuses_is_told_as_such(string sql, string named)
    {
        var found = _extractor.Extract($"SELECT a FROM t; {sql}; SELECT y FROM t");

        Assert.Equal([true, false, true], found.Select(s => s.Parses));
        Assert.Equal((LineageTier.TableLevel, sql), (found[1].Tier, found[1].Sql));
        Assert.Contains(named, found[1].Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SELECT nope FROM t", "nope")]
    [InlineData("SELECT a FROM ghosts", "ghosts does not exist")]
    [InlineData("SELECT a FROM t x, t z", "Ambiguous")]
    [InlineData("INSERT INTO t (nope) SELECT 1", "nope")]
    [InlineData("SELECT no_such_function(a) FROM t", "no_such_function")]
    public void A_statement_that_does_not_bind_says_why_and_names_nothing_of_the_shadow(string sql, string named)
    {
        var found = Assert.Single(_extractor.Extract(sql));

        Assert.Equal((true, LineageTier.ParseTree), (found.Parses, found.Tier));
        Assert.Contains(named, found.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain("Did you mean", found.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', found.Problem!);
    }

    [Theory]
    [InlineData("PIVOT t ON st USING sum(a) GROUP BY y", "y<-t.y; *<-t.a t.st")]
    [InlineData("PIVOT t ON y USING sum(a) AS s, max(st) AS m", "*<-t.a t.st t.y")]
    [InlineData("CREATE TABLE w AS SELECT * FROM (PIVOT t ON st, y USING sum(a))", "*<-t.a t.st t.y")]
    [InlineData("PIVOT (PIVOT t ON st USING sum(a) GROUP BY y) ON y USING count(*)", "*<-t.a t.st t.y")]
    [InlineData("INSERT INTO t SELECT 1, st, \"1\" FROM (PIVOT t ON y IN (1) USING sum(a) GROUP BY st)", null)]
    public void A_pivot_without_its_values_tells_what_they_come_from(string sql, string? expected)
    {
        var found = Assert.Single(_extractor.Extract(sql));

        Assert.Equal(LineageTier.BoundPlan, found.Tier);
        if (expected is null)
        {
            Assert.Equal((1.0, null), (found.Confidence, found.Problem));
            return;
        }

        Assert.Equal((0.9, true, sql), (found.Confidence, found.Problem!.Contains("PIVOT", StringComparison.Ordinal), found.Sql));
        Assert.Equal(expected, string.Join("; ", found.Columns.Select(c => $"{c.Target.Column}<-{string.Join(' ', c.Sources)}")));
    }

    [Fact]
    public void A_statement_is_remembered_whatever_its_layout_until_a_table_changes()
    {
        Assert.Equal("t.a", SourceOf("SELECT x.a AS q FROM t x"));
        var again = Assert.Single(_extractor.Extract("select   x.a as q -- the same\nfrom t x"));
        Assert.Equal("select   x.a as q -- the same\nfrom t x", again.Sql);

        _extractor.AddTable(new TableDefinition("t", [new ColumnDefinition("b", "INTEGER")]));
        Assert.NotEqual(LineageTier.BoundPlan, Assert.Single(_extractor.Extract("SELECT x.a AS q FROM t x")).Tier);
        _extractor.Extract("ALTER TABLE t RENAME COLUMN b TO a");
        Assert.Equal(LineageTier.BoundPlan, Assert.Single(_extractor.Extract("SELECT x.a AS q FROM t x")).Tier);
        _extractor.AddTable(new TableDefinition("t", [new ColumnDefinition("b", "INTEGER")]));
        Assert.NotEqual(LineageTier.BoundPlan, Assert.Single(_extractor.Extract("SELECT x.a AS q FROM t x")).Tier);
    }

    [Fact]
    public void The_memory_of_statements_is_bounded()
    {
        var cache = new LineageCache(10);
        var lineage = new StatementLineage { Sql = "", Tier = LineageTier.BoundPlan };
        for (var i = 0; i < 1_000; i++)
        {
            cache.Put(LineageCache.KeyOf($"SELECT {i}"), lineage);
        }

        Assert.InRange(Enumerable.Range(0, 1_000).Count(i => cache.Find(LineageCache.KeyOf($"SELECT {i}"), 0) is not null), 1, 10);
        Assert.NotNull(cache.Find(LineageCache.KeyOf("SELECT 999"), 0));
        Assert.Null(cache.Find(LineageCache.KeyOf("SELECT 999"), 1));
    }

    [Fact]
    public void What_happens_to_values_and_what_columns_decide_is_told()
    {
        var found = Assert.Single(_extractor.Extract("SELECT a AS same, a + 1 AS more, md5(st) AS hidden, y FROM t WHERE st > 'x' ORDER BY a"));
        Assert.Equal(
            [LineageFlow.Identity, LineageFlow.Transformation, LineageFlow.Transformation | LineageFlow.Masked, LineageFlow.Identity],
            found.Columns.Select(c => c.Flow));
        Assert.Equal([("t.a", LineageUse.Sort), ("t.st", LineageUse.Filter)], found.Uses.Select(u => (u.Column.ToString(), u.Use)));

        var grouped = Assert.Single(_extractor.Extract("SELECT x.st, sum(z.a) AS s FROM t x JOIN t z ON x.y = z.y GROUP BY x.st"));
        Assert.Equal([LineageFlow.Identity, LineageFlow.Transformation | LineageFlow.Aggregation], grouped.Columns.Select(c => c.Flow));
        Assert.Equal([("t.st", LineageUse.GroupBy), ("t.y", LineageUse.Join)], grouped.Uses.Select(u => (u.Column.ToString(), u.Use)));
    }

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));

    private string SourceOf(string sql) => Assert.Single(_extractor.Extract(sql)).Columns[0].Sources[0].ToString();
}
