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

    /// <summary>Adds parts up by the partition they belong to.</summary>
    /// <param name="parts">States of parts, for example of data files.</param>
    /// <param name="partitionOf">The partition of a part, by the part's name.</param>
    /// <returns>A state per partition, in the order of their names.</returns>
    public static IReadOnlyList<PartitionState> FoldBy(IEnumerable<PartitionState> parts, Func<string, string> partitionOf)
    {
        ArgumentNullException.ThrowIfNull(parts);
        ArgumentNullException.ThrowIfNull(partitionOf);
        var groups = parts.GroupBy(p => partitionOf(p.Partition), StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal);
        return [.. groups.Select(g => Fold(g) with { Partition = g.Key })];
    }

    /// <summary>Profiles of the columns.</summary>
    public IReadOnlyList<ColumnProfile> Profiles() => [.. Columns.Select(ColumnProfile.Of)];
}
