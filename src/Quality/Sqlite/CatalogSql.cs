namespace DataPlatform.Quality.Sqlite;

/// <summary>
/// The statements that derive the catalog from runs and verdicts: a migration runs them over everything, an append over its own run. What the
/// catalog says is therefore never more than a function of what was kept.
/// </summary>
internal static class CatalogSql
{
    /// <summary>As <see cref="Catalog.TableDomain.Of"/>: the name before the first of <c>/</c> and <c>.</c>.</summary>
    private const string Cut = "min(coalesce(nullif(instr(r.table_name, '/'), 0), 9999), coalesce(nullif(instr(r.table_name, '.'), 0), 9999))";
    private const string Domain = $"CASE WHEN {Cut} BETWEEN 2 AND 9998 THEN substr(r.table_name, 1, {Cut} - 1) ELSE '' END";

    /// <summary>As <see cref="Catalog.RuleState.RankOf"/>.</summary>
    private const string Rank = """
        CASE WHEN v.severity = 2 AND v.outcome IN (1, 3) THEN 0 WHEN v.outcome = 1 THEN 2 - v.severity WHEN v.outcome = 3 THEN 3 WHEN v.outcome = 2 THEN 4 ELSE 5 END
        """;

    // Labels stand between line ends, so that one is found whole by the text of it between two of them.
    private const string Tags = "coalesce((SELECT char(10) || group_concat(t.value, char(10)) || char(10) FROM json_each(v.detail, '$.tags') t), '')";

    private const string RuleStates = $$"""
        INSERT INTO rule_state (
          id, table_name, domain, rank, severity, outcome, violations, evaluated, observed, words, message, owner, tags, run, run_id, dataset, version, at, since)
        SELECT v.rule, r.table_name, {{Domain}}, {{Rank}}, v.severity, v.outcome, v.violations, v.evaluated, v.observed, json_extract(v.detail, '$.rule'),
          json_extract(v.detail, '$.message'), json_extract(v.detail, '$.owner'), {{Tags}}, r.id, r.run_id, r.dataset, r.version, r.started, r.started
        FROM verdict v JOIN run r ON r.id = v.run
        """;

    private const string Newer = """
        ON CONFLICT (id) DO UPDATE SET
          table_name = excluded.table_name, domain = excluded.domain, rank = excluded.rank, severity = excluded.severity,
          since = CASE WHEN outcome = excluded.outcome THEN since ELSE excluded.at END,
          outcome = excluded.outcome, violations = excluded.violations, evaluated = excluded.evaluated, observed = excluded.observed, words = excluded.words,
          message = excluded.message, owner = excluded.owner, tags = excluded.tags, run = excluded.run, run_id = excluded.run_id,
          dataset = excluded.dataset, version = excluded.version, at = excluded.at
        WHERE excluded.at >= at
        """;

    private const string TableStates = """
        INSERT OR REPLACE INTO table_state (
          table_name, domain, pass, fail_info, fail_warning, fail_critical, error, no_data, run_id, dataset, version, at)
        SELECT table_name, domain, sum(outcome = 0), sum(outcome = 1 AND severity = 0), sum(outcome = 1 AND severity = 1), sum(outcome = 1 AND severity = 2),
          sum(outcome = 3), sum(outcome = 2), run_id, dataset, version, max(at)
        FROM rule_state
        """;

    private const string DayCounts = $$"""
        INSERT INTO day_count (day, domain, severity, outcome, verdicts)
        SELECT r.started / 864000000000, {{Domain}}, v.severity, v.outcome, count(*) FROM verdict v JOIN run r ON r.id = v.run
        """;

    private const string DayGroups = "GROUP BY 1, 2, 3, 4 ON CONFLICT DO UPDATE SET verdicts = verdicts + excluded.verdicts";

    /// <summary>Takes run <c>$0</c> into the states of its rules.</summary>
    public const string AddRules = $"{RuleStates} WHERE v.run = $0 {Newer}";

    /// <summary>Forgets the rules that suite <c>$1</c> had on table <c>$2</c> and no longer has in run <c>$0</c>, begun at <c>$3</c>.</summary>
    public const string ForgetRules = """
        DELETE FROM rule_state WHERE id IN (SELECT id FROM rule WHERE suite = $1) AND table_name = $2 AND run <> $0 AND at <= $3
        """;

    /// <summary>Counts the rules of table <c>$0</c> again.</summary>
    public const string AddTable = $"{TableStates} WHERE table_name = $0 GROUP BY table_name";

    /// <summary>Counts run <c>$0</c> to its day.</summary>
    public const string AddDay = $"{DayCounts} WHERE v.run = $0 {DayGroups}";

    /// <summary>Derives everything from what a database already holds.</summary>
    public const string All = $"""
        {RuleStates} WHERE v.run = (SELECT max(run) FROM verdict WHERE rule = v.rule) {Newer};
        {TableStates} GROUP BY table_name;
        {DayCounts} WHERE true {DayGroups};
        """;
}
