using System.Runtime.CompilerServices;
using Apache.Arrow;
using DataPlatform.Kernel;
using DataPlatform.Lakehouse;
using DataPlatform.Lakehouse.DeltaLog;

namespace DataPlatform.Quality.TableChecks;

/// <summary>Commits to a table only what passes a gate: write, audit, publish.</summary>
/// <remarks>
/// Rows are written once, into data files of the table that no commit names yet; those files are judged, and then named by a commit or removed. Readers
/// never see what did not pass. A crash in between leaves files that clean-up removes, and the table as it was. Rules are about the rows that come:
/// uniqueness against rows already there is a table gate's to find. The table's store must keep files on this machine.
/// </remarks>
/// <param name="gate">The gate, with its references.</param>
public sealed class CommitGate(TableGate gate)
{
    private readonly TableGate _gate = gate ?? throw new ArgumentNullException(nameof(gate));

    /// <summary>Appends rows that pass.</summary>
    /// <param name="table">The table.</param>
    /// <param name="batches">The rows; read once.</param>
    /// <param name="cancellationToken">Stops before the commit; the table is unchanged by then.</param>
    /// <returns>The version committed, or the current one when there were no rows; and the verdicts that let it through.</returns>
    /// <exception cref="GateFailedException">The rows were refused; the table is unchanged.</exception>
    /// <exception cref="DeltaException">The rows do not fit the table, or another writer changed its schema meanwhile.</exception>
    public async ValueTask<(long Version, SuiteResult Result)> AppendAsync(
        DeltaTable table, IAsyncEnumerable<RecordBatch> batches, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(batches);
        await table.RefreshAsync(cancellationToken).ConfigureAwait(false);
        var transaction = table.BeginTransaction();
        var files = await table.WriteFilesAsync(batches, cancellationToken).ConfigureAwait(false);
        transaction.Add(files);
        return files.Count > 0
            ? await CommitAsync(table, transaction, files, "WRITE", cancellationToken).ConfigureAwait(false)
            : (transaction.Snapshot.Version, (await _gate.CheckAsync(transaction.Snapshot, files, cancellationToken).ConfigureAwait(false)).EnsurePassed());
    }

    /// <summary>Appends rows that pass.</summary>
    /// <param name="table">The table.</param>
    /// <param name="batches">The rows.</param>
    /// <param name="cancellationToken">Stops before the commit; the table is unchanged by then.</param>
    /// <returns>As for the other overload.</returns>
    /// <exception cref="GateFailedException">The rows were refused; the table is unchanged.</exception>
    public ValueTask<(long Version, SuiteResult Result)> AppendAsync(
        DeltaTable table, IReadOnlyList<RecordBatch> batches, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batches);
        return AppendAsync(table, Stream(batches, CancellationToken.None), cancellationToken);
    }

    /// <summary>Commits a transaction if the files it adds pass; they are removed from the store if they do not.</summary>
    /// <param name="table">The table.</param>
    /// <param name="transaction">A transaction of the table, with the files added.</param>
    /// <param name="files">The files it adds, from <see cref="DeltaTable.WriteFilesAsync"/>.</param>
    /// <param name="operation">What was done, for the history.</param>
    /// <param name="cancellationToken">Stops before the commit; the table is unchanged by then.</param>
    /// <returns>The version committed, and the verdicts that let it through.</returns>
    /// <exception cref="GateFailedException">The files were refused; nothing was committed.</exception>
    public async ValueTask<(long Version, SuiteResult Result)> CommitAsync(
        DeltaTable table, DeltaTransaction transaction, IReadOnlyList<AddFile> files, string operation, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(files);
        SuiteResult result;
        try
        {
            result = (await _gate.CheckAsync(transaction.Snapshot, files, cancellationToken).ConfigureAwait(false)).EnsurePassed();
        }
        catch
        {
            await RemoveAsync(table, transaction, files).ConfigureAwait(false);
            throw;
        }

        try
        {
            return (await transaction.CommitAsync(operation, cancellationToken).ConfigureAwait(false), result);
        }
        catch (DeltaException e) when (e.Kind == ErrorKind.Conflict)
        {
            // Only a conflict says for certain that nothing was committed; after anything else the files may be part of the table.
            await RemoveAsync(table, transaction, files).ConfigureAwait(false);
            throw;
        }
    }

    private static async ValueTask RemoveAsync(DeltaTable table, DeltaTransaction transaction, IReadOnlyList<AddFile> files)
    {
        foreach (var file in files)
        {
            await table.Store.DeleteAsync(transaction.Snapshot.PathOf(file), CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static async IAsyncEnumerable<RecordBatch> Stream(IReadOnlyList<RecordBatch> batches, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var batch in batches)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return batch;
        }

        await Task.CompletedTask.ConfigureAwait(false);
    }
}
