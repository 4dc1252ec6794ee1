using System.Runtime.InteropServices;
using System.Text;
using Apache.Arrow;
using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse.Records;

/// <summary>Reads a column's physical value from a record.</summary>
/// <returns>False for null.</returns>
internal delegate bool RecordReader<in T, TPhysical>(T record, out TPhysical value);

/// <summary>One column of a mapping: builds Arrow arrays, and numbers the partitions that its values make.</summary>
internal abstract class RecordColumn<T>(StructField field)
{
    public StructField Field { get; } = field;

    /// <param name="records">The records.</param>
    /// <param name="first">The number of the first of them, for messages.</param>
    public abstract IArrowArray Build(ReadOnlySpan<T> records, long first);

    /// <summary>A numbering of this column's values below each parent partition.</summary>
    public abstract PartitionLevel<T> NewLevel();

    protected DeltaException CannotPartition()
        => DeltaException.Invalid($"The column '{Field.Name}' of type {Field.Type} cannot partition a table of records.");

    protected DeltaException NullAt(long row)
        => DeltaException.Invalid($"The column '{Field.Name}' is NOT NULL, and record {row} has no value for it.");
}

/// <summary>Numbers partitions along one column, and remembers each one's text.</summary>
internal abstract class PartitionLevel<T>
{
    private readonly List<(int Parent, string? Text)> _partitions = [];

    /// <summary>How many partitions there are at this level.</summary>
    public int Count => _partitions.Count;

    /// <summary>The number of the partition of a record below a parent.</summary>
    public abstract int Find(int parent, T record);

    public (int Parent, string? Text) this[int partition] => _partitions[partition];

    protected int Add(int parent, string? text)
    {
        _partitions.Add((parent, text));
        return _partitions.Count - 1;
    }
}

/// <summary>A column whose values have a fixed width.</summary>
internal sealed class FixedColumn<T, TPhysical>(StructField field, RecordReader<T, TPhysical> read, Func<TPhysical, string?> text)
    : RecordColumn<T>(field)
    where TPhysical : unmanaged
{
    public override IArrowArray Build(ReadOnlySpan<T> records, long first)
    {
        var values = new byte[records.Length * System.Runtime.CompilerServices.Unsafe.SizeOf<TPhysical>()];
        var target = MemoryMarshal.Cast<byte, TPhysical>(values.AsSpan());
        var nulls = new NullBits(records.Length);
        for (var i = 0; i < records.Length; i++)
        {
            if (!read(records[i], out target[i]))
            {
                nulls.Set(Field.Nullable ? i : throw NullAt(first + i));
            }
        }

        return ArrowArrayFactory.BuildArray(new ArrayData(
            ArrowSchemas.ToArrow(Field.Type), records.Length, nulls.Count, 0, [nulls.Build(), new ArrowBuffer(values)]));
    }

    public override PartitionLevel<T> NewLevel() => new ValueLevel<T, TPhysical>(read, text);
}

/// <summary>A column of truth values, a bit each.</summary>
internal sealed class FlagColumn<T>(StructField field, RecordReader<T, bool> read) : RecordColumn<T>(field)
{
    public override IArrowArray Build(ReadOnlySpan<T> records, long first)
    {
        var values = new byte[(records.Length + 7) / 8];
        var nulls = new NullBits(records.Length);
        for (var i = 0; i < records.Length; i++)
        {
            if (!read(records[i], out var value))
            {
                nulls.Set(Field.Nullable ? i : throw NullAt(first + i));
            }
            else if (value)
            {
                BitUtility.SetBit(values, i);
            }
        }

        return new BooleanArray(new ArrowBuffer(values), nulls.Build(), records.Length, nulls.Count, 0);
    }

    public override PartitionLevel<T> NewLevel() => new ValueLevel<T, bool>(read, v => v ? "true" : "false");
}

/// <summary>A column of text.</summary>
internal sealed class TextColumn<T>(StructField field, RecordReader<T, string> read) : RecordColumn<T>(field)
{
    public override IArrowArray Build(ReadOnlySpan<T> records, long first)
    {
        var offsets = new byte[(records.Length + 1) * sizeof(int)];
        var ends = MemoryMarshal.Cast<byte, int>(offsets.AsSpan());
        var bytes = new byte[Math.Max(64, records.Length * 8)];
        var nulls = new NullBits(records.Length);
        var end = 0;
        for (var i = 0; i < records.Length; i++)
        {
            if (!read(records[i], out var value))
            {
                nulls.Set(Field.Nullable ? i : throw NullAt(first + i));
            }
            else
            {
                if (bytes.Length - end < Encoding.UTF8.GetMaxByteCount(value.Length))
                {
                    System.Array.Resize(ref bytes, Math.Max(bytes.Length * 2, end + Encoding.UTF8.GetMaxByteCount(value.Length)));
                }

                end += Encoding.UTF8.GetBytes(value, bytes.AsSpan(end));
            }

            ends[i + 1] = end;
        }

        return new StringArray(
            records.Length, new ArrowBuffer(offsets), new ArrowBuffer(bytes.AsMemory(0, end)), nulls.Build(), nulls.Count, 0);
    }

    public override PartitionLevel<T> NewLevel() => new ValueLevel<T, string>(read, v => v.Length == 0 ? null : v);
}

/// <summary>A column of bytes.</summary>
internal sealed class BinaryColumn<T>(StructField field, RecordReader<T, byte[]> read) : RecordColumn<T>(field)
{
    public override IArrowArray Build(ReadOnlySpan<T> records, long first)
    {
        var builder = new BinaryArray.Builder();
        for (var i = 0; i < records.Length; i++)
        {
            _ = read(records[i], out var value) ? builder.Append(value.AsSpan())
                : Field.Nullable ? builder.AppendNull() : throw NullAt(first + i);
        }

        return builder.Build();
    }

    public override PartitionLevel<T> NewLevel() => throw CannotPartition();
}

/// <summary>Numbers the values of a column below each parent.</summary>
internal sealed class ValueLevel<T, TPhysical>(RecordReader<T, TPhysical> read, Func<TPhysical, string?> text) : PartitionLevel<T>
    where TPhysical : notnull
{
    private readonly Dictionary<(int Parent, TPhysical Value), int> _known = [];
    private readonly Dictionary<int, int> _nulls = [];

    public override int Find(int parent, T record)
    {
        if (!read(record, out var value))
        {
            ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(_nulls, parent, out var exists);
            return known = exists ? known : Add(parent, null);
        }

        ref var partition = ref CollectionsMarshal.GetValueRefOrAddDefault(_known, (parent, value), out var found);
        return partition = found ? partition : Add(parent, text(value));
    }
}

/// <summary>A validity bitmap that costs nothing until the first null.</summary>
internal struct NullBits(int length)
{
    private byte[]? _bits;

    public int Count { get; private set; }

    public void Set(int row)
    {
        if (_bits is null)
        {
            _bits = new byte[(length + 7) / 8];
            System.Array.Fill(_bits, byte.MaxValue);
        }

        BitUtility.ClearBit(_bits, row);
        Count++;
    }

    public readonly ArrowBuffer Build() => _bits is null ? ArrowBuffer.Empty : new ArrowBuffer(_bits);
}
