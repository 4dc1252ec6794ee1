using System.CommandLine;
using Apache.Arrow;
using DataPlatform.Lakehouse.DuckDb;

namespace DataPlatform.Tools.Cli.Lake;

/// <summary>The part of <c>dp lake</c> that writes rows: read, query, cdf.</summary>
internal static class LakeRowCommands
{
    /// <summary>The commands.</summary>
    public static IEnumerable<Command> All => [Read(), Query(), Changes()];

    private static Command Read()
    {
        var where = new Option<string?>("--where") { Description = "A condition, for example \"day = DATE '2001-01-31' AND delay > 60\"." };
        var columns = new Option<string[]>(
            "--columns")
        { Description = "Only these columns.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [] };
        return new Command("read", "The rows of a version.")
        {
            LakeTable.Path, LakeTable.Version, LakeTable.Timestamp, where, columns, RowOptions.Format, RowOptions.Limit,
        }
            .Runs(async (parsed, output, cancellationToken) =>
            {
                var snapshot = await LakeTable.SnapshotAsync(parsed, cancellationToken);
                var scan = parsed.GetValue(where) is { } condition ? snapshot.Scan().Where(condition) : snapshot.Scan();
                var wanted = parsed.GetValue(columns) is { Length: > 0 } chosen
                    ? [.. chosen.SelectMany(c => c.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))]
                    : snapshot.Schema.Fields.Select(f => f.Name).ToArray();
                await WriteAsync(parsed, output, wanted, scan.Select(wanted).ReadAsync(cancellationToken));
            });
    }

    private static Command Query()
    {
        var sql = new Argument<string>("SQL") { Description = "A query in DuckDB's dialect; the table is t." };
        return new Command("query", "Asks a version of a table in SQL.")
        {
            LakeTable.Path, sql, LakeTable.Version, LakeTable.Timestamp, RowOptions.Format, RowOptions.Limit,
        }
            .Runs(async (parsed, output, cancellationToken) =>
            {
                var snapshot = await LakeTable.SnapshotAsync(parsed, cancellationToken);
                await using var lake = LakeQuery.Open();
                await lake.RegisterAsync("t", snapshot, cancellationToken);
                await using var reader = await lake.QueryAsync(parsed.GetValue(sql)!, cancellationToken);
                var rows = new RowWriter(output, parsed.GetValue(RowOptions.Format), parsed.GetValue(RowOptions.Limit));
                rows.Columns([.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)]);
                var more = false;
                while (!more && await reader.ReadAsync(cancellationToken))
                {
                    more = !rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(
                        i => reader.IsDBNull(i) ? null : DuckCells.Of(reader.GetValue(i)))]);
                }

                rows.Complete(more);
            });
    }

    private static Command Changes()
    {
        var from = new Option<long>("--from") { Description = "The first version.", Required = true };
        var to = new Option<long?>("--to") { Description = "The last version; the latest by default." };
        return new Command("cdf", "The rows that versions changed, on tables with a change data feed.")
        {
            LakeTable.Path, from, to, RowOptions.Format, RowOptions.Limit,
        }
            .Runs(async (parsed, output, cancellationToken) =>
            {
                var table = await LakeTable.OpenAsync(parsed, cancellationToken);
                string[] columns = [.. table.Snapshot.Schema.Fields.Select(f => f.Name), "_change_type", "_commit_version",
                    "_commit_timestamp"];
                await WriteAsync(parsed, output, columns,
                    table.ReadChangesAsync(parsed.GetValue(from), parsed.GetValue(to), cancellationToken));
            });
    }

    private static async Task WriteAsync(
        ParseResult parsed, CommandOutput output, IReadOnlyList<string> columns, IAsyncEnumerable<RecordBatch> batches)
    {
        var rows = new RowWriter(output, parsed.GetValue(RowOptions.Format), parsed.GetValue(RowOptions.Limit));
        rows.Columns(columns);
        await foreach (var batch in batches)
        {
            using (batch)
            {
                for (var row = 0; row < batch.Length; row++)
                {
                    if (!rows.Add([.. Enumerable.Range(0, batch.ColumnCount).Select(c => ArrowCells.Of(batch.Column(c), row))]))
                    {
                        rows.Complete(more: true);
                        return;
                    }
                }
            }
        }

        rows.Complete(more: false);
    }
}
