using System.Runtime.CompilerServices;
using DataPlatform.Kernel;
using DataPlatform.Quality.Catalog;
using Npgsql;

namespace DataPlatform.Quality.Postgres;

/// <summary>Results of runs in a <see cref="PostgresQualityDatabase"/>.</summary>
/// <remarks>Thread-safe, and safe against other processes. A call is one transaction; verdicts are copied in, whatever their number.</remarks>
/// <param name="database">The database.</param>
public sealed partial class PostgresQualityStore(PostgresQualityDatabase database) : IQualityHistory
{
    private const int PageRuns = 100;
    private const int AttemptsMax = 3;
    private const string RunColumns = "r.id, r.run_id, r.table_name, r.dataset, r.version, r.started, r.duration, r.queries";
    private const string VerdictColumns = "ru.rule_id, ru.kind, v.severity, v.outcome, v.violations, v.evaluated, v.observed, v.detail";

    /// <inheritdoc/>
    public async ValueTask<bool> AppendAsync(SuiteResult result, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(result);
        return await AppendAsync([result], cancellationToken).ConfigureAwait(false) == 1;
    }

    /// <inheritdoc/>
    public async ValueTask<int> AppendAsync(IReadOnlyList<SuiteResult> results, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(results);
        for (var attempt = 1; results.Count > 0; attempt++)
        {
            await database.EnsureDaysAsync(results.Select(r => PostgresQualityDatabase.DayOf(r.StartedAt)), cancellationToken).ConfigureAwait(false);
            try
            {
                return await database.WriteAsync((connection, token) => WriteAsync(connection, results, token), cancellationToken).ConfigureAwait(false);
            }
            catch (QualityException e) when (attempt < AttemptsMax && e.InnerException is PostgresException { SqlState: PostgresErrorCodes.CheckViolation })
            {
                // Another process dropped a day, over age by its measure, that runs of this one are of.
                database.LookAtDaysAnew();
            }
        }

        return 0;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<SuiteResult> ReadAsync(
        string suite, DateTimeOffset? from = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(suite);
        var (started, id) = ((from?.UtcTicks ?? 0) - 1, long.MaxValue);
        while (true)
        {
            // A page at a time: a slow reader keeps no connection.
            var page = await PageAsync(suite, started, id, cancellationToken).ConfigureAwait(false);
            foreach (var (number, result) in page)
            {
                (started, id) = (result.StartedAt.UtcTicks, number);
                yield return result;
            }

            if (page.Count < PageRuns)
            {
                yield break;
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<SuiteResult>> NewestAsync(string suite, int runsMax, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(suite);
        ArgumentOutOfRangeException.ThrowIfNotEqual(Math.Clamp(runsMax, 1, 1_000), runsMax);
        var runs = await database.RowsAsync(
            $"SELECT {RunColumns} FROM run r JOIN suite s ON s.id = r.suite WHERE s.name = $1 ORDER BY r.started DESC, r.id DESC LIMIT $2",
            row => (Number: row.GetInt64(0), Header: ReadRun(row, suite)),
            cancellationToken,
            suite, runsMax).ConfigureAwait(false);
        return [.. (await WithVerdictsAsync(database, [.. runs.Reverse()], cancellationToken).ConfigureAwait(false)).Select(r => r.Result)];
    }

    /// <summary>A run by its id; null for none.</summary>
    internal static async ValueTask<SuiteResult?> FindAsync(PostgresQualityDatabase database, string runId, CancellationToken cancellationToken)
    {
        var found = await database.RowsAsync(
            $"SELECT {RunColumns}, s.name FROM run r JOIN suite s ON s.id = r.suite WHERE r.run_id = $1",
            row => (Number: row.GetInt64(0), Header: ReadRun(row, row.GetString(8))),
            cancellationToken,
            runId).ConfigureAwait(false);
        return found is [var run] ? (await WithVerdictsAsync(database, [run], cancellationToken).ConfigureAwait(false))[0].Result : null;
    }

    /// <inheritdoc/>
    /// <remarks>With the last runs go the tables of their days. What verdicts a run leaves behind in a younger day is seen by nobody and goes with that.</remarks>
    public async ValueTask<int> RemoveBeforeAsync(DateTimeOffset before, int runsMax = 1_000, CancellationToken cancellationToken = default)
    {
        var removed = await database.ExecuteAsync(
            "DELETE FROM run WHERE id IN (SELECT id FROM run WHERE started < $1 ORDER BY started, id LIMIT $2 FOR UPDATE SKIP LOCKED)",
            cancellationToken,
            before.UtcTicks,
            runsMax).ConfigureAwait(false);
        if (removed < runsMax)
        {
            await database.DropDaysBeforeAsync(before, cancellationToken).ConfigureAwait(false);
        }

        return removed;
    }

    /// <summary>Removes what rules were in partitions before an instant; what they are now stays.</summary>
    internal ValueTask<int> RemoveChangesBeforeAsync(DateTimeOffset before, int rowsMax, CancellationToken cancellationToken) => database.ExecuteAsync(
        """
        DELETE FROM partition_change WHERE (rule, partition, at) IN (
          SELECT rule, partition, at FROM partition_change WHERE at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)
        """,
        cancellationToken,
        before.UtcTicks,
        rowsMax);

    private async Task<List<(long Number, SuiteResult Result)>> PageAsync(string suite, long started, long id, CancellationToken cancellationToken)
    {
        var runs = await database.RowsAsync(
            $"SELECT {RunColumns} FROM run r JOIN suite s ON s.id = r.suite WHERE s.name = $1 AND (r.started, r.id) > ($2, $3) ORDER BY r.started, r.id LIMIT $4",
            row => (Number: row.GetInt64(0), Header: ReadRun(row, suite)),
            cancellationToken,
            suite, started, id, PageRuns).ConfigureAwait(false);
        return await WithVerdictsAsync(database, runs, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<List<(long Number, SuiteResult Result)>> WithVerdictsAsync(
        PostgresQualityDatabase database, IReadOnlyList<(long Number, SuiteResult Header)> runs, CancellationToken cancellationToken)
    {
        var verdicts = (await database.RowsAsync(
            $"SELECT v.run, {VerdictColumns} FROM verdict v JOIN rule ru ON ru.id = v.rule WHERE v.run = ANY ($1) AND v.day = ANY ($2) ORDER BY v.run, v.place",
            row => (Run: row.GetInt64(0), Verdict: ReadVerdict(row, 1)),
            cancellationToken,
            runs.Select(r => r.Number).ToArray(),
            runs.Select(r => PostgresQualityDatabase.DayOf(r.Header.StartedAt)).Distinct().ToArray()).ConfigureAwait(false)).ToLookup(v => v.Run, v => v.Verdict);
        return [.. runs.Select(r => (r.Number, r.Header with { Verdicts = [.. verdicts[r.Number]] }))];
    }

    private static SuiteResult ReadRun(NpgsqlDataReader row, string suite) => new()
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

    private static Verdict ReadVerdict(NpgsqlDataReader row, int at) => VerdictDetail.Read(row.GetString(at + 7)).Complete(new Verdict
    {
        RuleId = row.GetString(at),
        Kind = row.GetString(at + 1),
        Severity = (Severity)row.GetInt16(at + 2),
        Outcome = (Outcome)row.GetInt16(at + 3),
        Violations = row.LongOrNull(at + 4),
        Evaluated = row.LongOrNull(at + 5),
        Observed = row.TextOrNull(at + 6),
        Rule = string.Empty,
        Message = string.Empty,
    });
}
