using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;
using DataPlatform.Lakehouse.Schemas;
using ArrowStructType = Apache.Arrow.Types.StructType;

namespace DataPlatform.Lakehouse.Records;

/// <summary>A column of nested records.</summary>
internal sealed class StructColumn<T, TNested>(StructField field, Func<T, TNested?> get, IReadOnlyList<RecordColumn<TNested>> columns)
    : RecordColumn<T>(field)
{
    public override IArrowArray Build(ReadOnlySpan<T> records, long first)
    {
        // The nested columns are built over the records that are there, and spread out afterwards: no getter ever sees a null record.
        List<TNested> present = new(records.Length);
        var positions = new int[records.Length];
        var nulls = new NullBits(records.Length);
        for (var i = 0; i < records.Length; i++)
        {
            if (get(records[i]) is { } nested)
            {
                positions[i] = present.Count;
                present.Add(nested);
            }
            else
            {
                nulls.Set(Field.Nullable ? i : throw NullAt(first + i));
            }
        }

        if (present.Count == 0 && records.Length > 0)
        {
            return DataFiles.BatchShape.Nulls(ArrowSchemas.ToArrow(Field.Type), records.Length);
        }

        var children = columns.Select(c => c.Build(CollectionsMarshal.AsSpan(present), 0))
            .Select(c => nulls.Count == 0 ? c : DataFiles.ArrowTake.Rows(c, positions)).ToArray();
        return new StructArray(ArrowSchemas.ToArrow(Field.Type), records.Length, children, nulls.Build(), nulls.Count);
    }

    public override PartitionLevel<T> NewLevel() => throw CannotPartition();
}

/// <summary>A column of lists.</summary>
internal sealed class ListColumn<T, TElement>(StructField field, Func<T, IEnumerable<TElement>?> get, RecordColumn<TElement> element)
    : RecordColumn<T>(field)
{
    public override IArrowArray Build(ReadOnlySpan<T> records, long first)
    {
        List<TElement> elements = [];
        var (ends, nulls) = (new int[records.Length + 1], new NullBits(records.Length));
        for (var i = 0; i < records.Length; i++)
        {
            if (get(records[i]) is { } list)
            {
                elements.AddRange(list);
            }
            else
            {
                nulls.Set(Field.Nullable ? i : throw NullAt(first + i));
            }

            ends[i + 1] = elements.Count;
        }

        var values = element.Build(CollectionsMarshal.AsSpan(elements), 0);
        return new ListArray(
            (ListType)ArrowSchemas.ToArrow(Field.Type), records.Length, new ArrowBuffer(MemoryMarshal.AsBytes(ends.AsSpan()).ToArray()),
                values,
            nulls.Build(), nulls.Count);
    }

    public override PartitionLevel<T> NewLevel() => throw CannotPartition();
}

/// <summary>A column of maps.</summary>
internal sealed class MapColumn<T, TKey, TValue>(
    StructField field, Func<T, IEnumerable<KeyValuePair<TKey, TValue>>?> get, RecordColumn<TKey> key, RecordColumn<TValue> value)
        : RecordColumn<T>(field)
{
    public override IArrowArray Build(ReadOnlySpan<T> records, long first)
    {
        List<TKey> keys = [];
        List<TValue> values = [];
        var (ends, nulls) = (new int[records.Length + 1], new NullBits(records.Length));
        for (var i = 0; i < records.Length; i++)
        {
            if (get(records[i]) is { } map)
            {
                foreach (var (entryKey, entryValue) in map)
                {
                    keys.Add(entryKey);
                    values.Add(entryValue);
                }
            }
            else
            {
                nulls.Set(Field.Nullable ? i : throw NullAt(first + i));
            }

            ends[i + 1] = keys.Count;
        }

        var type = (Apache.Arrow.Types.MapType)ArrowSchemas.ToArrow(Field.Type);
        var entries = new StructArray(
            new ArrowStructType([type.KeyField, type.ValueField]), keys.Count,
            [key.Build(CollectionsMarshal.AsSpan(keys), 0), value.Build(CollectionsMarshal.AsSpan(values), 0)], ArrowBuffer.Empty, 0);
        return new MapArray(
            type, records.Length, new ArrowBuffer(MemoryMarshal.AsBytes(ends.AsSpan()).ToArray()), entries, nulls.Build(), nulls.Count);
    }

    public override PartitionLevel<T> NewLevel() => throw CannotPartition();
}
