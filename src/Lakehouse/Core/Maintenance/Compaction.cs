using DataPlatform.Lakehouse.DataFiles;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Diagnostics;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Snapshots;
using DataPlatform.Lakehouse.Transactions;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Lakehouse.Maintenance;

/// <summary>Merges small files per partition, a commit per group, so that a lost race costs one group and not the run.</summary>
internal sealed class Compaction(DeltaTable table, CompactOptions options)
{
    private const int GroupFilesMax = 10_000;
    private readonly ILogger _logger = table.Options.LoggerFactory.CreateLogger<Compaction>();
    private readonly long _target = options.TargetFileSizeBytes ?? table.Options.TargetFileSizeBytes;

    public async Task<CompactResult> RunAsync(CancellationToken cancellationToken)
    {
        var snapshot = await table.RefreshAsync(cancellationToken).ConfigureAwait(false);
        TableFeatures.CheckWritable(snapshot.Protocol);
        var result = new CompactResult(0, 0, 0, 0, 0, 0);
        List<(IReadOnlyList<AddFile> Old, IReadOnlyList<AddFile> New)> pending = [];
        foreach (var group in Plan(snapshot))
        {
            pending.Add((group, await RewriteAsync(snapshot, group, cancellationToken).ConfigureAwait(false)));
        }

        if (pending.Count == 0)
        {
            return result;
        }

        // One commit for all where nobody interferes; group by group after a lost race.
        if (await TryCommitAsync(snapshot, pending, cancellationToken).ConfigureAwait(false))
        {
            return Count(result, pending) with { Commits = 1 };
        }

        foreach (var group in pending)
        {
            result = await TryCommitAsync(snapshot, [group], cancellationToken).ConfigureAwait(false)
                ? Count(result, [group]) with { Commits = result.Commits + 1 }
                : result with { GroupsLost = result.GroupsLost + 1 };
        }

        return result;
    }

    /// <summary>Small files of one partition in groups that make about one output file each. Pure.</summary>
    private IEnumerable<IReadOnlyList<AddFile>> Plan(Snapshot snapshot)
    {
        var small = options.SmallBelowBytes ?? _target;
        var partitions = snapshot.Files
            .Where(f => (f.Size < small || f.DeletionVector is not null) && (options.Partitions?.Invoke(f.PartitionValues) ?? true))
            .GroupBy(f => string.Join('\u001f', snapshot.PartitionColumns.Select(
                c => f.PartitionValues.GetValueOrDefault(ColumnMapping.PhysicalName(snapshot.Schema[c])) is { Length: > 0 } v ? "=" + v
                    : "-")));
        foreach (var partition in partitions)
        {
            List<AddFile> group = [];
            long bytes = 0;
            foreach (var file in partition.OrderBy(f => f.ModificationTime).ThenBy(f => f.Path, StringComparer.Ordinal))
            {
                if (group.Count > 0 && (bytes + file.Size > _target || group.Count == GroupFilesMax))
                {
                    if (IsWorthIt(group))
                    {
                        yield return group;
                    }

                    (group, bytes) = ([], 0);
                }

                group.Add(file);
                bytes += file.Size;
            }

            if (IsWorthIt(group))
            {
                yield return group;
            }
        }
    }

    private static bool IsWorthIt(List<AddFile> group) => group.Count > 1 || group.Any(f => f.DeletionVector is not null);

    private async Task<IReadOnlyList<AddFile>> RewriteAsync(
        Snapshot snapshot, IReadOnlyList<AddFile> files, CancellationToken cancellationToken)
    {
        var layout = TrackedRows.Layout(snapshot, table.Options with { TargetFileSizeBytes = Math.Max(_target, 1) });
        var writer = new TableWriter(layout, dataChange: false);
        await using (writer.ConfigureAwait(false))
        {
            foreach (var file in files)
            {
                await foreach (var batch in TrackedRows.ReadAsync(snapshot, file, cancellationToken).ConfigureAwait(false))
                {
                    using (batch)
                    {
                        await writer.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
                    }
                }
            }

            return await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<bool> TryCommitAsync(
        Snapshot snapshot, List<(IReadOnlyList<AddFile> Old, IReadOnlyList<AddFile> New)> groups, CancellationToken cancellationToken)
    {
        var transaction = table.BeginTransaction(snapshot);
        transaction.Isolation = IsolationLevel.Snapshot;
        transaction.KeepsRowIds = true;
        foreach (var (old, fresh) in groups)
        {
            foreach (var file in old)
            {
                transaction.Remove(file, dataChange: false);
            }

            transaction.Add(fresh);
        }

        try
        {
            await transaction.CommitAsync("OPTIMIZE", null, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (DeltaException e) when (e.Kind == Kernel.ErrorKind.Conflict)
        {
            _logger.CompactionLost(groups.Count, e.Message);
            return false;
        }
    }

    private static CompactResult Count(CompactResult result, List<(IReadOnlyList<AddFile> Old, IReadOnlyList<AddFile> New)> groups)
        => result with
        {
            FilesRemoved = result.FilesRemoved + groups.Sum(g => g.Old.Count),
            FilesAdded = result.FilesAdded + groups.Sum(g => g.New.Count),
            BytesRemoved = result.BytesRemoved + groups.Sum(g => g.Old.Sum(f => f.Size)),
            BytesAdded = result.BytesAdded + groups.Sum(g => g.New.Sum(f => f.Size)),
        };
}
