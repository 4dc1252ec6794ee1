using DataPlatform.Quality.Catalog;
using Npgsql;

namespace DataPlatform.Quality.Postgres;

/// <summary>What rules are in partitions, and what verdicts were made from.</summary>
public sealed partial class PostgresCatalog
{
    private const string PartitionColumns =
        "p.rule, ru.rule_id, p.partition, p.outcome, p.violations, p.evaluated, p.observed, p.run_id, p.dataset, p.version, p.at";

    private const int PartitionsMax = 1_000;

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<string>> EvidenceAsync(long number, int verdictsMax, CancellationToken cancellationToken = default)
    {
        CheckLimit(verdictsMax);
        var details = await database.RowsAsync(
            "SELECT detail FROM verdict WHERE rule = $1 ORDER BY day DESC, run DESC LIMIT $2",
            row => VerdictDetail.Read(row.GetString(0)),
            cancellationToken,
            number, verdictsMax).ConfigureAwait(false);
        return [.. details.Select(d => d.Evidence).OfType<string>()];
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RulePartition>> PartitionsAsync(
        IReadOnlyCollection<long> numbers, string? before, int partitionsMax, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(numbers);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(numbers.Count, RuleQuery.LimitMax);
        CheckLimit(partitionsMax);
        var rules = new Conditions(first: 1).Add("p.rule = ANY (?)", numbers.ToArray()).Add("p.partition < ?", before);
        return database.RowsAsync(
            $"""
            SELECT {PartitionColumns} FROM partition_rule p JOIN rule ru ON ru.id = p.rule{rules.Where} AND p.partition >= (
              SELECT min(partition) FROM (
                SELECT DISTINCT p.partition FROM partition_rule p{rules.Where} ORDER BY p.partition DESC LIMIT {rules.Parameter(partitionsMax)}) AS shown)
            ORDER BY p.partition DESC, p.rule
            """,
            ReadPartition,
            cancellationToken,
            rules.Values);
    }

    /// <inheritdoc/>
    public ValueTask<RulePartition?> PartitionAsync(long number, string partition, CancellationToken cancellationToken = default)
        => database.FindAsync(
            $"SELECT {PartitionColumns}, p.sample FROM partition_rule p JOIN rule ru ON ru.id = p.rule WHERE p.rule = $1 AND p.partition = $2",
            row =>
            {
                var found = ReadPartition(row);
                return found with { Verdict = found.Verdict with { Sample = VerdictDetail.ReadSample(row.TextOrNull(11)) } };
            },
            cancellationToken,
            number, partition);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RulePartition>> PartitionChangesAsync(
        long number, IReadOnlyCollection<string> partitions, int changesMax, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(partitions);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(partitions.Count, PartitionsMax);
        CheckLimit(changesMax);
        return database.RowsAsync(
            $"""
            SELECT {PartitionColumns} FROM unnest($2::text[]) AS n (partition), LATERAL (
              SELECT * FROM partition_change c WHERE c.rule = $1 AND c.partition = n.partition ORDER BY c.at DESC LIMIT $3) AS p
            JOIN rule ru ON ru.id = p.rule ORDER BY p.partition, p.at
            """,
            ReadPartition,
            cancellationToken,
            number, partitions.Distinct().ToArray(), changesMax);
    }

    private static RulePartition ReadPartition(NpgsqlDataReader row) => new(
        row.GetInt64(0),
        new PartitionVerdict(row.GetString(1), row.GetString(2), row.IsDBNull(3) ? null : (Outcome)row.GetInt16(3))
        {
            Violations = row.LongOrNull(4),
            Evaluated = row.LongOrNull(5),
            Observed = row.TextOrNull(6),
        },
        row.GetString(7),
        CatalogRows.Version(row, 8),
        row.Time(10));
}
