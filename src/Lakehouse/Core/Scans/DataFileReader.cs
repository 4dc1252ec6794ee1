using System.Runtime.CompilerServices;
using Apache.Arrow;
using DataPlatform.Lakehouse.DataFiles;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Snapshots;
using ParquetSharp;

namespace DataPlatform.Lakehouse.Scans;

/// <summary>Reads one data file as rows of the table's schema.</summary>
internal static class DataFileReader
{
    /// <summary>The live rows of a file: columns by the schema, missing ones null, partition values filled in.</summary>
    /// <param name="snapshot">The version the file belongs to.</param>
    /// <param name="file">The file.</param>
    /// <param name="columns">The columns wanted, by logical name; null for all.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public static async IAsyncEnumerable<RecordBatch> ReadAsync(
        Snapshot snapshot, AddFile file, IReadOnlyList<string>? columns, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (file.DeletionVector is not null || ColumnMapping.ModeOf(snapshot.Metadata.Configuration) != ColumnMappingMode.None)
        {
            throw DeltaException.Invalid("Files with deletion vectors or column mapping cannot be read row by row yet; query them through DuckDB.");
        }

        var path = Snapshot.PathOf(file);
        var wanted = columns is null ? snapshot.Schema : new StructType([.. columns.Select(c => snapshot.Schema[c])]);
        var source = await ParquetSource.OpenAsync(snapshot.Store, path, cancellationToken).ConfigureAwait(false);
        await using (source.ConfigureAwait(false))
        {
            using var reader = Open(source, path);
            using var stream = reader.GetRecordBatchReader(null, null);
            while (Next(stream, path) is { } batch)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return Shape(batch, wanted, snapshot, file);
            }
        }
    }

    private static ParquetSharp.Arrow.FileReader Open(ParquetSource source, string path)
    {
        try
        {
            return source.OpenArrow();
        }
        catch (ParquetException e)
        {
            throw DeltaException.Corrupt(path, $"it cannot be read as Parquet: {e.Message}", e);
        }
    }

    private static RecordBatch? Next(Apache.Arrow.Ipc.IArrowArrayStream stream, string path)
    {
        try
        {
            return ArrowStreams.Next(stream);
        }
        catch (Exception e) when (e is ParquetException or InvalidDataException or IOException)
        {
            throw DeltaException.Corrupt(path, $"it cannot be read as Parquet: {e.Message}", e);
        }
    }

    private static RecordBatch Shape(RecordBatch batch, StructType schema, Snapshot snapshot, AddFile file)
    {
        var columns = new IArrowArray[schema.Fields.Count];
        for (var i = 0; i < columns.Length; i++)
        {
            var field = schema.Fields[i];
            var index = batch.Schema.GetFieldIndex(field.Name, StringComparer.OrdinalIgnoreCase);
            columns[i] = snapshot.PartitionColumns.Contains(field.Name)
                ? PartitionColumn.Of(field, file.PartitionValues.GetValueOrDefault(ColumnMapping.PhysicalName(field)), batch.Length)
                : index >= 0 ? batch.Column(index) : BatchShape.Nulls(ArrowSchemas.ToArrow(field.Type), batch.Length);
        }

        return new RecordBatch(ArrowSchemas.ToArrow(schema), columns, batch.Length);
    }
}
