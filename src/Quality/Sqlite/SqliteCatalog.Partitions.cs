using System.Text.Json;
using DataPlatform.Quality.Catalog;
using Microsoft.Data.Sqlite;

namespace DataPlatform.Quality.Sqlite;

/// <summary>What rules are in partitions, and what verdicts were made from.</summary>
public sealed partial class SqliteCatalog
{
    private const string PartitionColumns =
        "p.rule, ru.rule_id, p.partition, p.outcome, p.violations, p.evaluated, p.observed, p.run_id, p.dataset, p.version, p.at";

    private const int PartitionsMax = 1_000;

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> EvidenceAsync(long number, int verdictsMax, CancellationToken cancellationToken = default)
    {
        PageLimit(verdictsMax, HistoryMax);
        using var connection = database.Connect();
        var details = Sql.Rows(
            connection, "SELECT detail FROM verdict WHERE rule = $0 ORDER BY day DESC, run DESC LIMIT $1", row => VerdictDetail.Read(row.GetString(0)), number, verdictsMax);
        return ValueTask.FromResult<IReadOnlyList<string>>([.. details.Select(d => d.Evidence).OfType<string>()]);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RulePartition>> PartitionsAsync(
        IReadOnlyCollection<long> numbers, string? before, int partitionsMax, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(numbers);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(numbers.Count, RuleQuery.LimitMax);
        PageLimit(partitionsMax, PartitionsMax);
        var rules = new Conditions(first: 0).Add("p.rule IN (SELECT value FROM json_each(?))", JsonSerializer.Serialize(numbers)).Add("p.partition < ?", before);
        return Read(
            $"""
            SELECT {PartitionColumns} FROM partition_rule p JOIN rule ru ON ru.id = p.rule{rules.Where} AND p.partition >= (
              SELECT min(partition) FROM (
                SELECT DISTINCT p.partition FROM partition_rule p{rules.Where} ORDER BY p.partition DESC LIMIT {rules.Parameter(partitionsMax)}))
            ORDER BY p.partition DESC, p.rule
            """,
            ReadPartition,
            rules.Values);
    }

    /// <inheritdoc/>
    public ValueTask<RulePartition?> PartitionAsync(long number, string partition, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(partition);
        using var connection = database.Connect();
        return ValueTask.FromResult(Sql.Rows(
            connection,
            $"SELECT {PartitionColumns}, p.sample FROM partition_rule p JOIN rule ru ON ru.id = p.rule WHERE p.rule = $0 AND p.partition = $1",
            row =>
            {
                var found = ReadPartition(row);
                return found with { Verdict = found.Verdict with { Sample = VerdictDetail.ReadSample(row.TextOrNull(11)) } };
            },
            number, partition).FirstOrDefault());
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RulePartition>> PartitionChangesAsync(
        long number, IReadOnlyCollection<string> partitions, int changesMax, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(partitions);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(partitions.Count, PartitionsMax);
        PageLimit(changesMax, HistoryMax);
        using var connection = database.Connect();
        List<RulePartition> changes = [];
        foreach (var partition in partitions.Distinct().Order(StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var past = Sql.Rows(
                connection,
                $"""
                SELECT {PartitionColumns} FROM partition_change p JOIN rule ru ON ru.id = p.rule
                WHERE p.rule = $0 AND p.partition = $1 ORDER BY p.at DESC LIMIT $2
                """,
                ReadPartition, number, partition, changesMax);
            past.Reverse();
            changes.AddRange(past);
        }

        return ValueTask.FromResult<IReadOnlyList<RulePartition>>(changes);
    }

    private static RulePartition ReadPartition(SqliteDataReader row) => new(
        row.GetInt64(0),
        new PartitionVerdict(row.GetString(1), row.GetString(2), row.IsDBNull(3) ? null : (Outcome)row.GetInt32(3))
        {
            Violations = row.LongOrNull(4),
            Evaluated = row.LongOrNull(5),
            Observed = row.TextOrNull(6),
        },
        row.GetString(7),
        CatalogRows.Version(row, 8),
        row.Time(10));
}
