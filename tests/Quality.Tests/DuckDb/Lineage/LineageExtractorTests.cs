using DataPlatform.Quality.DuckDb.Lineage;
using DataPlatform.Quality.Lineage;

namespace DataPlatform.Quality.Tests.DuckDb.Lineage;

public sealed class LineageExtractorTests : IDisposable
{
    private static readonly Dictionary<string, string> Tables = new()
    {
        ["sale"] = "sid int, buyer int, amt double, qty int, st varchar, at_day date",
        ["buyer"] = "bid int, nm varchar, mail varchar, boss int",
        ["keyed"] = "k int primary key, v int, w int",
        ["other"] = "k int, b int",
        ["bag"] = "id int, tags varchar[]",
        ["lake/s.parquet"] = "a int, b int",
    };

    private readonly DuckDbLineageExtractor _extractor = new();

    public void Dispose() => _extractor.Dispose();

    [Theory]
    [InlineData("UPDATE keyed SET k = k + 1 RETURNING k", "keyed.k<-keyed.k")]
    [InlineData("UPDATE keyed SET k = other.b FROM other WHERE other.k = keyed.k", "keyed.k<-other.b | other.k keyed.k")]
    [InlineData("INSERT OR REPLACE INTO keyed (k, v) SELECT sid, qty FROM sale", "keyed.k<-sale.sid; keyed.v<-sale.qty")]
    [InlineData("INSERT INTO keyed BY NAME SELECT qty AS v, sid AS k FROM sale RETURNING k", "keyed.k<-sale.sid; keyed.v<-sale.qty")]
    [InlineData("MERGE INTO keyed USING other ON keyed.k = other.k WHEN MATCHED AND keyed.w > 3 THEN UPDATE SET v = other.b WHEN NOT MATCHED THEN INSERT (k, w) VALUES (other.k, 1)", "keyed.v<-other.b; keyed.k<-other.k; keyed.w<- | keyed.k keyed.w")]
    [InlineData("SELECT nm, EXISTS (SELECT 1 FROM sale s WHERE s.buyer = b.bid) AS has FROM buyer b", "$result.nm<-buyer.nm; $result.has<- | sale.buyer buyer.bid")]
    [InlineData("SELECT nm, bid IN (SELECT s.buyer FROM sale s WHERE s.st = b.mail) AS has FROM buyer b", "$result.nm<-buyer.nm; $result.has<-buyer.bid sale.buyer | sale.st buyer.mail")]
    [InlineData("SELECT t.i FROM sale s, LATERAL (SELECT s.qty * b.bid AS i FROM buyer b WHERE b.bid = s.buyer) t", "$result.i<-sale.qty buyer.bid | sale.buyer")]
    [InlineData("SELECT sid, r.i FROM sale s, range(s.qty) r(i)", "$result.sid<-sale.sid; $result.i<-sale.qty")]
    [InlineData("WITH RECURSIVE t AS (SELECT bid, nm AS path FROM buyer UNION ALL SELECT b.bid, t.path || b.mail FROM buyer b JOIN t ON b.boss = t.bid) SELECT path FROM t", "$result.path<-buyer.nm buyer.mail | buyer.boss buyer.bid")]
    [InlineData("PIVOT sale ON st IN ('a', 'b') USING sum(amt) GROUP BY buyer", "$result.buyer<-sale.buyer; $result.a<-sale.amt sale.st; $result.b<-sale.amt sale.st")]
    [InlineData("FROM sale UNPIVOT (val FOR what IN (amt, qty)) SELECT what, val", "$result.what<-; $result.val<-sale.amt sale.qty")]
    [InlineData("SELECT list_transform(tags, lambda x: x || id) AS q FROM bag", "$result.q<-bag.tags bag.id")]
    [InlineData("SELECT sum(amt) FILTER (WHERE qty > 1) OVER (PARTITION BY st ORDER BY at_day) AS s FROM sale", "$result.s<-sale.amt sale.qty sale.st sale.at_day")]
    [InlineData("SELECT st, sum(amt) AS s, grouping(st) AS g FROM sale GROUP BY ROLLUP (st) HAVING max(qty) > 1", "$result.st<-sale.st; $result.s<-sale.amt; $result.g<- | sale.qty")]
    [InlineData("CREATE VIEW v(a, b) AS SELECT sid, amt * 2 FROM sale; CREATE TABLE z AS SELECT b FROM v", "v.a<-sale.sid; v.b<-sale.amt; z.b<-v.b")]
    [InlineData("COPY (SELECT sid, amt FROM sale) TO 'out/x.parquet' (FORMAT parquet)", "out/x.parquet.sid<-sale.sid; out/x.parquet.amt<-sale.amt")]
    [InlineData("SELECT a FROM read_parquet('lake/s.parquet', union_by_name = true) WHERE b > 1", "$result.a<-lake/s.parquet.a | lake/s.parquet.b")]
    [InlineData("CREATE MACRO dbl(x) AS x * 2; SELECT dbl(amt) AS d FROM sale", "$result.d<-sale.amt")]
    [InlineData("ALTER TABLE other ADD COLUMN z int; INSERT INTO other (z) SELECT qty FROM sale", "other.z<-sale.qty")]
    [InlineData("DELETE FROM sale WHERE buyer IN (SELECT bid FROM buyer WHERE nm = ';')", " | sale.buyer buyer.bid buyer.nm")]
    public void A_statement_that_binds_is_read_off_its_plan(string sql, string expected)
    {
        foreach (var (name, columns) in Tables)
        {
            _extractor.AddTable(Table(name, columns));
        }

        var found = _extractor.Extract(sql);

        Assert.All(found, s => Assert.Equal((LineageTier.BoundPlan, 1.0, null), (s.Tier, s.Confidence, s.Problem)));
        AssertLineage(expected, found);
    }

    [Theory]
    [InlineData("UPDATE keyed SET v = o.b, w = 1 FROM other o WHERE o.k = keyed.k", "keyed.v<-other.b; keyed.w<- | other.k keyed.k")]
    [InlineData("UPDATE keyed SET (v, w) = (o.b, o.k) FROM other o", "keyed.v<-other.b; keyed.w<-other.k")]
    [InlineData("MERGE INTO keyed USING other o ON keyed.k = o.k WHEN MATCHED AND o.f > CASE WHEN o.g THEN 1 END THEN UPDATE SET v = o.b WHEN NOT MATCHED THEN INSERT (k, w) VALUES (o.k, 1)", "keyed.v<-other.b; keyed.k<-other.k; keyed.w<- | keyed.k other.f other.g")]
    [InlineData("DELETE FROM sale USING buyer b WHERE b.bid = sale.buyer", " | buyer.bid sale.buyer")]
    [InlineData("INSERT INTO t WITH w AS (SELECT a.x, a.* FROM src a) SELECT x, y FROM w", "t.x<-src.x; t.y<-src.y")]
    [InlineData("SELECT p.a, b AS bb FROM p, q", "$result.a<-p.a; $result.bb<-?.b")]
    [InlineData("SELECT k FROM p FULL JOIN q USING (k)", "$result.k<-p.k q.k")]
    [InlineData("SELECT upper(a) AS u, u || 'x' AS w, doc->>'f' AS d FROM p", "$result.u<-p.a; $result.w<-p.a; $result.d<-p.doc")]
    [InlineData("SELECT nm, (SELECT max(amt) FROM sale s WHERE s.buyer = b.bid) AS top FROM buyer b", "$result.nm<-buyer.nm; $result.top<-sale.amt | sale.buyer buyer.bid")]
    [InlineData("CREATE TABLE t AS SELECT list_filter(l, x -> x > lim) AS q FROM s WITH NO DATA", "t.q<-s.l s.lim")]
    [InlineData("SELECT x FROM p EXCEPT SELECT y FROM q ORDER BY 1", "$result.x<-p.x | q.y")]
    public void Without_schemas_names_are_resolved_from_the_parse_tree(string sql, string expected)
    {
        var found = _extractor.Extract(sql);

        Assert.All(found, s => Assert.Equal(LineageTier.ParseTree, s.Tier));
        Assert.All(found, s => Assert.True(s.Confidence < 1 && s.Problem is not null));
        AssertLineage(expected, found);
    }

    [Fact]
    public void What_neither_binds_nor_parses_still_tells_its_tables()
    {
        var found = Assert.Single(_extractor.Extract("INSERT INTO t SELECT a b c FROM x JOIN 'f.csv' USING (k) WHERE ,"));

        Assert.Equal(LineageTier.TableLevel, found.Tier);
        Assert.Equal("t", found.Output);
        Assert.Equal(["f.csv", "x"], found.Inputs);
        Assert.Empty(found.Columns);
    }

    [Fact]
    public void Nothing_a_statement_names_is_opened_or_run()
    {
        var marker = Path.Combine(Path.GetTempPath(), $"lineage-{Guid.NewGuid():N}.csv");

        _extractor.Extract($"COPY (SELECT 1 AS a) TO '{marker}'; CREATE TABLE big AS SELECT * FROM range(100000000000) r(i); SELECT count(*) FROM big");

        Assert.False(File.Exists(marker));
    }

    [Fact]
    public void A_script_is_cut_at_semicolons_outside_texts_comments_and_dollar_quotes()
    {
        var statements = SqlScanner.Statements("SELECT ';' -- ;\n; /* ; /* ; */ ; */ SELECT \"a;b\", $x$;$x$, E'\\';' ; ;");

        Assert.Equal(2, statements.Count);
        Assert.EndsWith("E'\\';'", statements[1], StringComparison.Ordinal);
    }

    private static TableDefinition Table(string name, string columns)
        => new(name, [.. columns.Split(", ").Select(c => new ColumnDefinition(c[..c.IndexOf(' ', StringComparison.Ordinal)], c[(c.IndexOf(' ', StringComparison.Ordinal) + 1)..]))]);

    private static void AssertLineage(string expected, IReadOnlyList<StatementLineage> found)
    {
        var parts = expected.Split(" | ");
        var edges = parts[0].Split("; ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Sorted).Order(StringComparer.Ordinal);
        Assert.Equal(edges, found.SelectMany(s => s.Columns).Select(c => Sorted($"{c.Target}<-{string.Join(' ', c.Sources)}")).Order(StringComparer.Ordinal));
        if (parts.Length > 1)
        {
            Assert.Equal(parts[1].Split(' ').Order(StringComparer.Ordinal), found.SelectMany(s => s.Indirect).Select(c => c.ToString()).Order(StringComparer.Ordinal));
        }
    }

    private static string Sorted(string edge)
    {
        var parts = edge.Split("<-");
        return $"{parts[0]}<-{string.Join(' ', parts[1].Split(' ').Order(StringComparer.Ordinal))}";
    }
}
