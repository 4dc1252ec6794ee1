using System.CommandLine;
using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Lakehouse.Snapshots;

namespace DataPlatform.Tools.Cli.Lake;

/// <summary><c>dp lake</c>: looks into Delta tables on disk.</summary>
internal static class LakeCommands
{
    internal static readonly Argument<string> Path = new("PATH") { Description = "The table's folder: the one that holds _delta_log." };
    internal static readonly Option<long?> Version = new("--version") { Description = "An older version instead of the latest." };
    internal static readonly Option<string?> Timestamp = new("--timestamp") { Description = "The version of an instant instead of the latest, for example 2026-01-31T12:00:00Z." };

    /// <summary>The group.</summary>
    public static Command Group => Build();

    private static Command Build()
    {
        var group = new Command("lake", "Looks into Delta tables and keeps them in shape.") { Show(), History(), Files(), Query() };
        foreach (var command in LakeMaintenanceCommands.All)
        {
            group.Add(command);
        }

        return group;
    }

    private static Command Show() => new Command("show", "What a table is: version, rows, schema, protocol.") { Path, Version, Timestamp }
        .Runs(async (parsed, output, cancellationToken) =>
        {
            var snapshot = await OpenAsync(parsed, cancellationToken);
            output.Properties(
            [
                ("path", parsed.GetValue(Path)),
                ("version", snapshot.Version),
                ("committed", snapshot.Timestamp),
                ("rows", snapshot.RowCount),
                ("files", (long)snapshot.Files.Count),
                ("sizeBytes", snapshot.SizeBytes),
                ("partitionColumns", string.Join(", ", snapshot.PartitionColumns)),
                ("protocol", $"reader {snapshot.Protocol.MinReaderVersion}, writer {snapshot.Protocol.MinWriterVersion}"),
                ("transactions", string.Join(", ", snapshot.Transactions.Select(transaction => $"{transaction.Key} @ {transaction.Value.Version}"))),
            ]);
            if (!output.Json)
            {
                output.Rows(["column", "type", "nullable"], snapshot.Schema.Fields.Select(field => (IReadOnlyList<object?>)[field.Name, field.Type.ToString(), field.Nullable ? "yes" : "no"]));
            }
        });

    private static Command History()
    {
        var limit = new Option<int>("--limit") { Description = "How many versions, newest first.", DefaultValueFactory = _ => 20 };
        return new Command("history", "What happened to a table, newest first.") { Path, limit }
            .Runs(async (parsed, output, cancellationToken) =>
            {
                var table = await OpenTableAsync(parsed, cancellationToken);
                var history = await table.HistoryAsync(parsed.GetValue(limit), cancellationToken);
                output.Rows(
                    ["version", "timestamp", "operation", "parameters"],
                    history.Select(commit => (IReadOnlyList<object?>)
                        [commit.Version, commit.Timestamp, commit.Info?.Operation, commit.Info?.OperationParameters?.GetRawText()]));
            });
    }

    private static Command Files()
    {
        var where = new Option<string?>("--where") { Description = "Only files that may hold matching rows; the others are shown with the reason why not." };
        return new Command("files", "The data files of a version.") { Path, Version, Timestamp, where }
            .Runs(async (parsed, output, cancellationToken) =>
            {
                var scan = (await OpenAsync(parsed, cancellationToken)).Scan();
                var plan = (parsed.GetValue(where) is { } condition ? scan.Where(condition) : scan).Plan();
                output.Rows(
                    ["path", "sizeBytes", "rows", "partition", "pruned"],
                    plan.Files.Select(f => (File: f, Reason: (string?)null)).Concat(plan.Pruned.Select(p => (p.File, Reason: (string?)p.Reason)))
                        .Select(f => (IReadOnlyList<object?>)
                            [f.File.Path, f.File.Size, f.File.LiveRecords, string.Join(", ", f.File.PartitionValues.Select(pair => $"{pair.Key}={pair.Value ?? "NULL"}")), f.Reason]));
            });
    }

    private static Command Query()
    {
        var sql = new Argument<string>("SQL") { Description = "A query in DuckDB's dialect; the table is t." };
        var limit = new Option<int>("--limit") { Description = "How many rows are written at most.", DefaultValueFactory = _ => 1000 };
        return new Command("query", "Asks a version of a table in SQL.") { Path, sql, Version, Timestamp, limit }
            .Runs(async (parsed, output, cancellationToken) =>
            {
                var snapshot = await OpenAsync(parsed, cancellationToken);
                await using var lake = LakeQuery.Open();
                await lake.RegisterAsync("t", snapshot, cancellationToken);
                await using var reader = await lake.QueryAsync(parsed.GetValue(sql)!, cancellationToken);
                var columns = Enumerable.Range(0, reader.FieldCount).Select(reader.GetName).ToList();
                List<IReadOnlyList<object?>> rows = [];
                while (rows.Count < parsed.GetValue(limit) && await reader.ReadAsync(cancellationToken))
                {
                    rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? null : reader.GetValue(i))]);
                }

                output.Rows(columns, rows);
            });
    }

    internal static async Task<Snapshot> OpenAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var table = await OpenTableAsync(parsed, cancellationToken);
        if (parsed.GetValue(Version) is { } version)
        {
            return await table.SnapshotAtAsync(version, cancellationToken);
        }

        if (parsed.GetValue(Timestamp) is not { } text)
        {
            return table.Snapshot;
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var timestamp)
            ? await table.SnapshotAtAsync(timestamp, cancellationToken)
            : throw new ArgumentException($"--timestamp takes an instant such as 2026-01-31T12:00:00Z, not '{text}'.");
    }

    internal static async Task<DeltaTable> OpenTableAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var path = parsed.GetValue(Path)!;
        var store = new LocalObjectStore(path);
        return await DeltaTable.ExistsAsync(store, cancellationToken)
            ? await DeltaTable.OpenAsync(store, cancellationToken: cancellationToken)
            : throw new DeltaException(ErrorKind.Invalid, $"'{path}' is not a Delta table: it has no commit in _delta_log. Name the folder that holds _delta_log.");
    }
}
