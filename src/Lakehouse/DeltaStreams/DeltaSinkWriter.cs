using DataPlatform.Lakehouse.Commands;
using DataPlatform.Lakehouse.DataFiles;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Streaming.Sinks;

namespace DataPlatform.Lakehouse.DeltaStreams;

/// <summary>Gathers a subtask's records by partition and writes them into data files, off the subtask's mailbox.</summary>
internal sealed class DeltaSinkWriter<T>(DeltaTable table, RowMapping<T> mapping, DeltaSinkOptions options) : ISinkWriter<T>
{
    private readonly CancellationTokenSource _stopped = new();
    private readonly DataFileLayout _layout = DataFileLayout.Of(table.Snapshot, table.Options);
    private readonly RowRules _rules = Rules(table);
    private PartitionedRecords<T> _epoch = new(mapping, table.Snapshot.PartitionColumns);
    private List<Task<IReadOnlyList<AddFile>>> _early = [];

    public void Write(ReadOnlySpan<T> records, ReadOnlySpan<long> eventTimesMs)
    {
        foreach (var record in records)
        {
            var buffer = _epoch.Find(record);
            buffer.Add(record);
            if (buffer.Count >= options.FileRecordsMax)
            {
                var values = _epoch.Values(buffer.Partition);
                var full = buffer.Detach();
                _early.Add(Task.Run(() => WriteFilesAsync([(values, full)], _stopped.Token)));
            }
        }
    }

    public ValueTask<ReadOnlyMemory<byte>> PrepareCommitAsync(long checkpointId, CancellationToken cancellationToken)
    {
        var epoch = _epoch;
        var early = _early;
        _epoch = new PartitionedRecords<T>(mapping, [.. _layout.Partitions.Select(p => p.Name)]);
        _early = [];
        var filled = epoch.Filled().ToArray();
        return filled.Length == 0 && early.Count == 0
            ? ValueTask.FromResult(ReadOnlyMemory<byte>.Empty)
            : new ValueTask<ReadOnlyMemory<byte>>(Task.Run(() => WriteEpochAsync(filled, early, cancellationToken), cancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync().ConfigureAwait(false);
        _stopped.Dispose();
    }

    private static RowRules Rules(DeltaTable table)
    {
        var rules = RowRules.Of(table.Snapshot.Protocol, table.Snapshot.Metadata, table.Snapshot.Schema, table.Options.Time.GetUtcNow());
        return rules.Identities.Count == 0 ? rules
            : throw DeltaException.Invalid("A table with identity columns cannot be a sink: its marks would have to move with every file.");
    }

    private async Task<ReadOnlyMemory<byte>> WriteEpochAsync(
        (string?[], RecordBuffer<T>)[] filled, List<Task<IReadOnlyList<AddFile>>> early, CancellationToken cancellationToken)
    {
        List<AddFile> files = [.. await WriteFilesAsync(filled, cancellationToken).ConfigureAwait(false)];
        foreach (var written in early)
        {
            files.AddRange(await written.ConfigureAwait(false));
        }

        return ActionWriter.Encode(files);
    }

    private async Task<IReadOnlyList<AddFile>> WriteFilesAsync(
        (string?[] Values, RecordBuffer<T> Records)[] filled, CancellationToken cancellationToken)
    {
        var writer = new TableWriter(_layout, dataChange: true);
        await using (writer.ConfigureAwait(false))
        {
            foreach (var (values, records) in filled)
            {
                using var batch = mapping.ToBatch(records.Records);
                if (_rules.IsEmpty)
                {
                    await writer.WriteAsync(values, batch, cancellationToken).ConfigureAwait(false);
                }
                else
                {
                    await writer.WriteAsync(_rules.Apply(batch), cancellationToken).ConfigureAwait(false);
                }
            }

            return await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
