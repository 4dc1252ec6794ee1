using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Scans.Skipping;

namespace DataPlatform.Lakehouse.Snapshots;

/// <summary>Files of a version by position, in chunks that are read and reasoned about side by side. Immutable; thread-safe.</summary>
internal abstract class FileBlock
{
    private BoundsCache? _bounds;

    public abstract int Count { get; }

    /// <summary>How many chunks the files are in.</summary>
    public abstract int ChunkCount { get; }

    /// <summary>The bounds of columns, kept from plan to plan.</summary>
    public BoundsCache Bounds
        => Volatile.Read(ref _bounds) ?? Interlocked.CompareExchange(ref _bounds, new BoundsCache(ChunkCount, ReadBounds), null) ?? _bounds;

    /// <summary>The blocks this one is made of, in order; itself where it is simple.</summary>
    public virtual IEnumerable<FileBlock> Leaves => [this];

    public abstract AddFile Get(int position);

    public abstract FileKey KeyOf(int position);

    public abstract long SizeOf(int position);

    /// <summary>The position of a file, or -1.</summary>
    public abstract int Find(FileKey key);

    /// <summary>The position of a chunk's first file.</summary>
    public abstract int FirstOf(int chunk);

    /// <summary>The files in a chunk.</summary>
    public abstract int CountOf(int chunk);

    /// <summary>The chunk that holds a position.</summary>
    public abstract int ChunkOf(int position);

    /// <summary>The physical rows of each file in a chunk, less the deleted ones; -1 where unknown.</summary>
    public abstract long[] LiveRecords(int chunk);

    protected abstract ColumnBounds[] ReadBounds(int chunk, IReadOnlyList<StatisticsColumn> columns);
}

/// <summary>Two blocks one after the other. It is looked into through its leaves.</summary>
internal sealed class JoinedFiles(FileBlock first, FileBlock second) : FileBlock
{
    private readonly int _firstChunks = first.ChunkCount;

    public override int Count => first.Count + second.Count;

    public override int ChunkCount => _firstChunks + second.ChunkCount;

    public override IEnumerable<FileBlock> Leaves => first.Leaves.Concat(second.Leaves);

    public override AddFile Get(int position) => position < first.Count ? first.Get(position) : second.Get(position - first.Count);

    public override FileKey KeyOf(int position) => position < first.Count ? first.KeyOf(position) : second.KeyOf(position - first.Count);

    public override long SizeOf(int position) => position < first.Count ? first.SizeOf(position) : second.SizeOf(position - first.Count);

    public override int Find(FileKey key) => second.Find(key) is >= 0 and var late ? first.Count + late : first.Find(key);

    public override int FirstOf(int chunk) => chunk < _firstChunks ? first.FirstOf(chunk) : first.Count + second.FirstOf(chunk - _firstChunks);

    public override int CountOf(int chunk) => chunk < _firstChunks ? first.CountOf(chunk) : second.CountOf(chunk - _firstChunks);

    public override int ChunkOf(int position)
        => position < first.Count ? first.ChunkOf(position) : _firstChunks + second.ChunkOf(position - first.Count);

    public override long[] LiveRecords(int chunk) => chunk < _firstChunks ? first.LiveRecords(chunk) : second.LiveRecords(chunk - _firstChunks);

    protected override ColumnBounds[] ReadBounds(int chunk, IReadOnlyList<StatisticsColumn> columns)
        => throw new System.Diagnostics.UnreachableException("A joined block is looked into through its leaves.");
}
