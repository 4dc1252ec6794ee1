using System.Runtime.CompilerServices;
using Apache.Arrow;
using Apache.Arrow.Types;
using DataPlatform.Lakehouse.DataFiles;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Scans.DeletionVectors;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Snapshots;

namespace DataPlatform.Lakehouse.Scans;

/// <summary>Which rows each version changed (protocol sections "Add CDC File" and "Change Data Files").</summary>
internal sealed class ChangeDataFeed(DeltaTable table)
{
    public const string ChangeType = "_change_type";
    public const string CommitVersion = "_commit_version";
    public const string CommitTimestamp = "_commit_timestamp";

    public async IAsyncEnumerable<RecordBatch> ReadAsync(long from, long? to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var latest = await table.RefreshAsync(cancellationToken).ConfigureAwait(false);
        var end = to ?? latest.Version;
        if (from > end || end > latest.Version || from < 0)
        {
            throw DeltaException.Invalid($"There are no changes from version {from} to {end}: the range must be in order and end at {latest.Version} at most.");
        }

        var schema = await SchemaAtAsync(latest, end, cancellationToken).ConfigureAwait(false);
        if (!TableProperties.ChangeDataFeed(schema.Metadata))
        {
            throw DeltaException.Invalid($"The change data feed is off at version {end} (delta.enableChangeDataFeed): changes of rows were not kept.");
        }

        for (var version = from; version <= end; version++)
        {
            await foreach (var batch in VersionAsync(schema, version, cancellationToken).ConfigureAwait(false))
            {
                yield return batch;
            }
        }
    }

    /// <summary>The changes of the versions committed from one instant to another.</summary>
    public async IAsyncEnumerable<RecordBatch> ReadAsync(
        DateTimeOffset from, DateTimeOffset? to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var latest = await table.RefreshAsync(cancellationToken).ConfigureAwait(false);
        var times = await CommitTimes.ReadAsync(table.Store, latest.Metadata, cancellationToken).ConfigureAwait(false);
        var first = await times.FirstAtOrAfterAsync(from, cancellationToken).ConfigureAwait(false)
            ?? throw DeltaException.Invalid($"There are no changes from {from:O} on: the latest version, {latest.Version}, is older.");
        var last = to is { } end ? await times.LastAtOrBeforeAsync(0, end, cancellationToken).ConfigureAwait(false) : latest.Version;
        if (last < first)
        {
            throw DeltaException.Invalid($"There are no changes from {from:O} to {to:O}: no version was committed in between.");
        }

        await foreach (var batch in ReadAsync(first, last, cancellationToken).ConfigureAwait(false))
        {
            yield return batch;
        }
    }

    /// <summary>The schema of the last version; of the latest one where the log that the last one was made of is cleaned up, and its commit is not.</summary>
    private async ValueTask<Snapshot> SchemaAtAsync(Snapshot latest, long version, CancellationToken cancellationToken)
    {
        try
        {
            return await table.SnapshotAtAsync(version, cancellationToken).ConfigureAwait(false);
        }
        catch (DeltaException e) when (e.Kind == Kernel.ErrorKind.Invalid && version < latest.Version)
        {
            return latest;
        }
    }

    private async IAsyncEnumerable<RecordBatch> VersionAsync(
        Snapshot schema, long version, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var actions = await table.Loader.ReadCommitAsync(version, cancellationToken).ConfigureAwait(false)
            ?? throw DeltaException.Invalid($"The changes of version {version} can no longer be read: its commit was cleaned up.");
        var time = actions.OfType<CommitInfo>().FirstOrDefault()?.InCommitTimestamp
            ?? (await table.Store.TryStatAsync(LogPath.Commit(version), cancellationToken).ConfigureAwait(false))?.LastModified.ToUnixTimeMilliseconds() ?? 0;
        var changes = actions.OfType<AddCdcFile>().Any()
            ? Kept(schema, actions, cancellationToken)
            : DerivedAsync(schema, version, actions, cancellationToken);
        await foreach (var (kind, batch) in changes.ConfigureAwait(false))
        {
            yield return With(batch, kind, version, time);
        }
    }

    /// <summary>Change data files, where a commit has them, are the whole truth; they say themselves what happened to each row.</summary>
    private static async IAsyncEnumerable<(string? Kind, RecordBatch Rows)> Kept(
        Snapshot schema, List<DeltaAction> actions, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var wanted = new Schemas.StructType([.. schema.Schema.Fields, new StructField(ChangeType, DeltaType.String)]);
        foreach (var file in actions.OfType<AddCdcFile>())
        {
            await foreach (var batch in DataFileReader.ReadAsync(schema, file, wanted, RowSet.Empty, members: false, cancellationToken).ConfigureAwait(false))
            {
                yield return (null, batch);
            }
        }
    }

    private async IAsyncEnumerable<(string? Kind, RecordBatch Rows)> DerivedAsync(
        Snapshot schema, long version, List<DeltaAction> actions, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var removes = actions.OfType<RemoveFile>().Where(r => r.DataChange).ToDictionary(r => DataPath.Canonical(r.Path));
        Snapshot? before = null;
        async ValueTask<FileAction> Complete(RemoveFile remove)
        {
            if (remove.ExtendedFileMetadata == true || schema.PartitionColumns.Count == 0 || remove.PartitionValues.Count > 0)
            {
                return remove;
            }

            // Old writers leave the partition values out of a remove; the version before still has them.
            before ??= await table.SnapshotAtAsync(version - 1, cancellationToken).ConfigureAwait(false);
            return before.State.Files.TryGet(remove.Key, out var file) ? file : remove;
        }

        foreach (var add in actions.OfType<AddFile>().Where(a => a.DataChange))
        {
            var now = await DeletionVectorStore.ReadAsync(schema.Store, add.DeletionVector, cancellationToken).ConfigureAwait(false);
            if (!removes.Remove(DataPath.Canonical(add.Path), out var replaced))
            {
                await foreach (var rows in Rows(schema, add, now, members: false, cancellationToken).ConfigureAwait(false))
                {
                    yield return ("insert", rows);
                }

                continue;
            }

            // The same file with another deletion vector: the difference is what happened.
            var old = await DeletionVectorStore.ReadAsync(schema.Store, replaced.DeletionVector, cancellationToken).ConfigureAwait(false);
            foreach (var (kind, set) in new[] { ("delete", now.Except(old)), ("insert", old.Except(now)) })
            {
                await foreach (var rows in Rows(schema, add, set, members: true, cancellationToken).ConfigureAwait(false))
                {
                    yield return (kind, rows);
                }
            }
        }

        foreach (var remove in removes.Values)
        {
            var deleted = await DeletionVectorStore.ReadAsync(schema.Store, remove.DeletionVector, cancellationToken).ConfigureAwait(false);
            var file = await Complete(remove).ConfigureAwait(false);
            await foreach (var rows in Rows(schema, file, deleted, members: false, cancellationToken).ConfigureAwait(false))
            {
                yield return ("delete", rows);
            }
        }
    }

    private static IAsyncEnumerable<RecordBatch> Rows(Snapshot schema, FileAction file, RowSet rows, bool members, CancellationToken cancellationToken)
        => DataFileReader.ReadAsync(schema, file, schema.Schema, rows, members, cancellationToken);

    private static RecordBatch With(RecordBatch batch, string? kind, long version, long timeMs)
    {
        var rows = new int[batch.Length];
        List<Field> fields = [.. batch.Schema.FieldsList];
        List<IArrowArray> columns = [.. Enumerable.Range(0, batch.ColumnCount).Select(batch.Column)];
        if (kind is not null)
        {
            fields.Add(new Field(ChangeType, StringType.Default, true));
            columns.Add(ArrowTake.Rows(new StringArray.Builder().Append(kind).Build(), rows));
        }

        fields.Add(new Field(CommitVersion, Int64Type.Default, false));
        columns.Add(ArrowTake.Rows(new Int64Array.Builder().Append(version).Build(), rows));
        var time = new TimestampType(TimeUnit.Microsecond, "UTC");
        fields.Add(new Field(CommitTimestamp, time, false));
        columns.Add(ArrowTake.Rows(new TimestampArray.Builder(time).Append(DateTimeOffset.FromUnixTimeMilliseconds(timeMs)).Build(), rows));
        return new RecordBatch(new Schema(fields, null), columns, batch.Length);
    }
}
