using DataPlatform.Quality.Catalog;
using Npgsql;

namespace DataPlatform.Quality.Postgres;

/// <summary>Keeps the catalog in step with the runs, in their transaction.</summary>
internal static class CatalogWriter
{
    // One writer of a table at a time: counts are taken from what the ones before have committed. By number, so that nobody waits in a circle.
    private const string Lock = """
        SELECT count(pg_advisory_xact_lock(1146114427, h)) FROM (SELECT DISTINCT hashtext(t) AS h FROM unnest($1::text[]) AS t ORDER BY 1) AS tables
        """;

    private const string PutRules = """
        INSERT INTO rule_state (id, table_name, domain, rank, severity, outcome, violations, evaluated, observed, words, message, owner, tags, detail,
          run, run_id, dataset, version, at, since)
        SELECT id, table_name, domain, rank, severity, outcome, violations, evaluated, observed, words, message, owner, tags, detail, run, run_id, dataset,
          version, at, at
        FROM unnest($1::bigint[], $2::text[], $3::text[], $4::integer[], $5::smallint[], $6::smallint[], $7::bigint[], $8::bigint[], $9::text[], $10::text[],
          $11::text[], $12::text[], $13::text[], $14::text[], $15::bigint[], $16::text[], $17::text[], $18::bigint[], $19::bigint[])
          AS n (id, table_name, domain, rank, severity, outcome, violations, evaluated, observed, words, message, owner, tags, detail, run, run_id, dataset,
            version, at) ORDER BY id
        ON CONFLICT (id) DO UPDATE SET table_name = excluded.table_name, domain = excluded.domain, rank = excluded.rank, severity = excluded.severity,
          since = CASE WHEN rule_state.outcome = excluded.outcome THEN rule_state.since ELSE excluded.at END,
          outcome = excluded.outcome, violations = excluded.violations, evaluated = excluded.evaluated, observed = excluded.observed,
          words = excluded.words, message = excluded.message, owner = excluded.owner, tags = excluded.tags, detail = excluded.detail, run = excluded.run,
          run_id = excluded.run_id, dataset = excluded.dataset, version = excluded.version, at = excluded.at
        WHERE excluded.at >= rule_state.at
        """;

    /// <summary>Forgets the rules that a suite had on a table and no longer has in its newest run.</summary>
    private const string ForgetRules = """
        DELETE FROM rule_state s USING rule r, suite u, unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) AS n (suite, table_name, run, started)
        WHERE s.id = r.id AND r.suite = u.id AND u.name = n.suite AND s.table_name = n.table_name AND s.run <> n.run AND s.at <= n.started
        """;

    private const string PutTables = """
        INSERT INTO table_state (table_name, domain, pass, fail_info, fail_warning, fail_critical, error, no_data, run_id, dataset, version, at)
        SELECT table_name, domain, count(*) FILTER (WHERE outcome = 0), count(*) FILTER (WHERE outcome = 1 AND severity = 0),
          count(*) FILTER (WHERE outcome = 1 AND severity = 1), count(*) FILTER (WHERE outcome = 1 AND severity = 2), count(*) FILTER (WHERE outcome = 3),
          count(*) FILTER (WHERE outcome = 2), (array_agg(run_id ORDER BY at DESC, run DESC))[1], (array_agg(dataset ORDER BY at DESC, run DESC))[1],
          (array_agg(version ORDER BY at DESC, run DESC))[1], max(at)
        FROM rule_state WHERE table_name = ANY ($1) GROUP BY table_name, domain ORDER BY table_name
        ON CONFLICT (table_name) DO UPDATE SET domain = excluded.domain, pass = excluded.pass, fail_info = excluded.fail_info,
          fail_warning = excluded.fail_warning, fail_critical = excluded.fail_critical, error = excluded.error, no_data = excluded.no_data,
          run_id = excluded.run_id, dataset = excluded.dataset, version = excluded.version, at = excluded.at
        """;

    private const string PutDays = """
        INSERT INTO day_count (day, domain, severity, outcome, verdicts)
        SELECT * FROM unnest($1::integer[], $2::text[], $3::smallint[], $4::smallint[], $5::bigint[]) AS n (day, domain, severity, outcome, verdicts)
        ORDER BY 1, 2, 3, 4
        ON CONFLICT (day, domain, severity, outcome) DO UPDATE SET verdicts = day_count.verdicts + excluded.verdicts
        """;

    /// <summary>Keeps other writers of the same tables out until the transaction ends.</summary>
    public static Task LockAsync(NpgsqlConnection connection, IEnumerable<SuiteResult> results, CancellationToken cancellationToken)
        => connection.ScalarAsync(Lock, cancellationToken, (object)results.Select(r => r.Table).Distinct().ToArray());

    /// <summary>Takes runs that were just written.</summary>
    public static async Task AddAsync(
        NpgsqlConnection connection,
        IReadOnlyList<SuiteResult> results,
        IReadOnlyDictionary<string, long> runs,
        IReadOnlyDictionary<(string Suite, string Rule), long> rules,
        CancellationToken cancellationToken)
    {
        if (results.Count == 0)
        {
            return;
        }

        foreach (var wave in Waves(results))
        {
            await AddWaveAsync(connection, wave, runs, rules, cancellationToken).ConfigureAwait(false);
        }

        await connection.ExecuteAsync(PutTables, cancellationToken, (object)results.Select(r => r.Table).Distinct().ToArray()).ConfigureAwait(false);
        await connection.ExecuteAsync(PutDays, cancellationToken, ValuesOf(results)).ConfigureAwait(false);
    }

    /// <summary>
    /// Runs as they come, those of one suite in different waves: a rule that fails, is gone and comes back is told as if each run had come alone.
    /// </summary>
    private static List<List<SuiteResult>> Waves(IReadOnlyList<SuiteResult> results)
    {
        List<List<SuiteResult>> waves = [];
        Dictionary<string, int> next = new(StringComparer.Ordinal);
        foreach (var result in results)
        {
            var wave = next.GetValueOrDefault(result.Suite);
            next[result.Suite] = wave + 1;
            if (wave == waves.Count)
            {
                waves.Add([]);
            }

            waves[wave].Add(result);
        }

        return waves;
    }

    private static async Task AddWaveAsync(
        NpgsqlConnection connection,
        IReadOnlyList<SuiteResult> wave,
        IReadOnlyDictionary<string, long> runs,
        IReadOnlyDictionary<(string Suite, string Rule), long> rules,
        CancellationToken cancellationToken)
    {
        // One statement cannot touch a row twice: of several verdicts on a rule the last counts.
        var rows = wave.SelectMany(r => r.Verdicts.GroupBy(v => v.RuleId).Select(g => g.Last()), (r, v) => new RuleRow(
            rules[(Sql.Clean(r.Suite), Sql.Clean(v.RuleId))], runs[Sql.Clean(r.RunId)], r, v)).ToList();
        await connection.ExecuteAsync(PutRules, cancellationToken, ValuesOf(rows)).ConfigureAwait(false);
        await PartitionWriter.AddAsync(connection, wave, rules, cancellationToken).ConfigureAwait(false);
        await connection.ExecuteAsync(
            ForgetRules,
            cancellationToken,
            wave.Select(r => r.Suite).ToArray(),
            wave.Select(r => r.Table).ToArray(),
            wave.Select(r => runs[Sql.Clean(r.RunId)]).ToArray(),
            wave.Select(r => r.StartedAt.UtcTicks).ToArray()).ConfigureAwait(false);
    }

    private static object[] ValuesOf(List<RuleRow> rules) =>
    [
        rules.Select(r => r.Rule).ToArray(),
        rules.Select(r => r.Result.Table).ToArray(),
        rules.Select(r => TableDomain.Of(r.Result.Table)).ToArray(),
        rules.Select(r => RuleState.RankOf(r.Verdict)).ToArray(),
        rules.Select(r => (short)r.Verdict.Severity).ToArray(),
        rules.Select(r => (short)r.Verdict.Outcome).ToArray(),
        rules.Select(r => r.Verdict.Violations).ToArray(),
        rules.Select(r => r.Verdict.Evaluated).ToArray(),
        rules.Select(r => r.Verdict.Observed).ToArray(),
        rules.Select(r => r.Verdict.Rule).ToArray(),
        rules.Select(r => r.Verdict.Message).ToArray(),
        rules.Select(r => r.Verdict.Owner).ToArray(),

        // Labels stand between line ends, so that one is found whole by the text of it between two of them.
        rules.Select(r => r.Verdict.Tags.Count == 0 ? string.Empty : $"\n{string.Join('\n', r.Verdict.Tags)}\n").ToArray(),
        rules.Select(r => VerdictDetail.Write(r.Verdict)).ToArray(),
        rules.Select(r => r.Run).ToArray(),
        rules.Select(r => r.Result.RunId).ToArray(),
        rules.Select(r => r.Result.Version?.Dataset.Name).ToArray(),
        rules.Select(r => r.Result.Version?.Version).ToArray(),
        rules.Select(r => r.Result.StartedAt.UtcTicks).ToArray(),
    ];

    private static object[] ValuesOf(IReadOnlyList<SuiteResult> results)
    {
        var days = results.SelectMany(r => r.Verdicts, (r, v) => (
                Day: (int)(r.StartedAt.UtcTicks / TimeSpan.TicksPerDay), Domain: TableDomain.Of(r.Table), Severity: (short)v.Severity, Outcome: (short)v.Outcome))
            .CountBy(k => k).ToList();
        return
        [
            days.Select(d => d.Key.Day).ToArray(),
            days.Select(d => d.Key.Domain).ToArray(),
            days.Select(d => d.Key.Severity).ToArray(),
            days.Select(d => d.Key.Outcome).ToArray(),
            days.Select(d => (long)d.Value).ToArray(),
        ];
    }

    private sealed record RuleRow(long Rule, long Run, SuiteResult Result, Verdict Verdict);
}
