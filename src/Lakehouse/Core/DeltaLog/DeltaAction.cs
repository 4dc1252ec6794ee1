namespace DataPlatform.Lakehouse.DeltaLog;

/// <summary>One line of a commit: what changed. Names, units and meaning follow the protocol's section "Actions".</summary>
public abstract record DeltaAction
{
    private protected DeltaAction()
    {
    }

    private protected static IReadOnlyDictionary<string, string?> NoValues { get; } = new Dictionary<string, string?>();
}

/// <summary>An action about a file of the table.</summary>
public abstract record FileAction : DeltaAction
{
    private protected FileAction()
    {
    }

    /// <summary>The file's path as the log spells it: relative to the table's root and percent-encoded, or an absolute URI.</summary>
    public required string Path { get; init; }

    /// <summary>Partition values as text by physical column name; null or empty text means null.</summary>
    public IReadOnlyDictionary<string, string?> PartitionValues { get; init; } = NoValues;

    /// <summary>False when the action only rearranges rows, as compaction does.</summary>
    public bool DataChange { get; init; }

    /// <summary>Tags of other writers, kept as they are.</summary>
    public IReadOnlyDictionary<string, string?>? Tags { get; init; }
}

/// <summary>Makes one data file part of the table.</summary>
public sealed record AddFile : FileAction
{
    /// <summary>The file's length in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>When the file was made, milliseconds since 1970 UTC.</summary>
    public required long ModificationTime { get; init; }

    /// <summary>Statistics as JSON text; null where the writer gave none.</summary>
    public string? Stats { get; init; }

    /// <summary>The rows of the file that are deleted; null for none.</summary>
    public DeletionVectorDescriptor? DeletionVector { get; init; }

    /// <summary>The row id of the file's first row, on tables with row tracking.</summary>
    public long? BaseRowId { get; init; }

    /// <summary>The version that first held the file's rows, on tables with row tracking.</summary>
    public long? DefaultRowCommitVersion { get; init; }

    /// <summary>The clustering implementation that placed the rows.</summary>
    public string? ClusteringProvider { get; init; }

    /// <summary>Physical rows in the file, from its statistics; null where unknown.</summary>
    public long? NumRecords => FileStatistics.ReadNumRecords(Stats);

    /// <summary>Rows that a reader sees: physical rows less the deleted ones; null where unknown.</summary>
    public long? LiveRecords => NumRecords - (DeletionVector?.Cardinality ?? 0);

    internal FileKey Key => FileKey.Of(Path, DeletionVector);
}

/// <summary>Takes one data file out of the table; the file stays until clean-up.</summary>
public sealed record RemoveFile : FileAction
{
    /// <summary>When it was removed, milliseconds since 1970 UTC; retention counts from here.</summary>
    public long? DeletionTimestamp { get; init; }

    /// <summary>Whether partition values, size and tags are given.</summary>
    public bool? ExtendedFileMetadata { get; init; }

    /// <summary>The file's length in bytes, where given.</summary>
    public long? Size { get; init; }

    /// <summary>Statistics as JSON text, where given.</summary>
    public string? Stats { get; init; }

    /// <summary>The deletion vector that the removed file had; together with the path it names the file.</summary>
    public DeletionVectorDescriptor? DeletionVector { get; init; }

    /// <summary>As in <see cref="AddFile.BaseRowId"/>.</summary>
    public long? BaseRowId { get; init; }

    /// <summary>As in <see cref="AddFile.DefaultRowCommitVersion"/>.</summary>
    public long? DefaultRowCommitVersion { get; init; }

    internal FileKey Key => FileKey.Of(Path, DeletionVector);

    /// <summary>The removal of a live file.</summary>
    internal static RemoveFile Of(AddFile file, DateTimeOffset now, bool dataChange) => new()
    {
        Path = file.Path,
        PartitionValues = file.PartitionValues,
        Size = file.Size,
        DataChange = dataChange,
        DeletionTimestamp = now.ToUnixTimeMilliseconds(),
        ExtendedFileMetadata = true,
        DeletionVector = file.DeletionVector,
        BaseRowId = file.BaseRowId,
        DefaultRowCommitVersion = file.DefaultRowCommitVersion,
        Tags = file.Tags,
    };
}

/// <summary>A file of changed rows, for the change data feed.</summary>
public sealed record AddCdcFile : FileAction
{
    /// <summary>The file's length in bytes.</summary>
    public required long Size { get; init; }
}
