using Apache.Arrow;
using DataPlatform.Lakehouse.DataFiles;
using ParquetSharp.Arrow;

namespace DataPlatform.Lakehouse.DeltaLog.Checkpoints;

/// <summary>One Parquet file of a checkpoint: what a replay needs is read at once, the rest of the adds when it is asked for.</summary>
internal sealed class CheckpointParquet
{
    /// <summary>A checkpoint up to this many rows is read whole: a second look would cost more than it spares.</summary>
    private const int WholeRowsMax = 10_000;

    /// <summary>Up to this many rows what was read later is kept; beyond, it is kept only while memory is plenty.</summary>
    private const int KeptRowsMax = 200_000;

    private static readonly string[] ReplayLeaves = ["add.path", "add.size", "add.deletionVector."];

    private readonly HeldFile _file;
    private readonly string[] _leaves;
    private readonly long _rows;

    private CheckpointParquet(HeldFile file, string[] leaves, long rows, int groups)
    {
        _file = file;
        _leaves = leaves;
        _rows = rows;
        Groups = groups;
    }

    /// <summary>The row groups of the file.</summary>
    public int Groups { get; }

    /// <summary>Whether what was read on demand should stay.</summary>
    public bool KeepsRest => _rows <= KeptRowsMax;

    public static CheckpointParquet Open(HeldFile file)
    {
        using var reader = Reader(file);
        var metadata = reader.ParquetReader.FileMetaData;
        return new CheckpointParquet(
            file, [.. Enumerable.Range(0, metadata.Schema.NumColumns).Select(i => metadata.Schema.Column(i).Path.ToDotString())],
            metadata.NumRows, metadata.NumRowGroups);
    }

    /// <summary>The rows of a row group as a replay wants them.</summary>
    public IReadOnlyList<CheckpointRows> ReadGroup(int group)
    {
        if (_rows > WholeRowsMax)
        {
            var keys = Read(group, leaf => !leaf.StartsWith("add.", StringComparison.Ordinal) ? IsUsed(leaf) : IsKey(leaf));
            if (keys is [var whole])
            {
                return [new CheckpointRows(whole, new CheckpointRest(this, group))];
            }
        }

        return [.. Read(group, IsUsed).Select(batch => new CheckpointRows(batch, null))];
    }

    /// <summary>All that an add holds.</summary>
    public RecordBatch ReadAdds(int group) => One(Read(group, leaf => leaf.StartsWith("add.", StringComparison.Ordinal) && IsUsed(leaf)));

    /// <summary>Some leaf columns of the adds: those of the paths given, or nested in them.</summary>
    public RecordBatch ReadLeaves(int group, IReadOnlyCollection<string> paths) => One(Read(group, leaf => paths.Any(p => IsBelow(leaf, p))));

    /// <summary>Whether the file holds a column, or columns nested in it.</summary>
    public bool Has(string path) => System.Array.Exists(_leaves, leaf => IsBelow(leaf, path));

    private static bool IsBelow(string leaf, string path)
        => leaf.StartsWith(path, StringComparison.Ordinal) && (leaf.Length == path.Length || leaf[path.Length] == '.');

    private static bool IsKey(string leaf) => System.Array.Exists(ReplayLeaves, key => leaf.StartsWith(key, StringComparison.Ordinal));

    /// <summary>Parsed statistics are turned into text only where the text is not there.</summary>
    private bool IsUsed(string leaf) => !IsBelow(leaf, "add.partitionValues_parsed") && !IsBelow(leaf, "remove.tags") && !IsBelow(leaf, "remove.stats")
        && !(IsBelow(leaf, "add.stats_parsed") && Has("add.stats"));

    private static RecordBatch One(List<RecordBatch> batches)
        => batches is [var one] ? one : throw new InvalidDataException("a row group of it is too large for its columns to be read together");

    private List<RecordBatch> Read(int group, Func<string, bool> wanted)
    {
        using var reader = Reader(_file);
        var absent = Absent(reader, group);
        int[] columns = [.. Enumerable.Range(0, _leaves.Length).Where(i => wanted(_leaves[i]) && !absent.Contains(TopOf(_leaves[i])))];
        using var stream = reader.GetRecordBatchReader([group], columns);
        List<RecordBatch> batches = [];
        while (ArrowStreams.Next(stream) is { } batch)
        {
            batches.Add(batch);
        }

        return batches;
    }

    /// <summary>The actions that no row of a group holds, by its statistics: all their columns are null and need not be decoded.</summary>
    private HashSet<string> Absent(FileReader reader, int group)
    {
        using var rows = reader.ParquetReader.RowGroup(group);
        var metadata = rows.MetaData;
        HashSet<string> absent = [.. _leaves.Select(TopOf)];
        for (var i = 0; i < _leaves.Length; i++)
        {
            if (absent.Contains(TopOf(_leaves[i])))
            {
                using var chunk = metadata.GetColumnChunkMetaData(i);
                using var statistics = chunk.Statistics;
                if (statistics is not { NumValues: 0 } || statistics.NullCount < metadata.NumRows)
                {
                    absent.Remove(TopOf(_leaves[i]));
                }
            }
        }

        // A batch without any column would not say how many rows it has.
        absent.Remove("add");
        return absent;
    }

    private static string TopOf(string leaf) => leaf.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot ? leaf[..dot] : leaf;

    private static FileReader Reader(HeldFile file)
    {
        using var properties = ArrowReaderProperties.GetDefault();
        properties.CoerceInt96TimestampUnit = Apache.Arrow.Types.TimeUnit.Microsecond;
        properties.BatchSize = int.MaxValue;
        properties.UseThreads = true;
        return NativeStream.OpenReader(file.OpenRead(), properties);
    }
}
