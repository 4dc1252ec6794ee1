using System.Runtime.InteropServices;
using Apache.Arrow;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse.DataFiles;

/// <summary>
/// Spreads rows over data files: one open file per partition, closed when it has reached its size. Memory is bounded by a number of open
/// files and by what their row groups hold together.
/// </summary>
internal sealed class TableWriter(DataFileLayout layout, bool dataChange) : IAsyncDisposable
{
    private const int OpenFilesMax = 64;

    /// <summary>What the row groups of all open files hold at most, in bytes of Arrow data.</summary>
    private const long BufferedBytesMax = 256L << 20;

    /// <summary>Larger batches are written in parts, so that a file ends near its size whatever comes in.</summary>
    private const int PartRows = 1 << 17;
    private readonly Dictionary<string, DataFileWriter> _open = new(StringComparer.Ordinal);
    private readonly List<AddFile> _written = [];
    private long _rows;
    private bool _isComplete;

    /// <summary>Writes rows of the table's schema.</summary>
    public async ValueTask WriteAsync(RecordBatch batch, CancellationToken cancellationToken)
    {
        if (batch.Length == 0)
        {
            return;
        }

        var rows = BatchShape.Conform(batch, layout.TableSchema, _rows);
        _rows += rows.Length;
        for (var first = 0; first < rows.Length; first += PartRows)
        {
            var part = rows.Length <= PartRows ? rows : rows.Slice(first, Math.Min(PartRows, rows.Length - first));
            foreach (var (values, physical) in Split(part))
            {
                await WritePhysicalAsync(values, physical, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Writes rows of the table's schema that all belong to one partition.</summary>
    public ValueTask WriteAsync(IReadOnlyList<string?> partition, RecordBatch batch, CancellationToken cancellationToken)
        => WritePhysicalAsync(partition, Physical(BatchShape.Conform(batch, layout.TableSchema)), cancellationToken);

    /// <summary>Closes every file and gives the actions that add them.</summary>
    public async ValueTask<IReadOnlyList<AddFile>> CompleteAsync(CancellationToken cancellationToken)
    {
        foreach (var key in _open.Keys.ToArray())
        {
            await CloseAsync(key, cancellationToken).ConfigureAwait(false);
        }

        _isComplete = true;
        return _written;
    }

    /// <summary>Lets go of everything; a writer that did not complete leaves no file behind, as far as the store lets it.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var writer in _open.Values)
        {
            await writer.DisposeAsync().ConfigureAwait(false);
        }

        _open.Clear();
        foreach (var file in _isComplete ? [] : _written)
        {
            try
            {
                await layout.Store.DeleteAsync(DataPath.InStore(file.Path)).ConfigureAwait(false);
            }
            catch (Kernel.Storage.StorageException)
            {
                // The write has failed already, and says why; a file that stays is unreferenced, and clean-up removes it.
            }
        }
    }

    private async ValueTask WritePhysicalAsync(IReadOnlyList<string?> partition, RecordBatch physical, CancellationToken cancellationToken)
    {
        var key = PartitionText.Folder([.. layout.Partitions.Select(p => p.Name)], partition);
        if (!_open.TryGetValue(key, out var writer))
        {
            if (_open.Count == OpenFilesMax)
            {
                await CloseAsync(_open.MaxBy(o => o.Value.Rows).Key, cancellationToken).ConfigureAwait(false);
            }

            writer = await DataFileWriter.OpenAsync(layout, partition, cancellationToken).ConfigureAwait(false);
            _open.Add(key, writer);
        }

        writer.Write(physical);
        if (writer.IsFull)
        {
            await CloseAsync(key, cancellationToken).ConfigureAwait(false);
        }
        else if (_open.Count > 1 && _open.Values.Sum(w => w.BufferedBytes) > BufferedBytesMax)
        {
            _open.Values.MaxBy(w => w.BufferedBytes)!.FlushGroup();
        }
    }

    private async ValueTask CloseAsync(string key, CancellationToken cancellationToken)
    {
        _open.Remove(key, out var writer);
        await using (writer!.ConfigureAwait(false))
        {
            _written.Add(await writer!.CompleteAsync(dataChange, cancellationToken).ConfigureAwait(false));
        }
    }

    private IEnumerable<(IReadOnlyList<string?> Partition, RecordBatch Rows)> Split(RecordBatch batch)
    {
        if (layout.Partitions.Count == 0)
        {
            yield return ([], Physical(batch));
            yield break;
        }

        Dictionary<string, (string?[] Values, List<int> Rows)> groups = new(StringComparer.Ordinal);
        var columns = layout.Partitions.Select(p => batch.Column(layout.TableSchema.IndexOf(p.Name))).ToArray();
        for (var row = 0; row < batch.Length; row++)
        {
            var values = new string?[columns.Length];
            for (var i = 0; i < columns.Length; i++)
            {
                values[i] = PartitionText.Of(columns[i], row);
            }

            var key = string.Join('\u001f', values.Select(v => v ?? "\u0000"));
            if (!groups.TryGetValue(key, out var group))
            {
                groups.Add(key, group = (values, []));
            }

            group.Rows.Add(row);
        }

        foreach (var (values, rows) in groups.Values)
        {
            var physical = Physical(batch);
            yield return (values, groups.Count == 1 ? physical : ArrowTake.Rows(physical, CollectionsMarshal.AsSpan(rows)));
        }
    }

    /// <summary>The columns that data files hold, under their physical names.</summary>
    private RecordBatch Physical(RecordBatch batch)
    {
        var columns = layout.DataSchema.Fields.Where(f => f.Type != DeltaType.Void).Select(
            f => batch.Column(layout.TableSchema.IndexOf(f.Name)));
        return new RecordBatch(layout.Physical, columns, batch.Length);
    }
}
