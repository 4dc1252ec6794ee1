using DataPlatform.Kernel;
using DataPlatform.Kernel.Feeds;
using DataPlatform.Lakehouse.Transactions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlatform.Lakehouse;

/// <summary>How a table is opened, and what a created one looks like.</summary>
public sealed record DeltaTableOptions
{
    /// <summary>The name under which commits are announced on <see cref="Feed"/>; null announces nothing.</summary>
    public DatasetId? Dataset { get; init; }

    /// <summary>Where commits are announced; those that change no data, such as compaction, only to who asks for the latest version.</summary>
    public IDatasetFeed? Feed { get; init; }

    /// <summary>On creation: the partition columns, outermost first.</summary>
    public IReadOnlyList<string> PartitionColumns { get; init; } = [];

    /// <summary>
    /// On creation: the columns by which rows are to lie near each other (liquid clustering); instead of partition columns. This engine
    /// records them and keeps their statistics; it does not order rows by them yet.
    /// </summary>
    public IReadOnlyList<string> ClusterBy { get; init; } = [];

    /// <summary>On creation: table properties such as <c>delta.appendOnly</c>.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();

    /// <summary>On creation: a name for people.</summary>
    public string? Name { get; init; }

    /// <summary>On creation: a description for people.</summary>
    public string? Description { get; init; }

    /// <summary>
    /// Commits between two log checkpoints, where the table has no <c>delta.checkpointInterval</c>. Default 10, as Delta's own.
    /// </summary>
    public int CheckpointInterval { get; init; } = 10;

    /// <summary>
    /// Whether log checkpoints are written beside the commits that they are due after, instead of before such a commit returns. A process
    /// that ends should await <see cref="DeltaTable.WaitForCheckpointsAsync"/> first; one that does not loses a checkpoint, never a commit.
    /// Default false.
    /// </summary>
    public bool BackgroundCheckpoints { get; init; }

    /// <summary>Files in one part of a classic log checkpoint; larger tables get several parts. Default 2,000,000.</summary>
    public int CheckpointPartFiles { get; init; } = 2_000_000;

    /// <summary>How often a commit tries the next version after losing a race. Default 1,000.</summary>
    public int CommitAttemptsMax { get; init; } = 1_000;

    /// <summary>The size at which a data file is closed and another begun, in bytes. Default 128 MiB.</summary>
    public long TargetFileSizeBytes { get; init; } = 128L << 20;

    /// <summary>
    /// The isolation of transactions that read. Default <see cref="Transactions.IsolationLevel.Serializable"/>, as Delta's own.
    /// </summary>
    public IsolationLevel Isolation { get; init; } = IsolationLevel.Serializable;

    /// <summary>Whether opening compares the version with its checksum file. Default <see cref="ChecksumVerification.Report"/>.</summary>
    public ChecksumVerification Checksums { get; init; } = ChecksumVerification.Report;

    /// <summary>The clock of commit times and retention.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where the engine logs; nowhere by default.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(CheckpointInterval, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(CheckpointPartFiles, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(CommitAttemptsMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(TargetFileSizeBytes, 1);
    }
}
