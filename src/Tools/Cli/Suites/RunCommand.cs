using System.CommandLine;
using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Quality;
using DataPlatform.Quality.Rules.Documents;
using DataPlatform.Quality.Sqlite;
using DataPlatform.Quality.Web;
using DataPlatform.Quality.Yaml;

namespace DataPlatform.Tools.Cli.Suites;

/// <summary><c>dp quality run</c>: a suite over a table.</summary>
internal static class RunCommand
{
    private const int ReportRuns = 45;

    private static readonly Argument<string> Suite = new("SUITE") { Description = "The rules: a .yaml or .json file." };
    private static readonly Argument<string> Table = new("TABLE") { Description = "A Delta table's folder, a .parquet or a .csv file." };
    private static readonly Option<string?> Report = new("--report") { Description = "Write the result as one HTML page." };

    /// <summary>The command.</summary>
    public static Command Make()
    {
        var command = new Command(
            "run",
            "Runs a suite over a table. Exit code 1 when a critical rule fails or cannot be measured. With --states only data files that are new are read; with --sample some rows are.")
        {
            Suite, Table, Report,
        };
        RunSettings.AddTo(command);
        return command.Runs(RunAsync);
    }

    private static async Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        var suite = await ReadSuiteAsync(parsed.GetValue(Suite)!, cancellationToken);
        var settings = RunSettings.Of(parsed);
        var result = await settings.RunAsync(suite, parsed.GetValue(Table)!, cancellationToken);
        IReadOnlyList<SuiteResult> history = [];
        if (settings.Store is { } file)
        {
            var kept = new SqliteQualityStore(QualityDatabase.Open(file));
            history = parsed.GetValue(Report) is null ? [] : await kept.NewestAsync(suite.Name, ReportRuns, cancellationToken);
            await kept.AppendAsync(result, cancellationToken);
        }

        if (parsed.GetValue(Report) is { } page)
        {
            await File.WriteAllTextAsync(page, SuiteReport.Render(result, [.. history, result]), cancellationToken);
        }

        Show(output, result);
        return result.Passed ? CommandRun.ExitDone : CommandRun.ExitFailed;
    }

    private static async Task<QualitySuite> ReadSuiteAsync(string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            throw new QualityException(ErrorKind.Invalid, $"There is no suite '{path}'; 'dp quality suggest TABLE --out {path}' writes one to begin with.");
        }

        var text = await File.ReadAllTextAsync(path, cancellationToken);
        ISuiteNotation notation = Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase) ? JsonNotation.Instance : YamlNotation.Instance;
        var check = SuiteText.Check(text, notation);
        return check.Suite ?? throw new QualityException(ErrorKind.Invalid, string.Join('\n', check.Problems.Select(p => $"{path}:{p.At}: {p.Message}")));
    }

    private static void Show(CommandOutput output, SuiteResult result)
    {
        output.Rows(
            ["outcome", "severity", "rule", "seen", "violations", "rows", "id"],
            result.Verdicts.Select(v => (IReadOnlyList<object?>)[v.Outcome.ToString(), v.Severity.ToString(), v.Rule, v.Message, v.Violations, v.Evaluated, v.RuleId]));
        foreach (var verdict in result.Verdicts.Where(v => !output.Json && v.Sample.Rows.Count > 0))
        {
            output.Note($"Rows against: {verdict.Rule}");
            output.Rows(verdict.Sample.Columns, verdict.Sample.Rows);
        }

        if (result.Queries is { PartsLive: > 0 } parts)
        {
            output.Note(string.Create(CultureInfo.InvariantCulture, $"{parts.PartsRead} of {parts.PartsLive} data files were read, {parts.PartBytesRead} bytes."));
        }

        output.Note($"{(result.Passed ? "PASSED" : "FAILED")}: {result.Verdicts.Count} rules, {result.Queries.Total} queries, {result.Duration.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture)} ms.");
    }
}
