using System.CommandLine;
using DataPlatform.Lakehouse;

namespace DataPlatform.Tools.Cli.Lake;

/// <summary><c>dp lake import</c>: makes a table of a folder of Parquet files.</summary>
internal static class LakeImportCommand
{
    public static Command Create()
    {
        var partition = new Option<string[]>("--partition")
        {
            Description = "A column in folder names with its type, for example day:date; may be repeated, outermost first.",
            DefaultValueFactory = _ => [],
        };
        return new Command("import", "Makes a table of a folder of Parquet files, which stay where they are.") { LakeTable.Path, partition }
            .Runs(async (parsed, output, cancellationToken) =>
            {
                var columns = parsed.GetValue(partition)!.Select(p => p.Split(':') is [var name, var type]
                    ? $"{name} {type}" : throw new ArgumentException($"--partition takes a name and a type such as day:date, not '{p}'."));
                var text = string.Join(", ", columns);
                var path = parsed.GetValue(LakeTable.Path)!;
                var store = new Kernel.Storage.LocalObjectStore(path);
                var table = await DeltaTable.ImportAsync(store, text.Length == 0 ? null : SchemaText.Parse(text), null, cancellationToken);
                output.Properties(
                    [("path", path), ("version", table.Snapshot.Version), ("files", (long)table.Snapshot.Files.Count),
                        ("rows", table.Snapshot.RowCount)]);
            });
    }
}
