using System.Data.Common;
using DataPlatform.Kernel;

namespace DataPlatform.Quality.Catalog;

/// <summary>Reads rows of the catalog's tables, which have the same columns in every database.</summary>
internal static class CatalogRows
{
    public const string RuleColumns = """
        s.id, su.name, ru.rule_id, ru.kind, s.table_name, s.severity, s.outcome, s.violations, s.evaluated, s.observed, s.words, s.message, s.owner, s.tags,
        s.run_id, s.dataset, s.version, s.at, s.since
        """;

    public const string RuleTables = "rule_state s JOIN rule ru ON ru.id = s.id JOIN suite su ON su.id = ru.suite";
    public const string Counts = "pass, fail_info, fail_warning, fail_critical, error, no_data";
    public const string TableColumns = $"table_name, {Counts}, run_id, dataset, version, at";

    public static RuleState Rule(DbDataReader row) => new(
        row.GetInt64(0),
        new RuleKey(row.GetString(1), row.GetString(2)),
        row.GetString(4),
        new Verdict
        {
            RuleId = row.GetString(2),
            Kind = row.GetString(3),
            Severity = (Severity)row.GetInt16(5),
            Outcome = (Outcome)row.GetInt16(6),
            Violations = row.LongOrNull(7),
            Evaluated = row.LongOrNull(8),
            Observed = row.TextOrNull(9),
            Rule = row.GetString(10),
            Message = row.GetString(11),
            Owner = row.TextOrNull(12),
            Tags = row.GetString(13).Split('\n', StringSplitOptions.RemoveEmptyEntries),
        },
        row.GetString(14),
        Version(row, 15),
        row.Time(17),
        row.Time(18));

    public static TableState Table(DbDataReader row)
        => new(row.GetString(0), CountsAt(row, 1), row.Time(10), row.GetString(7), Version(row, 8));

    public static PastVerdict Past(DbDataReader row) => new(
        row.GetString(0), row.Time(1), Version(row, 2), (Severity)row.GetInt16(4), (Outcome)row.GetInt16(5), row.LongOrNull(6), row.LongOrNull(7),
        row.TextOrNull(8));

    public static OutcomeCounts CountsAt(DbDataReader row, int column) => new(
        row.GetInt64(column), row.GetInt64(column + 1), row.GetInt64(column + 2), row.GetInt64(column + 3), row.GetInt64(column + 4),
        row.GetInt64(column + 5));

    public static DatasetVersion? Version(DbDataReader row, int column)
        => row.TextOrNull(column) is { } dataset ? new DatasetVersion(new DatasetId(dataset), row.GetInt64(column + 1)) : null;
}
