using System.CommandLine;
using DataPlatform.Kernel.Storage;
using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.DuckDb.Profiles;
using DataPlatform.Quality.Metrics;
using DataPlatform.Kernel;
using DataPlatform.Quality;

namespace DataPlatform.Tools.Cli.Suites;

/// <summary><c>dp quality baseline</c>: keeps what a column's values are spread like, for distribution rules to hold later ones against.</summary>
internal static class BaselineCommand
{
    private const string Relation = "t";

    private static readonly Argument<string> Table = new("TABLE") { Description = "A table that is right: a Delta table's folder, a .parquet or a .csv file." };
    private static readonly Argument<string> Column = new("COLUMN") { Description = "The column." };
    private static readonly Option<string> Folder = new("--out") { Description = "The folder it is kept in; give the same to 'dp quality run --baselines'.", Required = true };
    private static readonly Option<string> Suite = new("--table") { Description = "The table's name in the suite.", DefaultValueFactory = _ => "table" };
    private static readonly Option<string?> Name = new("--name") { Description = "The name that rules give it; the column's unless said otherwise." };
    private static readonly Option<string?> Filter = new("--where") { Description = "Only rows for which this SQL condition is true." };
    private static readonly Option<int> Bins = new("--bins") { Description = "Bins of a number, classes of anything else.", DefaultValueFactory = _ => 10 };

    /// <summary>The command.</summary>
    public static Command Make()
        => new Command("baseline", "Keeps the distribution of a column as a reference, in place of one of that name.") { Table, Column, Folder, Suite, Name, Filter, Bins }
            .Runs(KeepAsync);

    private static async Task KeepAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        var (column, name) = (parsed.GetValue(Column)!, parsed.GetValue(Name) ?? parsed.GetValue(Column)!);
        await using var table = await CheckedTable.OpenAsync(Relation, parsed.GetValue(Table)!, [], cancellationToken);
        DistributionReference reference;
        try
        {
            reference = await new DuckDbReferences(table.Connection).ReadAsync(Relation, column, parsed.GetValue(Filter), parsed.GetValue(Bins), cancellationToken);
        }
        catch (MetricException e)
        {
            throw new QualityException(ErrorKind.Invalid, e.Message, e);
        }

        await new DistributionStore(new LocalObjectStore(parsed.GetValue(Folder)!)).PutAsync(parsed.GetValue(Suite)!, name, reference, cancellationToken);
        output.Properties([("table", parsed.GetValue(Suite)), ("reference", name), ("column", column), ("folder", Path.GetFullPath(parsed.GetValue(Folder)!))]);
    }
}
