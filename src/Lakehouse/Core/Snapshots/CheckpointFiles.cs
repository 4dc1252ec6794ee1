using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.DeltaLog.Checkpoints;
using DataPlatform.Lakehouse.Scans.Skipping;

namespace DataPlatform.Lakehouse.Snapshots;

/// <summary>Files left in the columns of a checkpoint; an object is made when one is asked for, so that a million files cost columns only.</summary>
internal sealed class CheckpointFiles : FileBlock
{
    private const int PrefetchFrom = 100_000;
    private readonly CheckpointRows[] _chunks;
    private readonly int[][] _rows;
    private readonly int[] _firsts;
    private readonly Lazy<int[]> _slots;

    /// <param name="chunks">Rows of the checkpoint, as they were read.</param>
    /// <param name="rows">For each the rows that are live files.</param>
    public CheckpointFiles(CheckpointRows[] chunks, int[][] rows)
    {
        _chunks = chunks;
        _rows = rows;
        _firsts = new int[chunks.Length];
        for (var i = 0; i < chunks.Length; i++)
        {
            _firsts[i] = Count;
            Count += rows[i].Length;
        }

        _slots = new Lazy<int[]>(Index);
        if (Count >= PrefetchFrom)
        {
            // The first refresh needs the index; it is made while the caller looks at the table.
            _ = Task.Run(() => _slots.Value);
        }
    }

    public override int Count { get; }

    public override int ChunkCount => _chunks.Length;

    public override AddFile Get(int position) => ChunkOf(position) is var chunk ? _chunks[chunk].Add(RowOf(chunk, position)) : null!;

    public override FileKey KeyOf(int position) => ChunkOf(position) is var chunk ? _chunks[chunk].AddKey(RowOf(chunk, position)) : default;

    public override long SizeOf(int position) => ChunkOf(position) is var chunk ? _chunks[chunk].AddSize(RowOf(chunk, position)) : 0;

    public override int FirstOf(int chunk) => _firsts[chunk];

    public override int CountOf(int chunk) => _rows[chunk].Length;

    public override int ChunkOf(int position)
    {
        var found = Array.BinarySearch(_firsts, position);
        found = found >= 0 ? found : ~found - 1;
        while (_rows[found].Length == 0)
        {
            // Chunks without a live file begin where the next one does.
            found++;
        }

        return found;
    }

    public override int Find(FileKey key)
    {
        var slots = _slots.Value;
        for (var slot = PathHash.Of(key.Path) & (slots.Length - 1); slots[slot] != 0; slot = (slot + 1) & (slots.Length - 1))
        {
            if (KeyOf(slots[slot] - 1) == key)
            {
                return slots[slot] - 1;
            }
        }

        return -1;
    }

    public override long[] LiveRecords(int chunk) => _chunks[chunk].LiveRecords(_rows[chunk]);

    protected override ColumnBounds[] ReadBounds(int chunk, IReadOnlyList<StatisticsColumn> columns) => _chunks[chunk].ReadBounds(_rows[chunk], columns);

    private int RowOf(int chunk, int position) => _rows[chunk][position - _firsts[chunk]];

    /// <summary>Open addressing: a slot holds a position plus one.</summary>
    private int[] Index()
    {
        var slots = new int[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(4, Count * 2))];
        var position = 0;
        for (var chunk = 0; chunk < _chunks.Length; chunk++)
        {
            foreach (var row in _rows[chunk])
            {
                var slot = PathHash.Of(_chunks[chunk].AddPath(row)) & (slots.Length - 1);
                while (slots[slot] != 0)
                {
                    slot = (slot + 1) & (slots.Length - 1);
                }

                slots[slot] = ++position;
            }
        }

        return slots;
    }
}
