using System.CommandLine;
using System.Globalization;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Lakehouse.Snapshots;

namespace DataPlatform.Tools.Cli.Lake;

/// <summary><c>dp lake</c>: looks into Delta tables on disk.</summary>
internal static class LakeCommands
{
    private static readonly Argument<string> Path = new("PATH") { Description = "The table's folder: the one that holds _delta_log." };
    private static readonly Option<long?> Version = new("--version") { Description = "An older version instead of the latest." };
    private static readonly Option<string?> Timestamp = new("--timestamp") { Description = "The version of an instant instead of the latest, for example 2026-01-31T12:00:00Z." };

    /// <summary>The group.</summary>
    public static Command Group => new("lake", "Looks into Delta tables.") { Show(), History(), Files(), Query() };

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

    private static Command Files() => new Command("files", "The data files of a version.") { Path, Version, Timestamp }
        .Runs(async (parsed, output, cancellationToken) =>
        {
            var snapshot = await OpenAsync(parsed, cancellationToken);
            output.Rows(
                ["path", "sizeBytes", "rows", "partition"],
                snapshot.Files.Select(file => (IReadOnlyList<object?>)
                    [file.Path, file.Size, file.LiveRecords, string.Join(", ", file.PartitionValues.Select(pair => $"{pair.Key}={pair.Value ?? "NULL"}"))]));
        });

    private static Command Query()
    {
        var sql = new Argument<string>("SQL") { Description = "A query in DuckDB's dialect; the table is t." };
        var limit = new Option<int>("--limit") { Description = "How many rows are written at most.", DefaultValueFactory = _ => 1000 };
        return new Command("query", "Asks a version of a table in SQL.") { Path, sql, Version, Timestamp, limit }
            .Runs(async (parsed, output, cancellationToken) =>
            {
                var snapshot = await OpenAsync(parsed, cancellationToken);
                await using var lake = LakeQuery.Open();
                lake.Register("t", snapshot);
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

    private static async Task<Snapshot> OpenAsync(ParseResult parsed, CancellationToken cancellationToken)
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

    private static async Task<DeltaTable> OpenTableAsync(ParseResult parsed, CancellationToken cancellationToken)
        => await DeltaTable.OpenAsync(new LocalObjectStore(parsed.GetValue(Path)!), cancellationToken: cancellationToken);
}
