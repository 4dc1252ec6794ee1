using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace DataPlatform.Quality.Sqlite;

/// <summary>Keeps what rules are in partitions, in the transaction of the run.</summary>
internal static class PartitionWriter
{
    private const string Put = """
        INSERT INTO partition_rule VALUES ($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT DO UPDATE SET outcome = excluded.outcome, violations = excluded.violations, evaluated = excluded.evaluated, observed = excluded.observed,
          sample = excluded.sample, run_id = excluded.run_id, dataset = excluded.dataset, version = excluded.version, at = excluded.at
        WHERE excluded.at >= at
          AND (outcome, violations, evaluated, observed) IS NOT (excluded.outcome, excluded.violations, excluded.evaluated, excluded.observed)
        """;

    private const string AddChanges = """
        INSERT OR REPLACE INTO partition_change (rule, partition, at, outcome, violations, evaluated, observed, run_id, dataset, version)
        SELECT rule, partition, at, outcome, violations, evaluated, observed, run_id, dataset, version FROM partition_rule WHERE rule = $0 AND run_id = $1
        """;

    private const string Forget = "DELETE FROM partition_rule WHERE rule = $0 AND at <= $1 AND partition NOT IN (SELECT value FROM json_each($2))";

    /// <summary>Takes a run that was just written. A run that tells of no partition changes nothing: it did not look.</summary>
    public static void Add(SqliteConnection connection, long suite, SuiteResult result)
    {
        foreach (var group in result.Partitions.GroupBy(p => p.RuleId))
        {
            var rule = Sql.Scalar(connection, "SELECT id FROM rule WHERE suite = $0 AND rule_id = $1", suite, group.Key);
            Sql.ExecuteEach(connection, Put, group, p =>
            [
                rule, p.Partition, (int?)p.Outcome, p.Violations, p.Evaluated, p.Observed, VerdictDetail.Write(p.Sample), result.RunId,
                result.Version?.Dataset.Name, result.Version?.Version, result.StartedAt.UtcTicks,
            ]);
            Sql.Execute(connection, AddChanges, rule, result.RunId);
            var live = JsonSerializer.Serialize(group.Select(p => p.Partition).ToArray(), TextsJson.Default.StringArray);
            Sql.Execute(connection, Forget, rule, result.StartedAt.UtcTicks, live);
        }
    }
}
