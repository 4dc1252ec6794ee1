namespace DataPlatform.Quality.Catalog;

/// <summary>What is known of tables and rules now, for people to look at: nothing here reads all rules at once.</summary>
/// <remarks>Implementations are thread-safe. Answers are as of the last run that was kept.</remarks>
public interface IQualityCatalog
{
    /// <summary>A text that differs whenever something was kept since: cheap enough to ask for every second.</summary>
    ValueTask<string> StampAsync(CancellationToken cancellationToken = default);

    /// <summary>The domains by name.</summary>
    ValueTask<IReadOnlyList<DomainState>> DomainsAsync(CancellationToken cancellationToken = default);

    /// <summary>Verdicts by day, oldest first; days without runs are absent.</summary>
    /// <param name="domain">Only this domain; null for all.</param>
    /// <param name="from">The first day, UTC.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    ValueTask<IReadOnlyList<DayCounts>> DaysAsync(string? domain, DateOnly from, CancellationToken cancellationToken = default);

    /// <summary>A page of tables.</summary>
    ValueTask<IReadOnlyList<TableState>> TablesAsync(TableQuery query, CancellationToken cancellationToken = default);

    /// <summary>A table; null for one that was never looked at.</summary>
    ValueTask<TableState?> TableAsync(string table, CancellationToken cancellationToken = default);

    /// <summary>A page of rules.</summary>
    ValueTask<IReadOnlyList<RuleState>> RulesAsync(RuleQuery query, CancellationToken cancellationToken = default);

    /// <summary>A rule with the sample of its newest verdict; null for one that never ran.</summary>
    ValueTask<RuleState?> RuleAsync(RuleKey key, CancellationToken cancellationToken = default);

    /// <summary>The newest verdicts of rules, each rule's oldest first: by the day their run began, those of a day in the order they were kept.</summary>
    /// <param name="numbers">The rules' numbers, at most <see cref="RuleQuery.LimitMax"/>.</param>
    /// <param name="verdictsMax">Verdicts of each rule, 1 to 1,000.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    ValueTask<IReadOnlyDictionary<long, IReadOnlyList<PastVerdict>>> HistoryAsync(
        IReadOnlyCollection<long> numbers, int verdictsMax, CancellationToken cancellationToken = default);

    /// <summary>What the newest verdicts of a rule were made from, newest first; see <see cref="Verdict.Evidence"/>. Verdicts without it are left out.</summary>
    /// <param name="number">The rule's number.</param>
    /// <param name="verdictsMax">Verdicts looked at, 1 to 1,000.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    ValueTask<IReadOnlyList<string>> EvidenceAsync(long number, int verdictsMax, CancellationToken cancellationToken = default);

    /// <summary>What rules are in the partitions that live now: those of the highest names, each without its sample.</summary>
    /// <param name="numbers">The rules' numbers, at most <see cref="RuleQuery.LimitMax"/>.</param>
    /// <param name="before">The lowest name of the page before; null for the first page.</param>
    /// <param name="partitionsMax">Partitions of the page, 1 to 1,000.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <returns>By name of partition, the highest first, then by number.</returns>
    ValueTask<IReadOnlyList<RulePartition>> PartitionsAsync(
        IReadOnlyCollection<long> numbers, string? before, int partitionsMax, CancellationToken cancellationToken = default);

    /// <summary>What a rule is in a partition, with its sample; null for a partition that is gone or was never told of.</summary>
    /// <param name="number">The rule's number.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    ValueTask<RulePartition?> PartitionAsync(long number, string partition, CancellationToken cancellationToken = default);

    /// <summary>What a rule was in partitions: an entry each time it changed, of each partition the newest, without samples.</summary>
    /// <param name="number">The rule's number.</param>
    /// <param name="partitions">The partitions, at most 1,000.</param>
    /// <param name="changesMax">Changes of each partition, 1 to 1,000.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <returns>By partition, each oldest first.</returns>
    ValueTask<IReadOnlyList<RulePartition>> PartitionChangesAsync(
        long number, IReadOnlyCollection<string> partitions, int changesMax, CancellationToken cancellationToken = default);

    /// <summary>A page of a table's runs, newest first.</summary>
    /// <param name="table">The table; null for all.</param>
    /// <param name="before">The number of the last run of the page before; null for the first page.</param>
    /// <param name="limit">Runs of the page, 1 to 1,000.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    ValueTask<IReadOnlyList<RunSummary>> RunsAsync(string? table, long? before, int limit, CancellationToken cancellationToken = default);

    /// <summary>A run whole; null for none of that id.</summary>
    ValueTask<SuiteResult?> RunAsync(string runId, CancellationToken cancellationToken = default);
}
