namespace DataPlatform.Lakehouse.DuckDb;

/// <summary>Limits of one query engine.</summary>
public sealed record LakeQueryOptions
{
    /// <summary>Threads for one query; null leaves DuckDB's default, one per core.</summary>
    public int? Threads { get; init; }

    /// <summary>Memory for queries in bytes; beyond it DuckDB spills to <see cref="TempFolder"/>. Default 1 GiB.</summary>
    public long MemoryLimitBytes { get; init; } = 1L << 30;

    /// <summary>Where queries spill; null takes the system's temporary folder.</summary>
    public string? TempFolder { get; init; }

    /// <summary>
    /// Partitions up to which each gets a branch of its own in a view, so that a filter on a partition column reads only its files; above it
    /// the values are joined by file name. Default 256.
    /// </summary>
    public int PartitionBranchesMax { get; init; } = 256;
}
