using Apache.Arrow;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse;

namespace DataPlatform.Quality.TableChecks;

/// <summary>Appends to a table only what passes a gate: write aside, audit, publish.</summary>
/// <remarks>
/// Rows are written to a table of their own in a local folder, judged there, and appended only when no critical rule failed or erred; readers
/// never see what did not pass. Rules are about the rows appended: uniqueness against rows already there is a table gate's to find.
/// </remarks>
public sealed class CommitGate
{
    private readonly TableGate _gate;
    private readonly string _stagingFolder;

    /// <summary>Makes a gate.</summary>
    /// <param name="gate">The gate, with its references.</param>
    /// <param name="stagingFolder">A local folder for what is not yet judged; emptied after each append.</param>
    public CommitGate(TableGate gate, string stagingFolder)
    {
        ArgumentNullException.ThrowIfNull(gate);
        ArgumentException.ThrowIfNullOrWhiteSpace(stagingFolder);
        _gate = gate;
        _stagingFolder = stagingFolder;
    }

    /// <summary>Appends rows that pass.</summary>
    /// <param name="table">The table.</param>
    /// <param name="batches">The rows.</param>
    /// <param name="cancellationToken">Stops before the append; the table is unchanged by then.</param>
    /// <returns>The version committed, and the verdicts that let it through.</returns>
    /// <exception cref="GateFailedException">The rows were refused; the table is unchanged.</exception>
    public async ValueTask<(long Version, SuiteResult Result)> AppendAsync(
        DeltaTable table, IReadOnlyList<RecordBatch> batches, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(batches);
        var folder = Path.Combine(_stagingFolder, Guid.NewGuid().ToString("N"));
        try
        {
            var target = table.Snapshot;
            var staged = await DeltaTable.CreateAsync(
                new LocalObjectStore(folder, durable: false),
                target.Schema,
                new DeltaTableOptions { PartitionColumns = target.PartitionColumns, Dataset = target.Dataset },
                cancellationToken).ConfigureAwait(false);
            await staged.AppendAsync(batches, cancellationToken).ConfigureAwait(false);
            var result = await _gate.EnsurePassedAsync(await staged.RefreshAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            return (await table.AppendAsync(batches, cancellationToken).ConfigureAwait(false), result);
        }
        finally
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }
}
