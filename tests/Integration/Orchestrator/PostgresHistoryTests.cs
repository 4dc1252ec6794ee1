using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Postgres;
using DataPlatform.Orchestrator.Tests.Metadata;
using Npgsql;

namespace DataPlatform.Integration.Orchestrator;

public sealed class PostgresHistoryTests(PostgresServer server) : HistoryContract, IClassFixture<PostgresServer>
{
    private string _connection = string.Empty;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", "run_by_state")]
    [InlineData("dag_id = 'd7' AND ", "run_of_dag_by_state")]
    public async Task Runs_of_a_state_are_found_by_an_index_in_their_order(string ofDag, string index)
    {
        await using var source = NpgsqlDataSource.Create(_connection);
        await using var fill = source.CreateCommand(
            "INSERT INTO orchestrator.run (id, dag_id, dag_hash, kind, state, interval_start, interval_end, logical_date, run_after, created_at) " +
            "SELECT i, 'd' || i % 50, '', 1, CASE WHEN i % 1000 = 7 THEN 3 ELSE 2 END, 0, 0, i, 0, 0 FROM generate_series(100, 30000) AS i; ANALYZE orchestrator.run");
        await fill.ExecuteNonQueryAsync(Token);
        await using var explain = source.CreateCommand($"EXPLAIN SELECT * FROM orchestrator.run WHERE {ofDag}state = 3 ORDER BY id DESC LIMIT 20");
        await using var plan = await explain.ExecuteReaderAsync(Token);
        var lines = new List<string>();
        while (await plan.ReadAsync(Token))
        {
            lines.Add(plan.GetString(0));
        }

        Assert.Contains(lines, line => line.Contains($"Index Scan Backward using {index} on run", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains("Sort", StringComparison.Ordinal));
    }

    protected override async Task<IOrchestratorStore> OpenAsync()
    {
        Assert.SkipWhen(server.SkipReason is not null, server.SkipReason ?? string.Empty);
        _connection = await server.NewDatabaseAsync("history_" + Guid.NewGuid().ToString("n"));
        return await PostgresOrchestratorStore.OpenAsync(_connection, cancellationToken: Token);
    }
}
