using Npgsql;

namespace DataPlatform.Quality.Postgres;

/// <summary>Keeps what rules are in partitions, in the transaction of the runs.</summary>
internal static class PartitionWriter
{
    // What did not change is not written: a partition that nobody wrote to costs a comparison a run.
    private const string Put = """
        WITH n AS (
          SELECT * FROM unnest($1::bigint[], $2::text[], $3::smallint[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[],
            $10::bigint[], $11::bigint[]) AS n (rule, partition, outcome, violations, evaluated, observed, sample, run_id, dataset, version, at)),
        put AS (
          INSERT INTO partition_rule (rule, partition, outcome, violations, evaluated, observed, sample, run_id, dataset, version, at)
          SELECT rule, partition, outcome, violations, evaluated, observed, sample, run_id, dataset, version, at FROM n ORDER BY rule, partition
          ON CONFLICT (rule, partition) DO UPDATE SET outcome = excluded.outcome, violations = excluded.violations, evaluated = excluded.evaluated,
            observed = excluded.observed, sample = excluded.sample, run_id = excluded.run_id, dataset = excluded.dataset, version = excluded.version,
            at = excluded.at
          WHERE excluded.at >= partition_rule.at
            AND (partition_rule.outcome, partition_rule.violations, partition_rule.evaluated, partition_rule.observed)
              IS DISTINCT FROM (excluded.outcome, excluded.violations, excluded.evaluated, excluded.observed)
          RETURNING rule, partition, at, outcome, violations, evaluated, observed, run_id, dataset, version)
        INSERT INTO partition_change (rule, partition, at, outcome, violations, evaluated, observed, run_id, dataset, version)
        SELECT rule, partition, at, outcome, violations, evaluated, observed, run_id, dataset, version FROM put ON CONFLICT DO NOTHING
        """;

    private const string Forget = """
        DELETE FROM partition_rule p USING unnest($1::bigint[], $2::bigint[]) AS n (rule, at)
        WHERE p.rule = n.rule AND p.at <= n.at
          AND NOT EXISTS (SELECT 1 FROM unnest($3::bigint[], $4::text[]) AS l (rule, partition) WHERE l.rule = p.rule AND l.partition = p.partition)
        """;

    /// <summary>Takes runs of different suites. A run that tells of no partition changes nothing: it did not look.</summary>
    public static async Task AddAsync(
        NpgsqlConnection connection,
        IReadOnlyList<SuiteResult> results,
        IReadOnlyDictionary<(string Suite, string Rule), long> rules,
        CancellationToken cancellationToken)
    {
        var rows = results.SelectMany(r => r.Partitions.DistinctBy(p => (p.RuleId, p.Partition)), (r, p) => new Row(
            rules[(Sql.Clean(r.Suite), Sql.Clean(p.RuleId))], r, p)).ToList();
        if (rows.Count == 0)
        {
            return;
        }

        await connection.ExecuteAsync(Put, cancellationToken, ValuesOf(rows)).ConfigureAwait(false);
        var told = rows.DistinctBy(r => r.Rule).ToList();
        await connection.ExecuteAsync(
            Forget,
            cancellationToken,
            told.Select(r => r.Rule).ToArray(),
            told.Select(r => r.Result.StartedAt.UtcTicks).ToArray(),
            rows.Select(r => r.Rule).ToArray(),
            rows.Select(r => r.Verdict.Partition).ToArray()).ConfigureAwait(false);
    }

    private static object[] ValuesOf(List<Row> rows) =>
    [
        rows.Select(r => r.Rule).ToArray(),
        rows.Select(r => r.Verdict.Partition).ToArray(),
        rows.Select(r => (short?)r.Verdict.Outcome).ToArray(),
        rows.Select(r => r.Verdict.Violations).ToArray(),
        rows.Select(r => r.Verdict.Evaluated).ToArray(),
        rows.Select(r => r.Verdict.Observed).ToArray(),
        rows.Select(r => VerdictDetail.Write(r.Verdict.Sample)).ToArray(),
        rows.Select(r => r.Result.RunId).ToArray(),
        rows.Select(r => r.Result.Version?.Dataset.Name).ToArray(),
        rows.Select(r => r.Result.Version?.Version).ToArray(),
        rows.Select(r => r.Result.StartedAt.UtcTicks).ToArray(),
    ];

    private sealed record Row(long Rule, SuiteResult Result, PartitionVerdict Verdict);
}
