namespace DataPlatform.Quality.Metrics;

/// <summary>Answers metrics over a relation by adding up what is kept of its parts; only parts that are new are read.</summary>
/// <remarks>Used by one run at a time.</remarks>
public interface IPartStates
{
    /// <summary>Measures.</summary>
    /// <param name="metrics">The metrics; those that do not add up are left out of the answer.</param>
    /// <param name="shape">The relation's columns.</param>
    /// <param name="cancellationToken">Stops between two parts; what was read by then is kept.</param>
    /// <exception cref="MetricException">A part could not be read.</exception>
    ValueTask<PartAnswer> AnswerAsync(IReadOnlyList<Metric> metrics, TableShape shape, CancellationToken cancellationToken);

    /// <summary>Opens one of the parts whose rows a metric counted, to show some of them: a new one where there is one.</summary>
    /// <param name="metric">A metric of the last answer.</param>
    /// <param name="partition">Only a part of this partition; null for one of any.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The part's relation; null when the metric was not answered, or counted nothing.</returns>
    /// <exception cref="MetricException">The part cannot be read.</exception>
    ValueTask<string?> OpenCountedAsync(Metric metric, string? partition, CancellationToken cancellationToken);
}

/// <summary>What the parts of a relation say.</summary>
/// <param name="Values">Values by the key of their metric.</param>
/// <param name="Whole">Why a metric was not answered, by its key: it has to be measured over the whole relation.</param>
/// <param name="Live">Parts the relation consists of.</param>
/// <param name="Read">Parts that were read.</param>
/// <param name="BytesRead">Their bytes.</param>
public sealed record PartAnswer(
    IReadOnlyDictionary<string, object?> Values, IReadOnlyDictionary<string, string> Whole, int Live, int Read, long BytesRead)
{
    /// <summary>What single partitions say, in the order of their names; empty for a relation without partitions.</summary>
    public IReadOnlyList<PartitionAnswer> Partitions { get; init; } = [];
}

/// <summary>What the parts of one partition say.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Values">Values by the key of their metric.</param>
/// <param name="IsRead">Whether one of its parts was read.</param>
public sealed record PartitionAnswer(string Partition, IReadOnlyDictionary<string, object?> Values, bool IsRead);
