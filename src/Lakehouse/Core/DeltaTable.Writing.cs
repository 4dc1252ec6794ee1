using Apache.Arrow;
using DataPlatform.Lakehouse.Commands;
using DataPlatform.Lakehouse.DataFiles;
using DataPlatform.Lakehouse.DeltaLog;

namespace DataPlatform.Lakehouse;

/// <content>Rows in: batches, streams of batches, streams of records.</content>
public sealed partial class DeltaTable
{
    /// <summary>Adds rows.</summary>
    /// <param name="batches">The rows; columns are found by name.</param>
    /// <param name="cancellationToken">Stops before the commit; files already written stay unreferenced.</param>
    /// <returns>The version written; the current one when there were no rows.</returns>
    /// <exception cref="DeltaException">The rows do not fit the schema, or the table changed its schema meanwhile.</exception>
    public Task<long> AppendAsync(IReadOnlyList<RecordBatch> batches, CancellationToken cancellationToken = default)
        => AppendAsync(Batches.Of(batches), cancellationToken);

    /// <summary>Adds rows as they arrive.</summary>
    /// <param name="batches">The rows; columns are found by name.</param>
    /// <param name="cancellationToken">Stops before the commit; files already written stay unreferenced.</param>
    /// <returns>The version written; the current one when there were no rows.</returns>
    public Task<long> AppendAsync(IAsyncEnumerable<RecordBatch> batches, CancellationToken cancellationToken = default)
        => WriteAsync(batches, new WriteOptions(), cancellationToken);

    /// <summary>Replaces every row.</summary>
    /// <param name="batches">The new rows.</param>
    /// <param name="cancellationToken">Stops before the commit.</param>
    /// <returns>The version written.</returns>
    public Task<long> OverwriteAsync(IReadOnlyList<RecordBatch> batches, CancellationToken cancellationToken = default)
        => OverwriteAsync(Batches.Of(batches), cancellationToken);

    /// <summary>Replaces every row.</summary>
    /// <param name="batches">The new rows.</param>
    /// <param name="cancellationToken">Stops before the commit.</param>
    /// <returns>The version written.</returns>
    public Task<long> OverwriteAsync(IAsyncEnumerable<RecordBatch> batches, CancellationToken cancellationToken = default)
        => WriteAsync(batches, new WriteOptions { Mode = WriteMode.Overwrite }, cancellationToken);

    /// <summary>Writes rows as the options say: which rows they replace, whether the schema follows them.</summary>
    /// <param name="batches">The rows; columns are found by name. Defaults, generated and identity columns may be left out.</param>
    /// <param name="options">What to do with the rows that are there.</param>
    /// <param name="cancellationToken">Stops before the commit; files already written stay unreferenced.</param>
    /// <returns>The version written; the current one when there was nothing to write.</returns>
    /// <exception cref="DeltaException">A row breaks a rule of the table, the rows do not fit the schema, or another writer won
    /// (Conflict).</exception>
    public Task<long> WriteAsync(IAsyncEnumerable<RecordBatch> batches, WriteOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batches);
        ArgumentNullException.ThrowIfNull(options);
        return new WriteCommand(this, options).RunAsync(batches, cancellationToken);
    }

    /// <summary>Writes rows as the options say.</summary>
    /// <param name="batches">The rows.</param>
    /// <param name="options">What to do with the rows that are there.</param>
    /// <param name="cancellationToken">Stops before the commit.</param>
    /// <returns>The version written.</returns>
    public Task<long> WriteAsync(IReadOnlyList<RecordBatch> batches, WriteOptions options, CancellationToken cancellationToken = default)
        => WriteAsync(Batches.Of(batches), options, cancellationToken);

    /// <summary>Adds records as they arrive; the rows held in memory are bounded, whatever the stream's length.</summary>
    /// <param name="records">The records.</param>
    /// <param name="mapping">How a record becomes a row; null makes a column of each public property (<see
    /// cref="RowMapping{T}.OfProperties"/>).</param>
    /// <param name="options">What to do with the rows that are there; null appends.</param>
    /// <param name="cancellationToken">Stops before the commit; files already written stay unreferenced.</param>
    /// <returns>The version written; the current one when there was nothing to write.</returns>
    /// <exception cref="DeltaException">As for <see cref="WriteAsync(IAsyncEnumerable{RecordBatch}, WriteOptions,
    /// CancellationToken)"/>.</exception>
    public Task<long> WriteRecordsAsync<T>(
        IAsyncEnumerable<T> records, RowMapping<T>? mapping = null, WriteOptions? options = null,
            CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(records);
        return WriteAsync((mapping ?? RowMapping<T>.OfProperties()).ToBatches(records, cancellationToken), options
            ?? new WriteOptions(), cancellationToken);
    }

    /// <summary>Writes rows into data files without adding them to the table, for use in a <see cref="DeltaTransaction"/>.</summary>
    /// <param name="batches">The rows.</param>
    /// <param name="cancellationToken">Stops between batches; files already written stay unreferenced.</param>
    /// <returns>The actions that would add the files.</returns>
    public async Task<IReadOnlyList<AddFile>> WriteFilesAsync(
        IAsyncEnumerable<RecordBatch> batches, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batches);
        var snapshot = Snapshot;
        TableFeatures.CheckWritable(snapshot.Protocol);
        var rules = RowRules.Of(snapshot.Protocol, snapshot.Metadata, snapshot.Schema, Options.Time.GetUtcNow());
        if (rules.Identities.Count > 0)
        {
            throw DeltaException.Invalid("The table has identity columns, whose marks the commit must raise: write through WriteAsync.");
        }

        var writer = new TableWriter(DataFileLayout.Of(snapshot, Options), dataChange: true);
        await using (writer.ConfigureAwait(false))
        {
            await foreach (var batch in batches.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                await writer.WriteAsync(rules.Apply(batch), cancellationToken).ConfigureAwait(false);
            }

            return await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
