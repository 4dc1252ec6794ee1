using Apache.Arrow;
using DataPlatform.Lakehouse.DataFiles;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Scans;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Snapshots;
using StructType = DataPlatform.Lakehouse.Schemas.StructType;

namespace DataPlatform.Lakehouse.Commands;

/// <summary>
/// Writes change data files where a commit rewrites files with rows that did not change, so that the feed cannot be derived from adds and
/// removes alone; elsewhere it does nothing.
/// </summary>
internal sealed class ChangeWriter : IAsyncDisposable
{
    private const string Folder = "_change_data/";
    private readonly TableWriter? _writer;
    private readonly StructType? _schema;

    private ChangeWriter(TableWriter? writer, StructType? schema)
    {
        _writer = writer;
        _schema = schema;
    }

    /// <summary>Whether changes are written.</summary>
    public bool IsOn => _writer is not null;

    public static ChangeWriter For(Snapshot snapshot, DataFileLayout layout, WriteOptions options)
    {
        if (!TableProperties.ChangeDataFeed(snapshot.Metadata) || (options.ReplaceWhere is null && options.Mode != WriteMode.Merge))
        {
            return new ChangeWriter(null, null);
        }

        var schema = new StructType([.. layout.TableSchema.Fields, new StructField(ChangeDataFeed.ChangeType, DeltaType.String)]);
        return new ChangeWriter(new TableWriter(layout.ForChanges(schema, Folder), dataChange: false), schema);
    }

    public async ValueTask WriteAsync(RecordBatch rows, string kind, CancellationToken cancellationToken)
    {
        if (_writer is null)
        {
            return;
        }

        var columns = new BatchColumns(rows);
        columns.Add(_schema!.Fields[^1], ArrowTake.Rows(new StringArray.Builder().Append(kind).Build(), new int[rows.Length]));
        await _writer.WriteAsync(columns.ToBatch(), cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<AddCdcFile>> CompleteAsync(CancellationToken cancellationToken)
        => _writer is null ? []
            : [.. (await _writer.CompleteAsync(cancellationToken).ConfigureAwait(false)).Select(f => new AddCdcFile
            {
                Path = f.Path,
                PartitionValues = f.PartitionValues,
                Size = f.Size,
                DataChange = false,
            })];

    public ValueTask DisposeAsync() => _writer?.DisposeAsync() ?? ValueTask.CompletedTask;
}
