using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.Profiles;

/// <summary>Adds up what parts say by the partition they belong to, beside the sum of all.</summary>
internal sealed class PartitionFolds
{
    private readonly SortedDictionary<string, Fold> _folds = new(StringComparer.Ordinal);

    private PartitionFolds()
    {
    }

    /// <summary>Folds for the partitions written to last.</summary>
    /// <param name="parts">The parts, oldest first.</param>
    /// <param name="partitionsMax">Partitions at most.</param>
    public static PartitionFolds Of(IReadOnlyList<TablePart> parts, int partitionsMax)
    {
        var folds = new PartitionFolds();
        foreach (var part in parts.Reverse().Where(p => p.Partition.Length > 0))
        {
            if (folds._folds.Count == partitionsMax)
            {
                break;
            }

            folds._folds.TryAdd(part.Partition, new Fold());
        }

        return folds;
    }

    /// <summary>Takes what a part says.</summary>
    public void Add(TablePart part, IEnumerable<Metric> metrics, IReadOnlyDictionary<string, object?> values, bool isRead)
    {
        if (!_folds.TryGetValue(part.Partition, out var fold))
        {
            return;
        }

        fold.IsRead |= isRead;
        foreach (var metric in metrics.Where(m => values.ContainsKey(m.Key)))
        {
            var sum = fold.Sums.TryGetValue(metric.Key, out var known) ? known : MetricParts.Nothing(metric);
            fold.Sums[metric.Key] = MetricParts.Add(metric, sum, values[metric.Key]);
        }
    }

    /// <summary>What the partitions say.</summary>
    /// <param name="answered">The metrics that every part answered.</param>
    /// <param name="parts">What was measured of parts for each.</param>
    public IReadOnlyList<PartitionAnswer> Finish(IReadOnlyList<Metric> answered, IReadOnlyDictionary<string, Metric> parts) =>
        [.. _folds.Select(f => new PartitionAnswer(
            f.Key,
            answered.Where(m => f.Value.Sums.ContainsKey(parts[m.Key].Key)).ToDictionary(m => m.Key, m => MetricParts.Finish(m, f.Value.Sums[parts[m.Key].Key])),
            f.Value.IsRead))];

    private sealed class Fold
    {
        public Dictionary<string, object?> Sums { get; } = new(StringComparer.Ordinal);

        public bool IsRead { get; set; }
    }
}
