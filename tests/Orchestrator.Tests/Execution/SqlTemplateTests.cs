using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using Microsoft.Data.Sqlite;

namespace DataPlatform.Orchestrator.Tests.Execution;

public sealed class SqlTemplateTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Values_become_parameters_of_their_types()
    {
        using var command = new SqliteCommand();

        SqlTemplate.Apply(
            command,
            "select {{params.name}}, {{params.count}}, {{logical_date | days:1 | date}}, {{ logical_date }}, {{params.absent}} from {{params.table|id}} where n in ({{xcom.a}})",
            TestTry.Context());

        Assert.Equal("select @dp_0, @dp_1, @dp_2, @dp_3, @dp_4 from \"a\"\"b\" where n in (@dp_5, @dp_6)", command.CommandText);
        Assert.Equal(
            ["O'Hara; rm -rf /", 2.5m, new DateOnly(2026, 3, 29), new DateTimeOffset(2026, 3, 28, 12, 0, 0, TimeSpan.Zero), DBNull.Value,
                1L, 2L],
            command.Parameters.Cast<SqliteParameter>().Select(parameter => parameter.Value));
    }

    [Theory]
    [InlineData("select '{{dag}}'")]
    [InlineData("select 'it''s {{dag}}'")]
    [InlineData("select E'a\\'{{dag}}'")]
    [InlineData("select \"{{dag}}\"")]
    [InlineData("select $$ {{dag}} $$")]
    [InlineData("select $body$ x {{dag}} $body$")]
    [InlineData("/* ' */ select '{{dag}}'")]
    public void A_placeholder_in_quotes_is_refused(string text)
    {
        using var command = new SqliteCommand();

        Assert.Contains(
            "it stands in quotes",
            Assert.Throws<TaskFailedException>(() => SqlTemplate.Apply(command, text, TestTry.Context())).Message,
                StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("select 1 -- {{dag}} it's\n, {{dag}}", "select 1 -- {{dag}} it's\n, @dp_0")]
    [InlineData("select /* ' {{dag}} /* */ ' */ {{dag}}", "select /* ' {{dag}} /* */ ' */ @dp_0")]
    [InlineData("select 'a', '', 'it''s', {{dag}}", "select 'a', '', 'it''s', @dp_0")]
    [InlineData("select \"a'b\", {{dag}}", "select \"a'b\", @dp_0")]
    [InlineData("select $1, $2, {{dag}}", "select $1, $2, @dp_0")]
    [InlineData("select a$b$c, {{dag}}", "select a$b$c, @dp_0")]
    [InlineData("select 1 - -1, 4 / 2, {{dag}}{{dag}}", "select 1 - -1, 4 / 2, @dp_0@dp_1")]
    public void Quotes_and_comments_before_a_placeholder_end_where_they_end(string text, string expected)
    {
        using var command = new SqliteCommand();

        SqlTemplate.Apply(command, text, TestTry.Context());

        Assert.Equal(expected, command.CommandText);
    }

    [Fact]
    public async Task A_statement_runs_with_what_the_run_was_given_and_undoes_what_it_did_when_it_fails()
    {
        await using var database = new SqliteConnection("Data Source=sql-tasks;Mode=Memory;Cache=Shared");
        await database.OpenAsync(Token);
        await ExecuteAsync(database, "create table t (name text unique, day text)");
        const string insert = "insert into t values ({{params.name}}, {{logical_date|date}})";
        await using var engine = await EngineHarness.StartAsync(new DagBuilder("d").Param("name", ParamType.String)
            .Task("load", SqlTasks.Execute(ConnectAsync, insert))
            .Task("again", SqlTasks.Execute(ConnectAsync, "insert into t values ('x', null); " + insert), t => t.After("load"))
            .Sensor("there", Sensors.Sql(ConnectAsync, "select count(*) from t where name = {{params.name}}"),
                new SensorOptions(TimeSpan.FromMinutes(1)), t => t.After("load"))
            .Build());

        var run = await engine.RunAsync("d", new { name = "Robert'); drop table t;--" });

        Assert.Equal(Orchestrator.Runs.TaskState.Failed, (await engine.TaskAsync(run.Id, "again")).State);
        Assert.Equal(Orchestrator.Runs.TaskState.Success, (await engine.TaskAsync(run.Id, "there")).State);
        await using var count = database.CreateCommand();
        count.CommandText = "select group_concat(name || ' ' || day) from t";
        Assert.Equal("Robert'); drop table t;-- 2026-01-05", await count.ExecuteScalarAsync(Token));

        static async Task<System.Data.Common.DbConnection> ConnectAsync(CancellationToken cancellationToken)
        {
            var connection = new SqliteConnection("Data Source=sql-tasks;Mode=Memory;Cache=Shared");
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
    }

    private static async Task ExecuteAsync(SqliteConnection connection, string text)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = text;
        await command.ExecuteNonQueryAsync(Token);
    }
}
