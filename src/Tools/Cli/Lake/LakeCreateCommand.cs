using System.CommandLine;
using Apache.Arrow;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Lakehouse.Schemas;
using StructType = DataPlatform.Lakehouse.Schemas.StructType;

namespace DataPlatform.Tools.Cli.Lake;

/// <summary><c>dp lake create</c>: makes a table of columns, or of a query's rows.</summary>
internal static class LakeCreateCommand
{
    private static readonly Argument<string> Path = new("PATH") { Description = "The folder of the new table." };
    private static readonly Option<string?> Schema = new(
        "--schema")
    { Description = "Its columns, for example \"id bigint not null, name string, day date\"." };
    private static readonly Option<string?> Query = new(
        "--as")
    { Description = "A query in DuckDB's dialect whose rows it begins with, for example \"from 'orders.csv'\"." };
    private static readonly Option<string[]> PartitionBy = Many("--partition-by", "A partition column; may be repeated, outermost first.");
    private static readonly Option<string[]> ClusterBy = Many("--cluster-by", "A column to cluster by; may be repeated.");
    private static readonly Option<string[]> Property = Many(
        "--property", "A table property such as delta.enableChangeDataFeed=true; may be repeated.");
    private static readonly Option<string?> Description = new("--description") { Description = "A description for people." };
    private static readonly Option<bool> OrReplace = new(
        "--or-replace")
    { Description = "Replace the table that is there; its history stays." };

    public static Command Create()
        => new Command("create", "Makes a table, empty or of a query's rows.") { Path, Schema, Query, PartitionBy, ClusterBy, Property,
            Description, OrReplace }
            .Runs(async (parsed, output, cancellationToken) =>
            {
                var store = new LocalObjectStore(parsed.GetValue(Path)!);
                var options = new DeltaTableOptions
                {
                    PartitionColumns = parsed.GetValue(PartitionBy)!,
                    ClusterBy = parsed.GetValue(ClusterBy)!,
                    Description = parsed.GetValue(Description),
                    Properties = parsed.GetValue(Property)!.Select(Pair).ToDictionary(p => p.Key, p => p.Value),
                };
                await using var lake = LakeQuery.Open();
                var (schema, rows) = await ShapeAsync(parsed, lake, cancellationToken);
                var replaces = parsed.GetValue(OrReplace);
                if (!replaces && await DeltaTable.ExistsAsync(store, cancellationToken))
                {
                    throw new DeltaException(
                        Kernel.ErrorKind.Conflict,
                        $"There is a Delta table at '{parsed.GetValue(Path)}' already; --or-replace replaces it, or choose another folder.");
                }

                var table = replaces ? await DeltaTable.CreateOrReplaceAsync(store, schema, options, rows, cancellationToken)
                    : rows is null ? await DeltaTable.CreateAsync(store, schema, options, cancellationToken)
                    : await DeltaTable.CreateAsync(store, schema, options, rows, cancellationToken);
                output.Properties(
                [
                    ("path", parsed.GetValue(Path)), ("version", table.Snapshot.Version), ("rows", table.Snapshot.RowCount),
                        ("files", (long)table.Snapshot.Files.Count),
                    ("schema", table.Snapshot.Schema.ToString()),
                ]);
            });

    private static async Task<(StructType Schema, IAsyncEnumerable<RecordBatch>? Rows)> ShapeAsync(
        ParseResult parsed, LakeQuery lake, CancellationToken cancellationToken)
    {
        switch (parsed.GetValue(Schema), parsed.GetValue(Query))
        {
            case ({ } text, null): return (SchemaText.Parse(text), null);
            case (null, { } sql):
                // One row more than there may be: an empty answer has no batch that would tell the types.
                await lake.ExecuteAsync($"CREATE TEMP TABLE __rows AS {sql}", cancellationToken);
                await foreach (var batch in lake.QueryArrowAsync(
                    "SELECT t.* FROM (SELECT 1) one LEFT JOIN (FROM __rows LIMIT 1) t ON true", cancellationToken))
                {
                    return (ArrowSchemas.FromArrow(batch.Schema), lake.QueryArrowAsync("FROM __rows", cancellationToken));
                }

                throw new ArgumentException("--as gives no columns.");
            default: throw new ArgumentException("Give the columns with --schema, or the rows with --as.");
        }
    }

    private static KeyValuePair<string, string> Pair(string text) => text.IndexOf('=', StringComparison.Ordinal) is > 0 and var at
        ? new(text[..at], text[(at + 1)..]) : throw new ArgumentException($"--property takes name=value, not '{text}'.");

    private static Option<string[]> Many(string name, string description)
        => new(name) { Description = description, DefaultValueFactory = _ => [] };
}
