using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality.Tests.DuckDb;

public sealed class SqlGuardTests : DuckDbFixture
{
    [Theory]
    [InlineData("drop table t")]
    [InlineData("insert into t values (1)")]
    [InlineData("copy t to '/tmp/stolen.csv'")]
    [InlineData("select 1; drop table t")]
    [InlineData("select 1; select 2")]
    [InlineData("select count(*) from read_text('/etc/hostname')")]
    [InlineData("select count(*) from '/etc/passwd'")]
    [InlineData("select count(*) from 'x.parquet'")]
    [InlineData("select count(*) from glob('/*')")]
    [InlineData("select (select count(*) from read_csv('/etc/passwd')) from t")]
    [InlineData("with \"/etc/passwd\" as (select 1) select count(*) from (select * from \"/etc/passwd\")")]
    [InlineData("select nextval('s')")]
    [InlineData("select count(*) from duckdb_settings()")]
    [InlineData("attach 'x.db'")]
    [InlineData("set memory_limit = '1GB'")]
    [InlineData("select count(*) from (describe t)")]
    public async Task Custom_sql_cannot_write_or_leave(string sql)
    {
        Execute("CREATE TABLE t AS SELECT 1 AS a; CREATE SEQUENCE s");

        var verdict = await VerdictAsync(b => b.CustomSql("c", sql));

        Assert.Equal(Outcome.Error, verdict.Outcome);
        Assert.Equal(Outcome.Pass, (await VerdictAsync(b => b.RowCountBetween(1, 1))).Outcome);
    }

    [Theory]
    [InlineData("a > 0) FROM t WHERE (true")]
    [InlineData("a > 0), (1")]
    [InlineData("a > 0) FROM read_text('/etc/hostname') WHERE (1 = 1")]
    [InlineData("a in (select size from read_text('/etc/hostname'))")]
    [InlineData("a > 0; drop table t")]
    [InlineData("a > 0) UNION SELECT (1")]
    public async Task A_row_expression_is_one_expression(string expression)
    {
        Execute("CREATE TABLE t AS SELECT 1 AS a");

        Assert.Equal(Outcome.Error, (await VerdictAsync(b => b.RowSql(expression))).Outcome);
        Assert.Equal(Outcome.Error, (await VerdictAsync(b => b.NotNull("a", new RuleSettings { Filter = expression }))).Outcome);
    }

    [Theory]
    [InlineData("with big as (select * from {table} where a > 5) select count(*) from big")]
    [InlineData("select count(*) from {table} x join other o on x.a = o.a where x.a in (select a from other)")]
    [InlineData("select count(*) from range(3) r(i), {table} where i < 0")]
    [InlineData("select count(*) from (values (1)) v(i) where i = 2")]
    public async Task Honest_selects_pass_the_guard(string sql)
    {
        Execute("CREATE TABLE t AS SELECT 1 AS a; CREATE TABLE other AS SELECT 2 AS a");

        Assert.Equal(Outcome.Pass, (await VerdictAsync(b => b.CustomSql("c", sql))).Outcome);
    }
}
