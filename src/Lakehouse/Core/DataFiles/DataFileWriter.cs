using Apache.Arrow;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Diagnostics;
using ParquetSharp;
using ParquetSharp.Arrow;

namespace DataPlatform.Lakehouse.DataFiles;

/// <summary>Writes one data file and its statistics. The file is not part of the table before a commit adds it.</summary>
internal sealed class DataFileWriter : IAsyncDisposable
{
    private const long RowGroupBytes = 128 << 20;
    private readonly DataFileLayout _layout;
    private readonly IReadOnlyList<string?> _partition;
    private readonly string _path;
    private readonly IObjectWriter _target;
    private readonly WriterProperties _properties;
    private readonly FileWriter _writer;
    private readonly StatisticsCollector _statistics;
    private long _groupBytes;

    private DataFileWriter(DataFileLayout layout, IReadOnlyList<string?> partition, string path, IObjectWriter target)
    {
        _layout = layout;
        _partition = partition;
        _path = path;
        _target = target;
        _properties = ParquetProperties.ForDataFiles();
        _writer = new FileWriter(target.Stream, layout.Physical, _properties, null, leaveOpen: true);
        _statistics = layout.NewStatistics();
    }

    /// <summary>Whether the file has reached its size.</summary>
    public bool IsFull => _target.Stream.Position >= _layout.Options.TargetFileSizeBytes;

    /// <summary>Rows written so far.</summary>
    public long Rows { get; private set; }

    /// <summary>About how much memory the open row group holds, in bytes.</summary>
    public long BufferedBytes => _groupBytes;

    public static async ValueTask<DataFileWriter> OpenAsync(
        DataFileLayout layout, IReadOnlyList<string?> partition, CancellationToken cancellationToken)
    {
        var path = layout.NewPath(partition);
        return new DataFileWriter(
            layout, partition, path, await layout.Store.OpenWriteAsync(path, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Appends rows.</summary>
    /// <param name="batch">Rows of the physical schema.</param>
    public void Write(RecordBatch batch)
    {
        _writer.WriteBufferedRecordBatch(batch);
        _statistics.Add(batch);
        Rows += batch.Length;
        _groupBytes += ArrowSize.Of(batch);
        if (_groupBytes >= Math.Min(RowGroupBytes, 2 * _layout.Options.TargetFileSizeBytes))
        {
            FlushGroup();
        }
    }

    /// <summary>Ends the open row group, which gives its memory back.</summary>
    public void FlushGroup()
    {
        _writer.NewBufferedRowGroup();
        _groupBytes = 0;
    }

    /// <summary>Makes the file durable.</summary>
    /// <returns>The action that adds it.</returns>
    public async ValueTask<AddFile> CompleteAsync(bool dataChange, CancellationToken cancellationToken)
    {
        _writer.Close();
        var size = await _target.CompleteAsync(cancellationToken).ConfigureAwait(false);
        LakehouseTelemetry.BytesWritten.Add(size);
        return new AddFile
        {
            Path = DataPath.Encode(_path),
            PartitionValues = _layout.PartitionValues(_partition),
            Size = size,
            ModificationTime = _layout.Options.Time.GetUtcNow().ToUnixTimeMilliseconds(),
            DataChange = dataChange,
            Stats = _statistics.ToJson(),
        };
    }

    public async ValueTask DisposeAsync()
    {
        _writer.Dispose();
        _properties.Dispose();
        await _target.DisposeAsync().ConfigureAwait(false);
    }
}
