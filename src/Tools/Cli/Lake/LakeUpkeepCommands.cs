using System.CommandLine;

namespace DataPlatform.Tools.Cli.Lake;

/// <summary>The part of <c>dp lake</c> that checks tables and keeps them in shape: check, checkpoint, compact, cleanup.</summary>
internal static class LakeUpkeepCommands
{
    /// <summary>The commands.</summary>
    public static IEnumerable<Command> All => [Check(), Checkpoint(), Compact(), CleanUp()];

    private static Command Check()
        => new Command("check", "Checks all that the latest version states of itself: checksums, statistics against every value, deletion vectors, missing and orphan files. Exit code 1 where readers cannot trust it.")
        {
            LakeTable.Path,
        }
            .Runs(async (parsed, output, cancellationToken) =>
            {
                var table = await LakeTable.OpenAsync(parsed, cancellationToken);
                var report = await table.CheckAsync(cancellationToken);
                if (output.Json)
                {
                    output.Properties(
                    [
                        ("version", report.Version), ("files", (long)report.FilesChecked), ("rows", report.RowsChecked),
                            ("sound", report.IsSound),
                        ("findings", report.Findings.Select(f => new { problem = f.Problem.ToString(), path = f.Path, detail = f.Detail })),
                    ]);
                }
                else
                {
                    if (report.Findings.Count > 0)
                    {
                        output.Rows(["problem", "path", "detail"],
                            report.Findings.Select(f => (IReadOnlyList<object?>)[f.Problem.ToString(), f.Path, f.Detail]));
                    }

                    output.Note($"version {report.Version}: {report.FilesChecked:N0} files and {report.RowsChecked:N0} rows checked, {(report.IsSound ? "sound" : "NOT SOUND")}");
                }

                return report.IsSound ? CommandRun.ExitDone : CommandRun.ExitFailed;
            });

    private static Command Checkpoint() => new Command("checkpoint", "Writes a log checkpoint of the latest version.") { LakeTable.Path }
        .Runs(async (parsed, output, cancellationToken) =>
        {
            var table = await LakeTable.OpenAsync(parsed, cancellationToken);
            var version = await table.CheckpointAsync(cancellationToken);
            output.Properties([("version", version), ("files", (long)table.Snapshot.Files.Count)]);
        });

    private static Command Compact()
    {
        var target = new Option<int?>("--target-mib") { Description = "The size of the files it makes, in MiB; 128 by default." };
        return new Command("compact",
            "Merges small files of each partition, and writes files without the rows deleted from them.") { LakeTable.Path, target }
            .Runs(async (parsed, output, cancellationToken) =>
            {
                var table = await LakeTable.OpenAsync(parsed, cancellationToken);
                var size = parsed.GetValue(target) is not { } mib ? (long?)null : mib > 0 ? (long)mib << 20
                    : throw new ArgumentException("--target-mib is 1 or more.");
                var result = await table.CompactAsync(new() { TargetFileSizeBytes = size, SmallBelowBytes = size }, cancellationToken);
                output.Properties(
                [
                    ("version", table.Snapshot.Version), ("filesRemoved", (long)result.FilesRemoved),
                        ("filesAdded", (long)result.FilesAdded),
                    ("bytesRemoved", result.BytesRemoved), ("bytesAdded", result.BytesAdded), ("groupsLost", (long)result.GroupsLost),
                ]);
                if (result.Commits == 0 || result.GroupsLost > 0)
                {
                    output.Note(result.GroupsLost > 0 ? "other writers changed the files of some groups; run it again"
                        : "nothing to merge");
                }
            });
    }

    private static Command CleanUp()
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "Only tell what would be deleted." };
        return new Command("cleanup",
            "Deletes files that no version within the retention names (delta.deletedFileRetentionDuration, 7 days).") { LakeTable.Path,
            dryRun }
            .Runs(async (parsed, output, cancellationToken) =>
            {
                var table = await LakeTable.OpenAsync(parsed, cancellationToken);
                var result = await table.CleanUpAsync(new() { DryRun = parsed.GetValue(dryRun) }, cancellationToken);
                if (output.Json || result.Paths.Count > 0)
                {
                    output.Rows(["path"], result.Paths.Select(p => (IReadOnlyList<object?>)[p]));
                }

                output.Note($"{result.Paths.Count:N0} files, {LakeLookCommands.Size(result.Bytes)} {(parsed.GetValue(dryRun) ? "would be deleted" : "deleted")}");
            });
    }
}
