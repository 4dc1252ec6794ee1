using System.Text;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Scans.Skipping;

namespace DataPlatform.Lakehouse.Snapshots;

/// <summary>Files as objects: those of commits.</summary>
internal sealed class ObjectFiles(AddFile[] files) : FileBlock
{
    private const int ChunkFiles = 16_384;

    private readonly Lazy<Dictionary<FileKey, int>> _index = new(() =>
    {
        Dictionary<FileKey, int> index = new(files.Length);
        for (var i = 0; i < files.Length; i++)
        {
            index[files[i].Key] = i;
        }

        return index;
    });

    public override int Count => files.Length;

    public override int ChunkCount => (files.Length + ChunkFiles - 1) / ChunkFiles;

    public override AddFile Get(int position) => files[position];

    public override FileKey KeyOf(int position) => files[position].Key;

    public override long SizeOf(int position) => files[position].Size;

    public override int Find(FileKey key) => _index.Value.GetValueOrDefault(key, -1);

    public override int FirstOf(int chunk) => chunk * ChunkFiles;

    public override int CountOf(int chunk) => Math.Min(ChunkFiles, files.Length - FirstOf(chunk));

    public override int ChunkOf(int position) => position / ChunkFiles;

    public override long[] LiveRecords(int chunk)
        => [.. files.Skip(FirstOf(chunk)).Take(CountOf(chunk)).Select(f => f.LiveRecords ?? -1)];

    protected override ColumnBounds[] ReadBounds(int chunk, IReadOnlyList<StatisticsColumn> columns)
    {
        var chunkFiles = files.AsSpan(FirstOf(chunk), CountOf(chunk));
        StatisticsColumn[] inData = [.. columns.Where(c => c.Partition is null)];
        var texts = StatisticsText.For(inData, chunkFiles.Length);
        var buffer = new byte[4096];
        for (var row = 0; row < chunkFiles.Length && inData.Length > 0; row++)
        {
            if (chunkFiles[row].Stats is { } stats)
            {
                buffer = buffer.Length >= Encoding.UTF8.GetMaxByteCount(stats.Length) ? buffer : new byte[Encoding.UTF8.GetMaxByteCount(stats.Length)];
                texts.Read(row, buffer.AsSpan(0, Encoding.UTF8.GetBytes(stats, buffer)));
            }
        }

        var bounds = texts.Bounds;
        return [.. columns.Select(c => c.Partition is { } ? Partition(FirstOf(chunk), CountOf(chunk), c) : bounds[Array.IndexOf(inData, c)])];
    }

    private PartitionBounds Partition(int first, int count, StatisticsColumn column)
    {
        var codes = new PartitionCodes(column.Partition!, count);
        for (var row = 0; row < count; row++)
        {
            codes.Set(row, files[first + row].PartitionValues.GetValueOrDefault(column.Path[0]));
        }

        return codes.ToBounds();
    }
}
