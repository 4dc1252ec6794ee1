using System.Buffers;
using System.Text;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.DeltaLog.Checkpoints;

namespace DataPlatform.Lakehouse.Snapshots;

/// <summary>Files of a version by position. Immutable.</summary>
internal abstract class FileBlock
{
    public abstract int Count { get; }

    public abstract AddFile Get(int position);

    public abstract long SizeOf(int position);

    /// <summary>The position of a file, or -1.</summary>
    public abstract int Find(FileKey key);
}

/// <summary>Files as objects: those of commits.</summary>
internal sealed class ObjectFiles(AddFile[] files) : FileBlock
{
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

    public override AddFile Get(int position) => files[position];

    public override long SizeOf(int position) => files[position].Size;

    public override int Find(FileKey key) => _index.Value.GetValueOrDefault(key, -1);
}

/// <summary>Files left in the columns of a checkpoint; an object is made when one is asked for, so that a million files cost columns only.</summary>
internal sealed class CheckpointFiles : FileBlock
{
    private const int PrefetchFrom = 100_000;
    private readonly CheckpointRows[] _batches;
    private readonly (int Batch, int Row)[] _rows;
    private readonly Lazy<int[]> _slots;

    public CheckpointFiles(CheckpointRows[] batches, (int Batch, int Row)[] rows)
    {
        _batches = batches;
        _rows = rows;
        _slots = new Lazy<int[]>(Index);
        if (rows.Length >= PrefetchFrom)
        {
            // The first refresh needs the index; it is made while the caller looks at the table.
            _ = Task.Run(() => _slots.Value);
        }
    }

    public override int Count => _rows.Length;

    public override AddFile Get(int position) => _batches[_rows[position].Batch].Add(_rows[position].Row);

    public override long SizeOf(int position) => _batches[_rows[position].Batch].AddSize(_rows[position].Row);

    public override int Find(FileKey key)
    {
        var slots = _slots.Value;
        for (var slot = PathHash.Of(key.Path) & (slots.Length - 1); slots[slot] != 0; slot = (slot + 1) & (slots.Length - 1))
        {
            if (Get(slots[slot] - 1).Key == key)
            {
                return slots[slot] - 1;
            }
        }

        return -1;
    }

    /// <summary>Open addressing: a slot holds a position plus one.</summary>
    private int[] Index()
    {
        var slots = new int[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(4, _rows.Length * 2))];
        for (var i = 0; i < _rows.Length; i++)
        {
            var slot = PathHash.Of(_batches[_rows[i].Batch].AddPath(_rows[i].Row)) & (slots.Length - 1);
            while (slots[slot] != 0)
            {
                slot = (slot + 1) & (slots.Length - 1);
            }

            slots[slot] = i + 1;
        }

        return slots;
    }
}

/// <summary>Two blocks one after the other.</summary>
internal sealed class JoinedFiles(FileBlock first, FileBlock second) : FileBlock
{
    public override int Count => first.Count + second.Count;

    public override AddFile Get(int position) => position < first.Count ? first.Get(position) : second.Get(position - first.Count);

    public override long SizeOf(int position) => position < first.Count ? first.SizeOf(position) : second.SizeOf(position - first.Count);

    public override int Find(FileKey key) => second.Find(key) is >= 0 and var late ? first.Count + late : first.Find(key);
}

/// <summary>A hash of a path that is the same for its text and its bytes, and for every spelling of it.</summary>
internal static class PathHash
{
    private static readonly SearchValues<byte> NeedsCare = SearchValues.Create("%:"u8);

    public static int Of(string canonical)
    {
        Span<byte> buffer = stackalloc byte[512];
        return Encoding.UTF8.TryGetBytes(canonical, buffer, out var length) ? Mix(buffer[..length]) : Mix(Encoding.UTF8.GetBytes(canonical));
    }

    public static int Of(ReadOnlySpan<byte> path)
        => path.ContainsAny(NeedsCare) ? Of(DataPath.Canonical(Encoding.UTF8.GetString(path))) : Mix(path);

    private static int Mix(ReadOnlySpan<byte> bytes)
    {
        unchecked
        {
            var hash = 0x9E3779B97F4A7C15UL ^ (ulong)bytes.Length;
            while (bytes.Length >= 8)
            {
                hash = (hash ^ System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(bytes)) * 0xFF51AFD7ED558CCDUL;
                hash ^= hash >> 32;
                bytes = bytes[8..];
            }

            foreach (var value in bytes)
            {
                hash = (hash ^ value) * 0x100000001B3UL;
            }

            hash ^= hash >> 29;
            return (int)(hash * 0xC4CEB9FE1A85EC53UL >> 33);
        }
    }
}
