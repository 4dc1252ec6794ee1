using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Snapshots;

namespace DataPlatform.Tools.Cli.Lake;

/// <summary>The part of <c>dp lake</c> that tells what a table is: show, history, schema, files.</summary>
internal static class LakeLookCommands
{
    private const int ShownParametersMax = 60;

    /// <summary>The commands.</summary>
    public static IEnumerable<Command> All => [Show(), History(), Schema(), Files()];

    private static Command Show()
        => new Command("show", "What a table is: version, rows, size, protocol, properties, columns.") { LakeTable.Path, LakeTable.Version,
            LakeTable.Timestamp }
            .Runs(async (parsed, output, cancellationToken) =>
            {
                var snapshot = await LakeTable.SnapshotAsync(parsed, cancellationToken);
                output.Properties([.. Facts(parsed.GetValue(LakeTable.Path)!, snapshot, output.Json).Where(
                    f => output.Json || f.Value is not (null or ""))]);
                if (!output.Json)
                {
                    output.Rows(["column", "type", "nullable"],
                        Columns(snapshot).Select(c => (IReadOnlyList<object?>)[c.Path, c.Type, c.Nullable ? "yes" : "no"]));
                }
            });

    private static IEnumerable<(string Name, object? Value)> Facts(string path, Snapshot snapshot, bool json)
    {
        var deleted = snapshot.Files.Sum(f => f.DeletionVector?.Cardinality ?? 0);
        yield return ("path", path);
        yield return ("id", snapshot.Metadata.Id);
        yield return ("name", snapshot.Metadata.Name);
        yield return ("description", snapshot.Metadata.Description);
        yield return ("version", snapshot.Version);
        yield return ("committed", snapshot.Timestamp);
        yield return ("rows", snapshot.RowCount);
        yield return ("deletedRows", json || deleted > 0 ? deleted : null);
        yield return ("files", (long)snapshot.Files.Count);
        yield return ("sizeBytes", json ? snapshot.SizeBytes : $"{snapshot.SizeBytes:N0} ({Size(snapshot.SizeBytes)})");
        yield return ("partitionColumns", json ? snapshot.PartitionColumns : string.Join(", ", snapshot.PartitionColumns));
        yield return ("protocol", $"reader {snapshot.Protocol.MinReaderVersion}, writer {snapshot.Protocol.MinWriterVersion}");
        yield return ("features", json ? snapshot.Protocol.WriterFeatures ?? []
            : string.Join(", ", snapshot.Protocol.WriterFeatures ?? []));
        yield return ("properties", json ? snapshot.Metadata.Configuration
            : string.Join("\n", snapshot.Metadata.Configuration.Select(c => $"{c.Key} = {c.Value}")));
        yield return ("domains", json ? snapshot.Domains.ToDictionary(d => d.Key, d => d.Value.Configuration)
            : string.Join("\n", snapshot.Domains.Values.Select(d => $"{d.Domain} = {d.Configuration}")));
        yield return ("transactions", json ? snapshot.Transactions.ToDictionary(t => t.Key, t => t.Value.Version)
            : string.Join("\n", snapshot.Transactions.Values.Select(t => $"{t.AppId} @ {t.Version}")));
        if (json)
        {
            yield return ("schema", JsonDocument.Parse(snapshot.Schema.ToJson()).RootElement);
        }
    }

    private static Command History()
    {
        var limit = new Option<int>("--limit") { Description = "How many versions, newest first.", DefaultValueFactory = _ => 20 };
        return new Command("history", "What happened to a table, newest first.") { LakeTable.Path, limit }
            .Runs(async (parsed, output, cancellationToken) =>
            {
                var table = await LakeTable.OpenAsync(parsed, cancellationToken);
                var history = await table.HistoryAsync(parsed.GetValue(limit), cancellationToken);
                if (output.Json)
                {
                    output.Rows(
                        ["version", "timestamp", "operation", "parameters", "metrics", "readVersion", "isolationLevel", "isBlindAppend",
                            "engine", "userMetadata"],
                        history.Select(c => (IReadOnlyList<object?>)
                        [
                            c.Version, c.Timestamp, c.Info?.Operation, c.Info?.OperationParameters, c.Info?.OperationMetrics,
                                c.Info?.ReadVersion,
                            c.Info?.IsolationLevel, c.Info?.IsBlindAppend, c.Info?.EngineInfo, c.Info?.UserMetadata,
                        ]));
                    return;
                }

                output.Rows(
                    ["version", "committed (UTC)", "operation", "files", "rows", "by", "parameters"],
                    history.Select(c => (IReadOnlyList<object?>)
                    [
                        c.Version, c.Timestamp, c.Info?.Operation, Change(c.Info, "numFiles", "numAddedFiles", "numRemovedFiles"),
                        Change(c.Info, "numOutputRows", null, "numDeletedRows"), c.Info?.EngineInfo, Parameters(c.Info),
                    ]));
            });
    }

    private static Command Schema()
        => new Command("schema", "The columns of a version, nested ones by path; the protocol's JSON with --json.")
        {
            LakeTable.Path, LakeTable.Version, LakeTable.Timestamp,
        }
            .Runs(async (parsed, output, cancellationToken) =>
            {
                var snapshot = await LakeTable.SnapshotAsync(parsed, cancellationToken);
                if (output.Json)
                {
                    output.Properties([("schema", JsonDocument.Parse(snapshot.Schema.ToJson()).RootElement),
                        ("partitionColumns", snapshot.PartitionColumns)]);
                    return;
                }

                output.Rows(
                    ["column", "type", "nullable", "partition", "metadata"],
                    Columns(snapshot).Select(c => (IReadOnlyList<object?>)
                        [c.Path, c.Type, c.Nullable ? "yes" : "no", snapshot.PartitionColumns.Contains(c.Path) ? "yes"
                            : string.Empty, c.Metadata]));
            });

    private static Command Files()
    {
        var where = new Option<string?>(
            "--where")
        { Description = "A condition: files that cannot hold matching rows are shown with the reason." };
        return new Command("files", "The data files of a version.") { LakeTable.Path, LakeTable.Version, LakeTable.Timestamp, where }
            .Runs(async (parsed, output, cancellationToken) =>
            {
                var scan = (await LakeTable.SnapshotAsync(parsed, cancellationToken)).Scan();
                var plan = (parsed.GetValue(where) is { } condition ? scan.Where(condition) : scan).Plan();
                var files = plan.Files.Select(f => (File: f, Reason: (string?)null)).Concat(
                    plan.Pruned.Select(p => (p.File, Reason: (string?)p.Reason))).ToArray();
                if (output.Json)
                {
                    output.Rows(
                        ["path", "sizeBytes", "rows", "deletedRows", "partitionValues", "baseRowId", "stats", "pruned"],
                        files.Select(f => (IReadOnlyList<object?>)
                        [
                            f.File.Path, f.File.Size, f.File.LiveRecords, f.File.DeletionVector?.Cardinality
                                ?? 0, f.File.PartitionValues, f.File.BaseRowId,
                            f.File.Stats, f.Reason,
                        ]));
                    return;
                }

                string[] columns = ["path", "size", "rows", "deleted", "partition"];
                output.Rows(
                    parsed.GetValue(where) is null ? columns : [.. columns, "not read, for"],
                    files.Select(f => (IReadOnlyList<object?>)
                    [
                        f.File.Path, Size(f.File.Size), f.File.LiveRecords, f.File.DeletionVector?.Cardinality ?? 0L,
                        string.Join(", ", f.File.PartitionValues.Select(pair => $"{pair.Key}={pair.Value ?? "NULL"}")),
                        .. parsed.GetValue(where) is null ? (IReadOnlyList<object?>)[] : [f.Reason ?? string.Empty],
                    ]));
                var skipped = plan.Pruned.Count > 0 ? $"; {plan.Pruned.Count:N0} not read" : string.Empty;
                output.Note($"{plan.Files.Count:N0} {(plan.Files.Count == 1 ? "file" : "files")}, {Size(plan.Files.Sum(f => f.Size))}{skipped}");
            });
    }

    /// <summary>Every column and nested field with its path.</summary>
    private static IEnumerable<(string Path, string Type, bool Nullable, string Metadata)> Columns(Snapshot snapshot)
        => Columns(snapshot.Schema, string.Empty);

    private static IEnumerable<(string Path, string Type, bool Nullable, string Metadata)> Columns(StructType structure, string prefix)
    {
        foreach (var field in structure.Fields)
        {
            var nested = field.Type as StructType;
            yield return (prefix + field.Name, nested is null ? field.Type.ToString()! : "struct", field.Nullable,
                string.Join(", ", field.Metadata.Select(m => $"{m.Key}={m.Value}")));
            foreach (var child in nested is null ? [] : Columns(nested, $"{prefix}{field.Name}."))
            {
                yield return child;
            }
        }
    }

    private static string Change(CommitInfo? info, string written, string? added, string removed)
    {
        var metrics = info?.OperationMetrics;
        var plus = metrics?.GetValueOrDefault(written) ?? (added is null ? null : metrics?.GetValueOrDefault(added));
        var minus = metrics?.GetValueOrDefault(removed);
        return string.Join(' ',
            new[] { plus is null or "0" ? null : $"+{plus}", minus is null or "0" ? null : $"-{minus}" }.OfType<string>());
    }

    private static string Parameters(CommitInfo? info)
    {
        if (info?.OperationParameters is not { ValueKind: JsonValueKind.Object } parameters)
        {
            return string.Empty;
        }

        var text = string.Join(", ",
            parameters.EnumerateObject().Where(p => p.Value.ToString() is not ("" or "[]" or "{}")).Select(p => $"{p.Name}={p.Value}"));
        return text.Length <= ShownParametersMax ? text : text[..ShownParametersMax] + "…";
    }

    internal static string Size(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        double size = bytes;
        var unit = 0;
        for (; size >= 1024 && unit < units.Length - 1; unit++)
        {
            size /= 1024;
        }

        return unit == 0 ? $"{bytes} B" : size.ToString("0.0", CultureInfo.InvariantCulture) + " " + units[unit];
    }
}
