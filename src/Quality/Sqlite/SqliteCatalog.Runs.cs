using DataPlatform.Quality.Catalog;
using Microsoft.Data.Sqlite;

namespace DataPlatform.Quality.Sqlite;

public sealed partial class SqliteCatalog
{
    private const int RunsMax = 1_000;

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RunSummary>> RunsAsync(string? table, long? before, int limit, CancellationToken cancellationToken = default)
    {
        PageLimit(limit, RunsMax);
        var conditions = new Conditions(first: 0).Add("r.table_name = ?", table).Add("r.id < ?", before);
        using var connection = database.Connect();
        var runs = Sql.Rows(
            connection,
            $"""
            SELECT r.id, r.run_id, s.name, r.table_name, r.dataset, r.version, r.started, r.duration FROM run r JOIN suite s ON s.id = r.suite{conditions.Where}
            ORDER BY r.id DESC LIMIT {conditions.Parameter(limit)}
            """,
            row => new RunSummary(
                row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), CatalogRows.Version(row, 4), row.Time(6), TimeSpan.FromTicks(row.GetInt64(7)),
                default),
            conditions.Values);
        return ValueTask.FromResult<IReadOnlyList<RunSummary>>([.. runs.Select(run => run with { Verdicts = CountsOf(connection, run.Number) })]);
    }

    /// <inheritdoc/>
    public ValueTask<SuiteResult?> RunAsync(string runId, CancellationToken cancellationToken = default)
        => ValueTask.FromResult(SqliteQualityStore.Find(database, runId));

    private static OutcomeCounts CountsOf(SqliteConnection connection, long run) => Sql.Rows(
        connection,
        "SELECT severity, outcome, count(*) FROM verdict WHERE run = $0 GROUP BY severity, outcome",
        row => OutcomeCounts.Of((Severity)row.GetInt32(0), (Outcome)row.GetInt32(1), row.GetInt64(2)),
        run).Aggregate(default(OutcomeCounts), (sum, counts) => sum + counts);
}
