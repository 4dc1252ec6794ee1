using System.Text.Json;
using DataPlatform.Quality.Catalog;

namespace DataPlatform.Quality.Sqlite;

public sealed partial class SqliteCatalog
{
    private const int HistoryMax = 1_000;

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RuleState>> RulesAsync(RuleQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var conditions = new Conditions(first: 0).Add("s.table_name = ?", query.Table).Add("s.domain = ?", query.Domain)
            .Add("s.severity = ?", (int?)query.Severity).Add("s.outcome = ?", (int?)query.Outcome).Add("s.owner = ?", query.Owner)
            .Add("instr(s.tags, char(10) || ? || char(10)) > 0", query.Tag)
            .Add(@"(s.words LIKE ? ESCAPE '\' OR s.table_name LIKE ? ESCAPE '\')", Conditions.Within(query.Search));
        if (query.Kinds.Count > 0)
        {
            conditions.Add("ru.kind IN (SELECT value FROM json_each(?))", JsonSerializer.Serialize(query.Kinds));
        }

        if (query.After is { } after)
        {
            conditions.Add($"(s.rank, s.id) > ({conditions.Parameter(after.Rank)}, ?)", after.Number);
        }

        return Read(
            $"SELECT {CatalogRows.RuleColumns} FROM {CatalogRows.RuleTables}{conditions.Where} ORDER BY s.rank, s.id LIMIT {conditions.Parameter(query.Limit)}",
            CatalogRows.Rule,
            conditions.Values);
    }

    /// <inheritdoc/>
    public ValueTask<RuleState?> RuleAsync(RuleKey key, CancellationToken cancellationToken = default)
    {
        using var connection = database.Connect();
        var found = Sql.Rows(
            connection,
            $"""
            SELECT {CatalogRows.RuleColumns}, (SELECT detail FROM verdict WHERE rule = s.id AND run = s.run) FROM {CatalogRows.RuleTables}
            WHERE su.name = $0 AND ru.rule_id = $1
            """,
            row => (Rule: CatalogRows.Rule(row), Detail: row.TextOrNull(19)),
            key.Suite, key.RuleId);
        return ValueTask.FromResult(found is [var (rule, detail)] ? rule with { Verdict = rule.Verdict with { Sample = SampleOf(detail) } } : null);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyDictionary<long, IReadOnlyList<PastVerdict>>> HistoryAsync(
        IReadOnlyCollection<long> numbers, int verdictsMax, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(numbers);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(numbers.Count, RuleQuery.LimitMax);
        PageLimit(verdictsMax, HistoryMax);
        using var connection = database.Connect();
        Dictionary<long, IReadOnlyList<PastVerdict>> histories = [];
        foreach (var number in numbers)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var past = Sql.Rows(
                connection,
                """
                SELECT r.run_id, r.started, r.dataset, r.version, v.severity, v.outcome, v.violations, v.evaluated, v.observed
                FROM verdict v JOIN run r ON r.id = v.run WHERE v.rule = $0 ORDER BY v.day DESC, v.run DESC LIMIT $1
                """,
                CatalogRows.Past,
                number, verdictsMax);
            past.Reverse();
            histories[number] = past;
        }

        return ValueTask.FromResult<IReadOnlyDictionary<long, IReadOnlyList<PastVerdict>>>(histories);
    }

    private static RowSample SampleOf(string? detail)
        => detail is null ? RowSample.Empty : VerdictDetail.Read(detail).Sample ?? RowSample.Empty;

    private static void PageLimit(int value, int max)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, max);
    }
}
