using DataPlatform.Kernel;
using DataPlatform.Lakehouse.DataFiles;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Scans;
using DataPlatform.Lakehouse.Scans.DeletionVectors;
using DataPlatform.Lakehouse.Snapshots;

namespace DataPlatform.Lakehouse.Maintenance;

/// <summary>
/// Checks a version against everything that it states about itself: log, checksum, file lengths, statistics, deletion vectors.
/// </summary>
internal sealed class IntegrityCheck(DeltaTable table)
{
    private readonly List<IntegrityFinding> _findings = [];
    private long _rows;

    public async Task<IntegrityReport> RunAsync(CancellationToken cancellationToken)
    {
        var snapshot = await table.RefreshAsync(cancellationToken).ConfigureAwait(false);
        foreach (var difference in await VersionChecksum.DifferencesAsync(
            table.Store, snapshot.State, cancellationToken).ConfigureAwait(false))
        {
            _findings.Add(new IntegrityFinding(IntegrityProblem.Checksum, LogPath.Checksum(snapshot.Version), difference));
        }

        foreach (var file in snapshot.Files)
        {
            await CheckAsync(snapshot, file, cancellationToken).ConfigureAwait(false);
        }

        var unreferenced = await table.CleanUpAsync(
            new CleanUpOptions { DryRun = true, Retention = TimeSpan.Zero }, cancellationToken).ConfigureAwait(false);
        var tombstones = snapshot.State.Tombstones.Keys.Select(k => k.Path).ToHashSet(StringComparer.Ordinal);
        foreach (var path in unreferenced.Paths.Where(p => !tombstones.Contains(p)))
        {
            _findings.Add(new IntegrityFinding(IntegrityProblem.OrphanFile, path, "no version names it"));
        }

        return new IntegrityReport(snapshot.Version, snapshot.Files.Count, _rows, _findings);
    }

    private async ValueTask CheckAsync(Snapshot snapshot, AddFile file, CancellationToken cancellationToken)
    {
        var path = snapshot.PathOf(file);
        var info = await table.Store.TryStatAsync(path, cancellationToken).ConfigureAwait(false);
        if (info is null)
        {
            _findings.Add(new IntegrityFinding(IntegrityProblem.MissingFile, path, $"version {snapshot.Version} needs it"));
            return;
        }

        if (info.Value.SizeBytes != file.Size)
        {
            _findings.Add(new IntegrityFinding(
                IntegrityProblem.FileSize, path, $"{file.Size} bytes in the log, {info.Value.SizeBytes} found"));
        }

        try
        {
            await CheckRowsAsync(snapshot, file, path, cancellationToken).ConfigureAwait(false);
        }
        catch (DeltaException e) when (e.Kind is ErrorKind.Corrupt or ErrorKind.Invalid)
        {
            var problem = e.Message.Contains("deletion vector", StringComparison.Ordinal) ? IntegrityProblem.DeletionVector
                : IntegrityProblem.UnreadableFile;
            _findings.Add(new IntegrityFinding(problem, path, e.Message));
        }
    }

    private async ValueTask CheckRowsAsync(Snapshot snapshot, AddFile file, string path, CancellationToken cancellationToken)
    {
        var deleted = await DeletionVectorStore.ReadAsync(table.Store, file.DeletionVector, cancellationToken).ConfigureAwait(false);
        var layout = DataFileLayout.Of(snapshot, table.Options);
        var bounds = new BoundsCheck(layout, file.Stats);
        long physical = 0;
        await foreach (var batch in DataFileReader.ReadAsync(
            snapshot, file, layout.DataSchema, RowSet.Empty, members: false, cancellationToken).ConfigureAwait(false))
        {
            physical += batch.Length;
            bounds.Add(batch);
        }

        _rows += physical;
        if (file.NumRecords is { } stated && stated != physical)
        {
            _findings.Add(new IntegrityFinding(
                IntegrityProblem.Statistics, path, $"{stated} rows in the statistics, {physical} in the file"));
        }

        foreach (var difference in bounds.Differences())
        {
            _findings.Add(new IntegrityFinding(IntegrityProblem.Statistics, path, difference));
        }

        if (deleted.Count > 0 && deleted.Rows[^1] >= physical)
        {
            _findings.Add(new IntegrityFinding(
                IntegrityProblem.DeletionVector, path, $"it deletes row {deleted.Rows[^1]}, and the file has {physical} rows"));
        }
    }
}
