using DataPlatform.Lakehouse.Scans;

namespace DataPlatform.Lakehouse;

/// <summary>What a write does with the rows that are there.</summary>
public enum WriteMode
{
    /// <summary>Keeps them.</summary>
    Append,

    /// <summary>Replaces all of them, or those that <see cref="WriteOptions.ReplaceWhere"/> names.</summary>
    Overwrite,

    /// <summary>Replaces the partitions that the new rows fall into, and keeps the others.</summary>
    OverwritePartitions,

    /// <summary>Replaces the rows whose key (<see cref="WriteOptions.MergeOn"/>) is that of a new row, and keeps the others: an upsert. A new row
    /// without a key, or with that of another, is refused.</summary>
    Merge,
}

/// <summary>How rows are written.</summary>
public sealed record WriteOptions
{
    /// <summary>What happens to the rows that are there. Default: they stay.</summary>
    public WriteMode Mode { get; init; }

    /// <summary>
    /// With <see cref="WriteMode.Overwrite"/>: only rows that satisfy this are replaced, and every new row must satisfy it.
    /// </summary>
    public Predicate? ReplaceWhere { get; init; }

    /// <summary>With <see cref="WriteMode.Merge"/>: the columns of the key. The keys of one write are held in memory, at most 5,000,000.</summary>
    public IReadOnlyList<string> MergeOn { get; init; } = [];

    /// <summary>Whether columns of the rows that the table lacks are added to it, nullable. Default false: such rows are refused.</summary>
    public bool MergeSchema { get; init; }

    /// <summary>With <see cref="WriteMode.Overwrite"/>: whether the rows' schema replaces the table's.</summary>
    public bool OverwriteSchema { get; init; }

    /// <summary>Makes the write idempotent: skipped when the table has this version, or a later one, of this application.</summary>
    public (string AppId, long Version)? Transaction { get; init; }

    /// <summary>Where the rows come from; null: rows that a <see cref="TableScan"/> reads, and those that a query writes, say it themselves.</summary>
    public CommitLineage? Lineage { get; init; }

    /// <summary>Free text for the commit's history entry.</summary>
    public string? UserMetadata { get; init; }
}
