using Apache.Arrow;
using DataPlatform.Lakehouse.DataFiles;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Scans.Skipping;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Snapshots;
using ParquetSharp;

namespace DataPlatform.Lakehouse.Scans;

/// <summary>How the columns of one data file become those of the table.</summary>
internal sealed class FileShape
{
    private readonly FileAction _file;
    private readonly StructType _wanted;
    private readonly HashSet<string> _partitions;
    private readonly ArrowCast _cast;
    private readonly string?[] _sources;
    private readonly Schema _schema;

    public FileShape(Snapshot snapshot, FileAction file, StructType wanted, Schema fileSchema)
    {
        _file = file;
        _wanted = wanted;
        _partitions = [.. snapshot.PartitionColumns];
        _cast = new ArrowCast(ColumnMapping.ModeOf(snapshot.Metadata.Configuration));
        _schema = ArrowSchemas.ToArrow(wanted);
        _sources = new string?[wanted.Fields.Count];
        for (var i = 0; i < _sources.Length; i++)
        {
            var index = _partitions.Contains(wanted.Fields[i].Name) || wanted.Fields[i].Type == DeltaType.Void
                ? -1 : _cast.Find(fileSchema.FieldsList, wanted.Fields[i]);
            _sources[i] = index >= 0 ? fileSchema.FieldsList[index].Name : null;
        }
    }

    /// <summary>The Parquet leaves below the columns that are wanted.</summary>
    public int[] LeafColumns(SchemaDescriptor schema)
    {
        var names = _sources.Where(s => s is not null).ToHashSet();
        return [.. Enumerable.Range(0, schema.NumColumns).Where(i => names.Contains(schema.Column(i).Path.ToDotVector()[0]))];
    }

    /// <summary>The bounds of columns in one row group, by the file's own statistics.</summary>
    public Func<string, Bounds> BoundsIn(SchemaDescriptor schema, RowGroupMetaData group) => name =>
    {
        var index = _wanted.IndexOf(name);
        if (index < 0)
        {
            return Bounds.Unknown;
        }

        var field = _wanted.Fields[index];
        if (_partitions.Contains(field.Name))
        {
            var text = _file.PartitionValues.GetValueOrDefault(ColumnMapping.PhysicalName(field));
            return Bounds.Exactly(Expressions.ArrowValues.Of(PartitionColumn.Of(field, text, 1), 0));
        }

        if (_sources[index] is not { } source)
        {
            return Bounds.Exactly(null);
        }

        for (var i = 0; i < schema.NumColumns; i++)
        {
            if (schema.Column(i).Path.ToDotVector() is [var only] && only == source)
            {
                using var chunk = group.GetColumnChunkMetaData(i);
                return RowGroupBounds.Of(chunk, schema.Column(i), field.Type);
            }
        }

        return Bounds.Unknown;
    };

    public RecordBatch Apply(RecordBatch batch)
    {
        var columns = new IArrowArray[_sources.Length];
        for (var i = 0; i < columns.Length; i++)
        {
            var field = _wanted.Fields[i];
            columns[i] = _partitions.Contains(field.Name)
                ? PartitionColumn.Of(field, _file.PartitionValues.GetValueOrDefault(ColumnMapping.PhysicalName(field)), batch.Length)
                : _sources[i] is { } source ? _cast.To(batch.Column(batch.Schema.GetFieldIndex(source)), field.Type, field.Name)
                : BatchShape.Nulls(ArrowSchemas.ToArrow(field.Type), batch.Length);
        }

        return new RecordBatch(_schema, columns, batch.Length);
    }
}
