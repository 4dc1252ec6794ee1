using System.Runtime.CompilerServices;
using DataPlatform.Kernel;
using DataPlatform.Quality.Catalog;
using Microsoft.Data.Sqlite;

namespace DataPlatform.Quality.Sqlite;

/// <summary>Results of runs in a <see cref="QualityDatabase"/>.</summary>
/// <remarks>Thread-safe. A run is one transaction. Calls return when the file has it: SQLite offers no waiting without a thread.</remarks>
/// <param name="database">The file.</param>
public sealed class SqliteQualityStore(QualityDatabase database) : IQualityHistory
{
    private const string ReadRuns = """
        SELECT r.id, r.run_id, r.table_name, r.dataset, r.version, r.started, r.duration, r.queries
        FROM run r JOIN suite s ON s.id = r.suite WHERE s.name = $0 AND (r.started, r.id) > ($1, $2) ORDER BY r.started, r.id LIMIT 100
        """;

    /// <inheritdoc/>
    public ValueTask<bool> AppendAsync(SuiteResult result, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(result);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(database.Write(connection => Append(connection, result)));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<SuiteResult> ReadAsync(
        string suite, DateTimeOffset? from = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(suite);
        var (started, id) = ((from?.UtcTicks ?? 0) - 1, long.MaxValue);
        while (true)
        {
            // A page at a time, each with a connection of its own: a slow reader keeps no transaction open.
            cancellationToken.ThrowIfCancellationRequested();
            var page = Page(suite, started, id);
            foreach (var (runId, result) in page)
            {
                (started, id) = (result.StartedAt.UtcTicks, runId);
                yield return result;
            }

            if (page.Count == 0)
            {
                yield break;
            }

            await Task.CompletedTask.ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public ValueTask<int> AppendAsync(IReadOnlyList<SuiteResult> results, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(results);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(database.Write(connection => results.Count(result => Append(connection, result))));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SuiteResult>> NewestAsync(string suite, int runsMax, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(suite);
        ArgumentOutOfRangeException.ThrowIfNotEqual(Math.Clamp(runsMax, 1, 1_000), runsMax);
        using var connection = database.Connect();
        var runs = Sql.Rows(
            connection,
            """
            SELECT r.id, r.run_id, r.table_name, r.dataset, r.version, r.started, r.duration, r.queries
            FROM run r JOIN suite s ON s.id = r.suite WHERE s.name = $0 ORDER BY r.started DESC, r.id DESC LIMIT $1
            """,
            row => (Id: row.GetInt64(0), Header: ReadRun(row, suite)),
            suite, runsMax);
        runs.Reverse();
        return ValueTask.FromResult<IReadOnlyList<SuiteResult>>([.. runs.Select(run => run.Header with { Verdicts = VerdictsOf(connection, run.Id) })]);
    }

    /// <inheritdoc/>
    public ValueTask<int> RemoveBeforeAsync(DateTimeOffset before, int runsMax = 1_000, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(database.Write(connection => Sql.Execute(
            connection,
            "DELETE FROM run WHERE id IN (SELECT id FROM run WHERE started < $0 ORDER BY started LIMIT $1)", before.UtcTicks, runsMax)));
    }

    /// <summary>Removes what rules were in partitions before an instant; what they are now stays.</summary>
    internal int RemoveChangesBefore(DateTimeOffset before, int rowsMax) => database.Write(connection => Sql.Execute(
        connection,
        "DELETE FROM partition_change WHERE (rule, partition, at) IN (SELECT rule, partition, at FROM partition_change WHERE at < $0 LIMIT $1)",
        before.UtcTicks, rowsMax));

    private static bool Append(SqliteConnection connection, SuiteResult result)
    {
        var suite = SuiteId(connection, result.Suite);
        var inserted = Sql.Execute(
            connection,
            "INSERT OR IGNORE INTO run (run_id, suite, table_name, dataset, version, started, duration, queries) VALUES ($0, $1, $2, $3, $4, $5, $6, $7)",
            result.RunId, suite, result.Table, result.Version?.Dataset.Name, result.Version?.Version, result.StartedAt.UtcTicks, result.Duration.Ticks,
            VerdictDetail.Write(result.Queries));
        if (inserted == 0)
        {
            return false;
        }

        var run = Sql.Scalar(connection, "SELECT last_insert_rowid()");
        Sql.ExecuteEach(
            connection,
            "INSERT INTO verdict VALUES ($0, $1, $2, $3, $4, $5, $6, $7, $8, $9)",
            result.Verdicts.Select((v, place) => (v, place)),
            v =>
            [
                run, v.place, RuleId(connection, suite, v.v), (int)v.v.Severity, (int)v.v.Outcome, v.v.Violations, v.v.Evaluated, v.v.Observed,
                VerdictDetail.Write(v.v), result.StartedAt.UtcTicks / TimeSpan.TicksPerDay,
            ]);
        CatalogWriter.Add(connection, run, suite, result);
        return true;
    }

    private static long SuiteId(SqliteConnection connection, string name)
    {
        Sql.Execute(connection, "INSERT OR IGNORE INTO suite (name) VALUES ($0)", name);
        return Sql.Scalar(connection, "SELECT id FROM suite WHERE name = $0", name);
    }

    private static long RuleId(SqliteConnection connection, long suite, Verdict verdict)
    {
        Sql.Execute(connection, "INSERT OR IGNORE INTO rule (suite, rule_id, kind) VALUES ($0, $1, $2)", suite, verdict.RuleId, verdict.Kind);
        return Sql.Scalar(connection, "SELECT id FROM rule WHERE suite = $0 AND rule_id = $1", suite, verdict.RuleId);
    }

    private static Verdict ReadVerdict(SqliteDataReader row) => VerdictDetail.Read(row.GetString(7)).Complete(new Verdict
    {
        RuleId = row.GetString(0),
        Kind = row.GetString(1),
        Severity = (Severity)row.GetInt32(2),
        Outcome = (Outcome)row.GetInt32(3),
        Violations = row.LongOrNull(4),
        Evaluated = row.LongOrNull(5),
        Observed = row.TextOrNull(6),
        Rule = string.Empty,
        Message = string.Empty,
    });

    /// <summary>A run by its id; null for none.</summary>
    internal static SuiteResult? Find(QualityDatabase database, string runId)
    {
        using var connection = database.Connect();
        var found = Sql.Rows(
            connection,
            """
            SELECT r.id, r.run_id, r.table_name, r.dataset, r.version, r.started, r.duration, r.queries, s.name
            FROM run r JOIN suite s ON s.id = r.suite WHERE r.run_id = $0
            """,
            row => (Id: row.GetInt64(0), Header: ReadRun(row, row.GetString(8))),
            runId);
        return found is [var run] ? run.Header with { Verdicts = VerdictsOf(connection, run.Id) } : null;
    }

    private List<(long Id, SuiteResult Result)> Page(string suite, long started, long id)
    {
        using var connection = database.Connect();
        var runs = Sql.Rows(connection, ReadRuns, row => (Id: row.GetInt64(0), Header: ReadRun(row, suite)), suite, started, id);
        return [.. runs.Select(run => (run.Id, run.Header with { Verdicts = VerdictsOf(connection, run.Id) }))];
    }

    private static List<Verdict> VerdictsOf(SqliteConnection connection, long run) => Sql.Rows(
        connection,
        "SELECT ru.rule_id, ru.kind, v.severity, v.outcome, v.violations, v.evaluated, v.observed, v.detail FROM verdict v JOIN rule ru ON ru.id = v.rule WHERE v.run = $0 ORDER BY v.place",
        ReadVerdict,
        run);

    private static SuiteResult ReadRun(SqliteDataReader row, string suite) => new()
    {
        RunId = row.GetString(1),
        Suite = suite,
        Table = row.GetString(2),
        Version = row.TextOrNull(3) is { } dataset ? new DatasetVersion(new DatasetId(dataset), row.GetInt64(4)) : null,
        StartedAt = row.Time(5),
        Duration = TimeSpan.FromTicks(row.GetInt64(6)),
        Queries = VerdictDetail.ReadQueries(row.GetString(7)),
        Verdicts = [],
    };
}
