namespace DataPlatform.Lakehouse.Maintenance;

/// <summary>How small files are merged.</summary>
public sealed record CompactOptions
{
    /// <summary>Files below this size are merged, in bytes; null takes the table's target file size.</summary>
    public long? SmallBelowBytes { get; init; }

    /// <summary>The size at which an output file is closed, in bytes; null takes the table's target file size.</summary>
    public long? TargetFileSizeBytes { get; init; }

    /// <summary>Which partitions to look at, by physical column name; null for all.</summary>
    public Func<IReadOnlyDictionary<string, string?>, bool>? Partitions { get; init; }
}

/// <summary>What a compaction did.</summary>
/// <param name="Commits">Commits made.</param>
/// <param name="FilesRemoved">Small files taken out.</param>
/// <param name="FilesAdded">Files written.</param>
/// <param name="BytesRemoved">Their size before.</param>
/// <param name="BytesAdded">Their size after.</param>
/// <param name="GroupsLost">Groups given up because another writer changed their files meanwhile; they are tried again on the next
/// run.</param>
public sealed record CompactResult(int Commits, int FilesRemoved, int FilesAdded, long BytesRemoved, long BytesAdded, int GroupsLost);
