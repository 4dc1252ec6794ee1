using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.Profiles;

/// <summary>The states of all columns of one partition, or of many merged ones.</summary>
/// <param name="Partition">The partition, for example <c>day=2001-01-31</c>; empty for a whole table.</param>
/// <param name="Columns">A state per column.</param>
public sealed record PartitionState(string Partition, IReadOnlyList<ColumnState> Columns)
{
    /// <summary>The engine that measured <see cref="Metrics"/>, with its version; empty for none.</summary>
    public string Engine { get; init; } = string.Empty;

    /// <summary>Measured values by the key of their metric; see <see cref="Metric.Key"/>.</summary>
    public IReadOnlyDictionary<string, object?> Metrics { get; init; } = new Dictionary<string, object?>();

    /// <summary>Adds partitions up. Rewritten or dropped partitions are right by construction: the fold is over those that live.</summary>
    /// <param name="partitions">The partitions.</param>
    /// <returns>A state as if the partitions had been read as one; columns are matched by name, in order of first appearance.</returns>
    public static PartitionState Fold(IEnumerable<PartitionState> partitions)
    {
        ArgumentNullException.ThrowIfNull(partitions);
        Dictionary<string, ColumnState> columns = new(StringComparer.OrdinalIgnoreCase);
        List<ColumnState> order = [];
        foreach (var state in partitions.SelectMany(p => p.Columns))
        {
            if (!columns.TryGetValue(state.Name, out var sum))
            {
                columns[state.Name] = sum = new ColumnState(state.Name, state.Type, state.Family);
                order.Add(sum);
            }

            sum.Merge(state);
        }

        return new PartitionState(string.Empty, order);
    }

    /// <summary>Profiles of the columns.</summary>
    public IReadOnlyList<ColumnProfile> Profiles() => [.. Columns.Select(ColumnProfile.Of)];
}
