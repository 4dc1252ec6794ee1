using System.Data.Common;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Yaml;
using Microsoft.Data.Sqlite;

namespace DataPlatform.Orchestrator.Tests.Yaml;

/// <summary><c>sql:</c> tasks: parameters and never text, over a database that the host names.</summary>
public sealed class SqlYamlTests : IAsyncDisposable
{
    private const string Mart = """
        dag: mart
        params: { city: { default: Wien } }
        tasks:
          list: { code: list }
          clear:
            after: list
            sql: delete from visit where city = {{ params.city }} -- not {{ params.city }}
            connection: warehouse
          load:
            after: clear
            connection: warehouse
            sql: |
              insert into visit (city, day)
              select {{ params.city }}, value from (select 1 as value union select 2 union select 3)
              where value in ({{ xcom.list }})
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("sql-yaml-").FullName;
    private readonly DbDataSource _warehouse;

    public SqlYamlTests() => _warehouse = SqliteFactory.Instance.CreateDataSource($"Data Source={Path.Combine(_folder, "warehouse.db")};Pooling=False");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _warehouse.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Statement_runs_over_the_named_database_with_values_as_parameters()
    {
        await RunAsync("create table visit (city text, day integer)");
        await using var engine = await EngineHarness.StartAsync(DagYaml.Read(Mart, Code()));

        var run = await engine.RunAsync("mart", new { city = "x'); drop table visit; --" });

        Assert.Equal(DagRunState.Success, run.State);
        Assert.Equal(2, (await engine.RunAsync("mart")).Id);
        Assert.Equal("Wien/1,Wien/3,x'); drop table visit; --/1,x'); drop table visit; --/3", await RunAsync(
            "select group_concat(city || '/' || day) from (select city, day from visit order by city, day)"));
        var values = await engine.Store.ListXComsAsync(2, Token);
        Assert.Equal("2", values.Single(value => value.TaskId == "load").Json);
    }

    [Fact]
    public async Task Statement_that_fails_leaves_nothing_and_says_what_the_database_said()
    {
        await using var engine = await EngineHarness.StartAsync(DagYaml.Read(
            "dag: d\ntasks:\n  a: { sql: \"create table half (a); insert into nowhere values (1)\", connection: warehouse }", Code()));

        var run = await engine.RunAsync("d");

        Assert.Equal(DagRunState.Failed, run.State);
        Assert.Contains("no such table: nowhere", (await engine.TaskAsync(run.Id, "a")).Note, StringComparison.Ordinal);
        Assert.Equal("0", await RunAsync("select count(*) from sqlite_master"));
    }

    [Theory]
    [InlineData("{ sql: select 1 }", "dag.yaml(3,13)", "'sql' needs a 'connection'")]
    [InlineData("{ sql: select 1, connection: lake }", "dag.yaml(3,35)", "there is no connection 'lake'; there are warehouse")]
    [InlineData("{ sql: \"select '{{ run_id }}'\", connection: warehouse }", "dag.yaml(3,6)", "'{{ run_id }}' stands in quotes")]
    [InlineData("{ sql: \"select {{ params.day }}\", connection: warehouse }", "dag.yaml(3,", "names the parameter 'day', which the DAG does not have")]
    [InlineData("{ sql: \"select {{ xcom.b }}\", connection: warehouse }", "dag.yaml(3,", "names the task 'b', which does not come before it")]
    [InlineData("{ sql: \"select {{ item }}\", connection: warehouse }", "dag.yaml(3,", "it is not mapped")]
    [InlineData("{ command: x, connection: warehouse }", "dag.yaml(3,", "'connection' means nothing for a command")]
    [InlineData("{ sql: [a, b], connection: warehouse }", "dag.yaml(3,", "")]
    [InlineData("{ sql: \" \", connection: warehouse }", "dag.yaml(3,13)", "'sql' is empty")]
    public void What_is_wrong_is_said_with_line_and_column(string task, string place, string reason)
    {
        var wrong = Assert.Throws<DagYamlException>(() => DagYaml.Read($"dag: d\ntasks:\n  a: {task}", Code()));

        Assert.Contains(place, wrong.Message, StringComparison.Ordinal);
        Assert.Contains(reason, wrong.Message, StringComparison.Ordinal);
    }

    /// <summary>The text is part of the version, the address is not.</summary>
    [Fact]
    public void Version_holds_the_statement_and_no_address()
    {
        var dag = DagYaml.Read(Mart, Code())[0];
        var unresolved = DagYaml.Read(Mart, DagCode.Unresolved)[0];

        Assert.NotEqual(dag.Hash, DagYaml.Read(Mart.Replace("delete from visit", "delete from visits", StringComparison.Ordinal), Code())[0].Hash);
        Assert.Equal(new DagBuilder("d").Sql("a", Code().Connections, "warehouse", "select 1").Build().Hash,
            DagYaml.Read("dag: d\ntasks:\n  a: { sql: select 1, connection: warehouse }", DagCode.Unresolved)[0].Hash);
        Assert.DoesNotContain("warehouse.db", dag.Model, StringComparison.Ordinal);
        Assert.Equal("delete from visit where city = {{ params.city }} -- not {{ params.city }}", ((SqlBody)unresolved.Task("clear").Body).Text);

        // A run of an earlier version runs its own statement, over the database that has the name now.
        var earlier = DagDocument.Read(dag.Model.Replace("delete from visit", "delete from old", StringComparison.Ordinal), dag);
        Assert.StartsWith("delete from old", ((SqlBody)earlier.Task("clear").Body).Text, StringComparison.Ordinal);
        Assert.Same(((SqlBody)dag.Task("clear").Body).Connections, ((SqlBody)earlier.Task("clear").Body).Connections);
    }

    private DagCode Code()
    {
        var code = new DagCode().Task("list", (_, _) => Task.FromResult(new[] { 1, 3 }));
        code.Connections.Add("warehouse", _warehouse);
        return code;
    }

    private async Task<string?> RunAsync(string sql)
    {
        await using var connection = await _warehouse.OpenConnectionAsync(Token);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Texts of these tests.
        command.CommandText = sql;
#pragma warning restore CA2100
        return (await command.ExecuteScalarAsync(Token))?.ToString();
    }
}
