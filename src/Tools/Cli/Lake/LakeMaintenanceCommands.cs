using System.CommandLine;
using Apache.Arrow;
using DataPlatform.Lakehouse;
using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Tools.Cli.Lake;

/// <summary>The part of <c>dp lake</c> that reads changes, checks tables and keeps them in shape.</summary>
internal static class LakeMaintenanceCommands
{
    private static readonly Option<int> Limit = new("--limit") { Description = "How many rows are written at most.", DefaultValueFactory = _ => 1000 };

    /// <summary>The commands.</summary>
    public static IEnumerable<Command> All => [Schema(), Read(), Changes(), Check(), Checkpoint(), Compact(), CleanUp(), Import()];

    private static Command Schema() => new Command("schema", "The columns of a version, as the protocol's JSON with --json.") { LakeCommands.Path, LakeCommands.Version, LakeCommands.Timestamp }
        .Runs(async (parsed, output, cancellationToken) =>
        {
            var snapshot = await LakeCommands.OpenAsync(parsed, cancellationToken);
            output.Rows(
                ["column", "type", "nullable", "partition", "metadata"],
                snapshot.Schema.Fields.Select(f => (IReadOnlyList<object?>)
                    [f.Name, f.Type.ToString(), f.Nullable, snapshot.PartitionColumns.Contains(f.Name), string.Join(", ", f.Metadata.Select(m => $"{m.Key}={m.Value}"))]));
        });

    private static Command Read()
    {
        var where = new Option<string?>("--where") { Description = "A condition, for example \"day = DATE '2001-01-31' AND delay > 60\"." };
        return new Command("read", "The rows of a version.") { LakeCommands.Path, LakeCommands.Version, LakeCommands.Timestamp, where, Limit }
            .Runs(async (parsed, output, cancellationToken) =>
            {
                var scan = (await LakeCommands.OpenAsync(parsed, cancellationToken)).Scan();
                scan = parsed.GetValue(where) is { } condition ? scan.Where(condition) : scan;
                await WriteAsync(output, scan.ReadAsync(cancellationToken), parsed.GetValue(Limit));
            });
    }

    private static Command Changes()
    {
        var from = new Option<long>("--from") { Description = "The first version.", Required = true };
        var to = new Option<long?>("--to") { Description = "The last version; the latest by default." };
        return new Command("cdf", "The rows that versions changed, on tables with a change data feed.") { LakeCommands.Path, from, to, Limit }
            .Runs(async (parsed, output, cancellationToken) =>
            {
                var table = await LakeCommands.OpenTableAsync(parsed, cancellationToken);
                await WriteAsync(output, table.ReadChangesAsync(parsed.GetValue(from), parsed.GetValue(to), cancellationToken), parsed.GetValue(Limit));
            });
    }

    private static Command Check() => new Command("check", "Checks the log, checksums, statistics against every value, deletion vectors, missing and orphan files.") { LakeCommands.Path }
        .Runs(async (parsed, output, cancellationToken) =>
        {
            var table = await LakeCommands.OpenTableAsync(parsed, cancellationToken);
            var report = await table.CheckAsync(cancellationToken);
            output.Rows(["problem", "path", "detail"], report.Findings.Select(f => (IReadOnlyList<object?>)[f.Problem.ToString(), f.Path, f.Detail]));
            output.Note($"version {report.Version}: {report.FilesChecked} files, {report.RowsChecked:N0} rows, {(report.IsSound ? "sound" : "NOT SOUND")}");
            return report.IsSound ? CommandRun.ExitDone : CommandRun.ExitFailed;
        });

    private static Command Checkpoint() => new Command("checkpoint", "Writes a log checkpoint of the latest version.") { LakeCommands.Path }
        .Runs(async (parsed, output, cancellationToken) =>
        {
            var table = await LakeCommands.OpenTableAsync(parsed, cancellationToken);
            output.Properties([("checkpoint", await table.CheckpointAsync(cancellationToken))]);
        });

    private static Command Compact() => new Command("compact", "Merges small files of each partition.") { LakeCommands.Path }
        .Runs(async (parsed, output, cancellationToken) =>
        {
            var table = await LakeCommands.OpenTableAsync(parsed, cancellationToken);
            var result = await table.CompactAsync(cancellationToken: cancellationToken);
            output.Properties(
            [
                ("filesRemoved", result.FilesRemoved), ("filesAdded", result.FilesAdded), ("bytesRemoved", result.BytesRemoved),
                ("bytesAdded", result.BytesAdded), ("groupsLost", result.GroupsLost),
            ]);
        });

    private static Command CleanUp()
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "Only tell what would be deleted." };
        return new Command("cleanup", "Deletes files that no version within the retention names.") { LakeCommands.Path, dryRun }
            .Runs(async (parsed, output, cancellationToken) =>
            {
                var table = await LakeCommands.OpenTableAsync(parsed, cancellationToken);
                var result = await table.CleanUpAsync(new() { DryRun = parsed.GetValue(dryRun) }, cancellationToken);
                output.Rows(["path"], result.Paths.Select(p => (IReadOnlyList<object?>)[p]));
                output.Note($"{result.Paths.Count} files, {result.Bytes:N0} bytes");
            });
    }

    private static Command Import()
    {
        var partition = new Option<string[]>("--partition") { Description = "A column in folder names with its type, for example day:date; may be repeated.", DefaultValueFactory = _ => [] };
        return new Command("import", "Makes a table of a folder of Parquet files, which stay where they are.") { LakeCommands.Path, partition }
            .Runs(async (parsed, output, cancellationToken) =>
            {
                var fields = parsed.GetValue(partition)!.Select(p => p.Split(':') is [var name, var type]
                    ? System.Text.Json.JsonSerializer.Serialize(new { name, type, nullable = true, metadata = new { } })
                    : throw new ArgumentException($"--partition takes a name and a type such as day:date, not '{p}'."));
                var schema = StructType.FromJson("{\"type\":\"struct\",\"fields\":[" + string.Join(',', fields) + "]}");
                var store = new Kernel.Storage.LocalObjectStore(parsed.GetValue(LakeCommands.Path)!);
                var table = await DeltaTable.ImportAsync(store, schema, null, cancellationToken);
                output.Properties([("version", table.Snapshot.Version), ("files", (long)table.Snapshot.Files.Count), ("rows", table.Snapshot.RowCount)]);
            });
    }

    private static async Task WriteAsync(CommandOutput output, IAsyncEnumerable<RecordBatch> batches, int limit)
    {
        IReadOnlyList<string> columns = [];
        List<IReadOnlyList<object?>> rows = [];
        await foreach (var batch in batches)
        {
            columns = [.. batch.Schema.FieldsList.Select(f => f.Name)];
            for (var row = 0; row < batch.Length && rows.Count < limit; row++)
            {
                rows.Add([.. Enumerable.Range(0, batch.ColumnCount).Select(c => Cell(batch.Column(c), row))]);
            }

            if (rows.Count >= limit)
            {
                break;
            }
        }

        output.Rows(columns, rows);
    }

    private static object? Cell(IArrowArray array, int row) => array.IsNull(row) ? null : array switch
    {
        StringArray texts => texts.GetString(row),
        Date32Array dates => dates.GetDateOnly(row)?.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
        TimestampArray times => times.GetTimestamp(row),
        Decimal128Array numbers => numbers.GetString(row),
        BinaryArray bytes => bytes.GetBytes(row).ToArray(),
        Int64Array numbers => numbers.GetValue(row),
        Int32Array numbers => (long?)numbers.GetValue(row),
        Int16Array numbers => (long?)numbers.GetValue(row),
        Int8Array numbers => (long?)numbers.GetValue(row),
        DoubleArray numbers => numbers.GetValue(row),
        FloatArray numbers => (double?)numbers.GetValue(row),
        BooleanArray flags => flags.GetValue(row),
        _ => array.Data.DataType.Name,
    };
}
