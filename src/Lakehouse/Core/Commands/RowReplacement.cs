using Apache.Arrow;
using DataPlatform.Lakehouse.DataFiles;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Scans;
using DataPlatform.Lakehouse.Snapshots;

namespace DataPlatform.Lakehouse.Commands;

/// <summary>
/// Takes the rows of a selection out of a table: whole files where all rows are in it, else a rewrite without them.
/// </summary>
internal static class RowReplacement
{
    public static async ValueTask RemoveAsync(
        DeltaTable table, DeltaTransaction transaction, IRowSelection selection, WriteOptions options, CancellationToken cancellationToken)
    {
        var snapshot = transaction.Snapshot;
        transaction.Reads.Add(selection.MayMatch);
        transaction.KeepsRowIds = true;
        var kept = new TableWriter(TrackedRows.Layout(snapshot, table.Options), dataChange: true);
        var changes = ChangeWriter.For(snapshot, DataFileLayout.Of(snapshot, table.Options), options);
        await using (kept.ConfigureAwait(false))
        await using (changes.ConfigureAwait(false))
        {
            foreach (var file in snapshot.Files.Where(selection.MayMatch))
            {
                // Where the statistics prove that every row goes, the file need not be read, unless the change feed wants its rows.
                var isTouched = !changes.IsOn && selection.MatchesAll(file);
                if (!isTouched)
                {
                    isTouched = await RewriteAsync(snapshot, file, selection, kept, changes, cancellationToken).ConfigureAwait(false);
                }

                if (isTouched)
                {
                    transaction.Remove(file);
                }
            }

            transaction.Add(await kept.CompleteAsync(cancellationToken).ConfigureAwait(false));
            foreach (var file in await changes.CompleteAsync(cancellationToken).ConfigureAwait(false))
            {
                transaction.Add(file);
            }
        }
    }

    /// <returns>Whether any row of the file is in the selection; only then its other rows are written anew.</returns>
    private static async ValueTask<bool> RewriteAsync(
        Snapshot snapshot, AddFile file, IRowSelection selection, TableWriter kept, ChangeWriter changes, CancellationToken cancellationToken)
    {
        var any = false;
        await foreach (var batch in DataFileReader.ReadAsync(snapshot, file, null, cancellationToken).ConfigureAwait(false))
        {
            any |= selection.Matching(batch).Length > 0;
            if (any)
            {
                break;
            }
        }

        if (!any)
        {
            return false;
        }

        await foreach (var batch in TrackedRows.ReadAsync(snapshot, file, cancellationToken).ConfigureAwait(false))
        {
            var going = selection.Matching(batch);
            var staying = Enumerable.Range(0, batch.Length).Except(going).ToArray();
            if (staying.Length > 0)
            {
                await kept.WriteAsync(ArrowTake.Rows(batch, staying), cancellationToken).ConfigureAwait(false);
            }

            if (going.Length > 0)
            {
                await changes.WriteAsync(ArrowTake.Rows(Plain(batch, snapshot), going), "delete", cancellationToken).ConfigureAwait(false);
            }
        }

        return true;
    }

    /// <summary>The columns of the table alone: change data has no row ids.</summary>
    private static RecordBatch Plain(RecordBatch batch, Snapshot snapshot)
    {
        var count = snapshot.Schema.Fields.Count;
        return batch.ColumnCount == count ? batch
            : new RecordBatch(
                new Schema([.. batch.Schema.FieldsList.Take(count)], null), Enumerable.Range(0, count).Select(batch.Column), batch.Length);
    }
}
