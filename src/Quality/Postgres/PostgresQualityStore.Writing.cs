using Npgsql;
using NpgsqlTypes;

namespace DataPlatform.Quality.Postgres;

/// <summary>The way in: names by number, runs, verdicts by COPY, the catalog.</summary>
public sealed partial class PostgresQualityStore
{
    private const string AddSuites = "INSERT INTO suite (name) SELECT * FROM unnest($1::text[]) ON CONFLICT DO NOTHING";

    // In the order of the key, so that two writers wait for each other and never lock each other out.
    private const string AddRules = """
        INSERT INTO rule (suite, rule_id, kind)
        SELECT s.id, n.rule_id, n.kind FROM unnest($1::text[], $2::text[], $3::text[]) AS n (suite, rule_id, kind) JOIN suite s ON s.name = n.suite
        ORDER BY s.id, n.rule_id ON CONFLICT DO NOTHING
        """;

    private const string FindRules = """
        SELECT n.suite, n.rule_id, r.id FROM unnest($1::text[], $2::text[]) AS n (suite, rule_id)
        JOIN suite s ON s.name = n.suite JOIN rule r ON r.suite = s.id AND r.rule_id = n.rule_id
        """;

    private const string AddRuns = """
        INSERT INTO run (run_id, suite, table_name, dataset, version, started, duration, queries)
        SELECT n.run_id, s.id, n.table_name, n.dataset, n.version, n.started, n.duration, n.queries
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::text[])
          WITH ORDINALITY AS n (run_id, suite, table_name, dataset, version, started, duration, queries, place)
        JOIN suite s ON s.name = n.suite ORDER BY n.place ON CONFLICT DO NOTHING RETURNING run_id, id
        """;

    private static async Task<int> WriteAsync(NpgsqlConnection connection, IReadOnlyList<SuiteResult> results, CancellationToken cancellationToken)
    {
        var distinct = results.DistinctBy(r => r.RunId).ToList();
        string[] suites = [.. distinct.Select(r => r.Suite).Distinct().Order(StringComparer.Ordinal)];
        await CatalogWriter.LockAsync(connection, distinct, cancellationToken).ConfigureAwait(false);
        await connection.ExecuteAsync(AddSuites, cancellationToken, (object)suites).ConfigureAwait(false);
        var runs = await AddRunsAsync(connection, distinct, cancellationToken).ConfigureAwait(false);
        var added = distinct.Where(r => runs.ContainsKey(Sql.Clean(r.RunId))).ToList();
        var rules = await RuleNumbersAsync(connection, added, cancellationToken).ConfigureAwait(false);
        await CopyAsync(connection, added, runs, rules, cancellationToken).ConfigureAwait(false);
        await CatalogWriter.AddAsync(connection, added, runs, rules, cancellationToken).ConfigureAwait(false);
        return added.Count;
    }

    private static async Task<Dictionary<string, long>> AddRunsAsync(
        NpgsqlConnection connection, List<SuiteResult> results, CancellationToken cancellationToken)
    {
        var rows = await connection.RowsAsync(
            AddRuns,
            row => (row.GetString(0), row.GetInt64(1)),
            cancellationToken,
            results.Select(r => r.RunId).ToArray(),
            results.Select(r => r.Suite).ToArray(),
            results.Select(r => r.Table).ToArray(),
            results.Select(r => r.Version?.Dataset.Name).ToArray(),
            results.Select(r => r.Version?.Version).ToArray(),
            results.Select(r => r.StartedAt.UtcTicks).ToArray(),
            results.Select(r => r.Duration.Ticks).ToArray(),
            results.Select(r => VerdictDetail.Write(r.Queries)).ToArray()).ConfigureAwait(false);
        return rows.ToDictionary(r => r.Item1, r => r.Item2, StringComparer.Ordinal);
    }

    private static async Task<Dictionary<(string Suite, string Rule), long>> RuleNumbersAsync(
        NpgsqlConnection connection, List<SuiteResult> results, CancellationToken cancellationToken)
    {
        var rules = results.SelectMany(r => r.Verdicts, (r, v) => (r.Suite, v.RuleId, v.Kind)).DistinctBy(r => (r.Suite, r.RuleId)).ToList();
        string[] suites = [.. rules.Select(r => r.Suite)];
        string[] ids = [.. rules.Select(r => r.RuleId)];
        var known = await FindAsync().ConfigureAwait(false);
        if (known.Count < rules.Count)
        {
            await connection.ExecuteAsync(AddRules, cancellationToken, suites, ids, rules.Select(r => r.Kind).ToArray()).ConfigureAwait(false);
            known = await FindAsync().ConfigureAwait(false);
        }

        return known;

        async Task<Dictionary<(string, string), long>> FindAsync()
        {
            var rows = await connection.RowsAsync(
                FindRules, row => (row.GetString(0), row.GetString(1), row.GetInt64(2)), cancellationToken, suites, ids).ConfigureAwait(false);
            return rows.ToDictionary(r => (r.Item1, r.Item2), r => r.Item3);
        }
    }

    private static async Task CopyAsync(
        NpgsqlConnection connection,
        List<SuiteResult> results,
        Dictionary<string, long> runs,
        Dictionary<(string Suite, string Rule), long> rules,
        CancellationToken cancellationToken)
    {
        const string Copy =
            "COPY verdict (day, run, place, rule, severity, outcome, violations, evaluated, observed, detail) FROM STDIN (FORMAT BINARY)";
        var writer = await connection.BeginBinaryImportAsync(Copy, cancellationToken).ConfigureAwait(false);
        await using (writer.ConfigureAwait(false))
        {
            foreach (var result in results)
            {
                var (day, run) = (PostgresQualityDatabase.DayOf(result.StartedAt), runs[Sql.Clean(result.RunId)]);
                for (var place = 0; place < result.Verdicts.Count; place++)
                {
                    var verdict = result.Verdicts[place];
                    var rule = rules[(Sql.Clean(result.Suite), Sql.Clean(verdict.RuleId))];
                    await CopyAsync(writer, day, run, place, rule, verdict, cancellationToken).ConfigureAwait(false);
                }
            }

            await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task CopyAsync(
        NpgsqlBinaryImporter writer, int day, long run, int place, long rule, Verdict verdict, CancellationToken cancellationToken)
    {
        await writer.StartRowAsync(cancellationToken).ConfigureAwait(false);
        await writer.WriteAsync(day, NpgsqlDbType.Integer, cancellationToken).ConfigureAwait(false);
        await writer.WriteAsync(run, NpgsqlDbType.Bigint, cancellationToken).ConfigureAwait(false);
        await writer.WriteAsync(place, NpgsqlDbType.Integer, cancellationToken).ConfigureAwait(false);
        await writer.WriteAsync(rule, NpgsqlDbType.Bigint, cancellationToken).ConfigureAwait(false);
        await writer.WriteAsync((short)verdict.Severity, NpgsqlDbType.Smallint, cancellationToken).ConfigureAwait(false);
        await writer.WriteAsync((short)verdict.Outcome, NpgsqlDbType.Smallint, cancellationToken).ConfigureAwait(false);
        await WriteAsync(writer, verdict.Violations, cancellationToken).ConfigureAwait(false);
        await WriteAsync(writer, verdict.Evaluated, cancellationToken).ConfigureAwait(false);
        await (verdict.Observed is { } observed
            ? writer.WriteAsync(Sql.Clean(observed), NpgsqlDbType.Text, cancellationToken)
            : writer.WriteNullAsync(cancellationToken)).ConfigureAwait(false);
        await writer.WriteAsync(Sql.Clean(VerdictDetail.Write(verdict)), NpgsqlDbType.Text, cancellationToken).ConfigureAwait(false);
    }

    private static Task WriteAsync(NpgsqlBinaryImporter writer, long? value, CancellationToken cancellationToken)
        => value is { } number ? writer.WriteAsync(number, NpgsqlDbType.Bigint, cancellationToken) : writer.WriteNullAsync(cancellationToken);
}
