using DataPlatform.Quality.Catalog;

namespace DataPlatform.Quality.Postgres;

/// <summary>Rules and runs.</summary>
public sealed partial class PostgresCatalog
{
    private const int PageMax = 1_000;

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RuleState>> RulesAsync(RuleQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var conditions = new Conditions(first: 1).Add("s.table_name = ?", query.Table).Add("s.domain = ?", query.Domain)
            .Add("s.severity = ?", (int?)query.Severity).Add("s.outcome = ?", (int?)query.Outcome).Add("s.owner = ?", query.Owner)
            .Add("strpos(s.tags, chr(10) || ?::text || chr(10)) > 0", query.Tag)
            .Add("(s.words ILIKE ? OR s.table_name ILIKE ?)", Conditions.Within(query.Search))
            .Add("ru.kind = ANY (?)", query.Kinds.Count > 0 ? query.Kinds.ToArray() : null);
        if (query.After is { } after)
        {
            conditions.Add($"(s.rank, s.id) > ({conditions.Parameter(after.Rank)}, ?)", after.Number);
        }

        return database.RowsAsync(
            $"SELECT {CatalogRows.RuleColumns} FROM {CatalogRows.RuleTables}{conditions.Where} ORDER BY s.rank, s.id LIMIT {conditions.Parameter(query.Limit)}",
            CatalogRows.Rule,
            cancellationToken,
            conditions.Values);
    }

    /// <inheritdoc/>
    public ValueTask<RuleState?> RuleAsync(RuleKey key, CancellationToken cancellationToken = default)
        => database.FindAsync(
            $"SELECT {CatalogRows.RuleColumns}, s.detail FROM {CatalogRows.RuleTables} WHERE su.name = $1 AND ru.rule_id = $2",
            row =>
            {
                var rule = CatalogRows.Rule(row);
                return rule with { Verdict = rule.Verdict with { Sample = VerdictDetail.Read(row.GetString(19)).Sample ?? RowSample.Empty } };
            },
            cancellationToken,
            key.Suite, key.RuleId);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyDictionary<long, IReadOnlyList<PastVerdict>>> HistoryAsync(
        IReadOnlyCollection<long> numbers, int verdictsMax, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(numbers);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(numbers.Count, RuleQuery.LimitMax);
        CheckLimit(verdictsMax);
        var rows = await database.RowsAsync(
            """
            SELECT h.run_id, h.started, h.dataset, h.version, h.severity, h.outcome, h.violations, h.evaluated, h.observed, n.id
            FROM unnest($1::bigint[]) AS n (id), LATERAL (
              SELECT r.run_id, r.started, r.dataset, r.version, v.severity, v.outcome, v.violations, v.evaluated, v.observed, v.day, v.run
              FROM verdict v JOIN run r ON r.id = v.run WHERE v.rule = n.id ORDER BY v.day DESC, v.run DESC LIMIT $2) AS h
            ORDER BY n.id, h.day, h.run
            """,
            row => (Rule: row.GetInt64(9), Past: CatalogRows.Past(row)),
            cancellationToken,
            numbers.Distinct().ToArray(), verdictsMax).ConfigureAwait(false);
        var found = rows.ToLookup(r => r.Rule, r => r.Past);
        return numbers.Distinct().ToDictionary(n => n, n => (IReadOnlyList<PastVerdict>)[.. found[n]]);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<RunSummary>> RunsAsync(string? table, long? before, int limit, CancellationToken cancellationToken = default)
    {
        CheckLimit(limit);
        var conditions = new Conditions(first: 1).Add("r.table_name = ?", table).Add("r.id < ?", before);
        var runs = await database.RowsAsync(
            $"""
            SELECT r.id, r.run_id, s.name, r.table_name, r.dataset, r.version, r.started, r.duration FROM run r JOIN suite s ON s.id = r.suite{conditions.Where}
            ORDER BY r.id DESC LIMIT {conditions.Parameter(limit)}
            """,
            row => new RunSummary(
                row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), CatalogRows.Version(row, 4), row.Time(6),
                TimeSpan.FromTicks(row.GetInt64(7)), default),
            cancellationToken,
            conditions.Values).ConfigureAwait(false);
        var counts = (await database.RowsAsync(
            "SELECT run, severity, outcome, count(*) FROM verdict WHERE run = ANY ($1) AND day = ANY ($2) GROUP BY run, severity, outcome",
            row => (Run: row.GetInt64(0), Counts: OutcomeCounts.Of((Severity)row.GetInt16(1), (Outcome)row.GetInt16(2), row.GetInt64(3))),
            cancellationToken,
            runs.Select(r => r.Number).ToArray(),
            runs.Select(r => PostgresQualityDatabase.DayOf(r.StartedAt)).Distinct().ToArray()).ConfigureAwait(false)).ToLookup(c => c.Run, c => c.Counts);
        return [.. runs.Select(r => r with { Verdicts = counts[r.Number].Aggregate(default(OutcomeCounts), (sum, c) => sum + c) })];
    }

    /// <inheritdoc/>
    public ValueTask<SuiteResult?> RunAsync(string runId, CancellationToken cancellationToken = default)
        => PostgresQualityStore.FindAsync(database, runId, cancellationToken);

    private static void CheckLimit(int value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, PageMax);
    }
}
