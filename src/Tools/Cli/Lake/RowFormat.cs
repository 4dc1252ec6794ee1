using System.CommandLine;

namespace DataPlatform.Tools.Cli.Lake;

/// <summary>How rows are written.</summary>
internal enum RowFormat
{
    /// <summary>A table for a person.</summary>
    Table,

    /// <summary>A JSON object a line.</summary>
    Jsonl,

    /// <summary>RFC 4180, with a header.</summary>
    Csv,
}

/// <summary>The options of commands that write rows.</summary>
internal static class RowOptions
{
    public const int TableRowsMax = 1_000;

    public static readonly Option<RowFormat> Format = new(
        "--format")
    { Description = "table, jsonl (an object a line) or csv (with a header)." };

    public static readonly Option<int?> Limit = new(
        "--limit")
    { Description = "How many rows at most; 1,000 by default for tables and --json, all for jsonl and csv." };
}
