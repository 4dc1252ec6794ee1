using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using DataPlatform.Kernel;
using DataPlatform.Quality;
using DataPlatform.Quality.DuckDb;
using DataPlatform.Quality.DuckDb.Profiles;
using DataPlatform.Quality.DuckDb.Trials;
using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Profiles;
using DataPlatform.Quality.Rules.Documents;
using DataPlatform.Quality.Sqlite;
using DataPlatform.Quality.Web;
using DataPlatform.Quality.Yaml;

namespace DataPlatform.Tools.Cli.Suites;

/// <summary><c>dp quality</c>: runs suites over tables, profiles tables and suggests rules for them.</summary>
internal static class QualityCommands
{
    private const string Relation = "t";
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Argument<string> Table = new("TABLE") { Description = "A Delta table's folder, a .parquet or a .csv file." };

    /// <summary>The group.</summary>
    public static Command Group => new("quality", "Checks tables against rules, profiles them, suggests rules.") { Run(), Profile(), Suggest(), History(), ServeCommand.Make() };

    private static Command Run()
    {
        var suite = new Argument<string>("SUITE") { Description = "The rules: a .yaml or .json file." };
        var references = new Option<string[]>("--reference") { Description = "A table that rules refer to, as name=path; may be given again." };
        var store = new Option<string?>("--store") { Description = "A SQLite file that keeps the result, for history and alerts." };
        var report = new Option<string?>("--report") { Description = "Write the result as one HTML page." };
        return new Command("run", "Runs a suite over a table. Exit code 1 when a critical rule fails or cannot be measured.") { suite, Table, references, store, report }
            .Runs(async (parsed, output, cancellationToken) =>
            {
                var rules = await ReadSuiteAsync(parsed.GetValue(suite)!, cancellationToken);
                await using var table = await CheckedTable.OpenAsync(rules.Table, parsed.GetValue(Table)!, parsed.GetValue(references) ?? [], cancellationToken);
                var result = await new DuckDbQualityRunner(table.Connection).RunAsync(rules, new QualityTarget(rules.Table, table.Version), cancellationToken);
                List<SuiteResult> history = [];
                if (parsed.GetValue(store) is { } file)
                {
                    var kept = new SqliteQualityStore(QualityDatabase.Open(file));
                    history = await kept.ReadAsync(rules.Name, cancellationToken: cancellationToken).ToListAsync(cancellationToken);
                    await kept.AppendAsync(result, cancellationToken);
                }

                if (parsed.GetValue(report) is { } page)
                {
                    await File.WriteAllTextAsync(page, SuiteReport.Render(result, [.. history, result]), cancellationToken);
                }

                Show(output, result);
                return result.Passed ? CommandRun.ExitDone : CommandRun.ExitFailed;
            });
    }

    private static Command Profile()
    {
        var filter = new Option<string?>("--where") { Description = "Only rows for which this SQL condition is true." };
        return new Command("profile", "What the columns of a table look like, out of one scan.") { Table, filter }
            .Runs(async (parsed, output, cancellationToken) =>
            {
                await using var table = await OpenAsync(parsed, cancellationToken);
                var state = await new DuckDbProfiler(table.Connection).ReadAsync(Relation, parsed.GetValue(filter), cancellationToken: cancellationToken);
                output.Rows(
                    ["column", "type", "rows", "nulls", "nullShare", "distinct", "min", "p50", "p95", "max", "mean", "top", "pattern"],
                    state.Profiles().Select(p => (IReadOnlyList<object?>)
                    [
                        p.Name, p.Type, p.Rows, p.Nulls, Math.Round(p.NullShare, 4), (long)p.Distinct, Shown(p, p.Minimum), Shown(p, Percentile(p, 50)),
                        Shown(p, Percentile(p, 95)), Shown(p, p.Maximum), Shown(p, p.Mean), string.Join(", ", p.Top.Take(3).Select(v => $"{Shown(p, v.Value)} ({v.Count})")), p.Patterns is [var shape, ..] ? shape.Value : null,
                    ]));
                output.Note("Texts are measured by their length; distinct counts and percentiles are estimates.");
            });
    }

    private static Command Suggest()
    {
        var name = new Option<string>("--name") { Description = "The table's name in the suite.", DefaultValueFactory = _ => "table" };
        var file = new Option<string?>("--out") { Description = "Write the suite as JSON to this file." };
        return new Command("suggest", "Rules that a table keeps now, with the reason for each. Those it would break are left out.") { Table, name, file }
            .Runs(async (parsed, output, cancellationToken) =>
            {
                await using var table = await OpenAsync(parsed, cancellationToken);
                var suggestions = RuleSuggestions.For([await new DuckDbProfiler(table.Connection).ReadAsync(Relation, cancellationToken: cancellationToken)]);
                var kept = await KeptSuggestions.OfAsync(table.Connection, Relation, suggestions, cancellationToken);
                var document = RuleSuggestions.Document(parsed.GetValue(name)!, kept);
                if (parsed.GetValue(file) is { } path)
                {
                    await File.WriteAllTextAsync(path, document.ToJsonString(Indented) + "\n", cancellationToken);
                }

                if (output.Json)
                {
                    CommandOutput.Document(document);
                    return;
                }

                output.Rows(
                    ["rule", "columns", "parameters", "reason"],
                    kept.Select(s => (IReadOnlyList<object?>)[s.Rule["kind"]!.GetValue<string>(), Columns(s.Rule), Parameters(s.Rule), s.Reason]));
                output.Note($"{suggestions.Count - kept.Count} suggestions were tried and dropped because the table breaks them.");
            });
    }

    private static Command History()
    {
        var store = new Argument<string>("STORE") { Description = "The SQLite file that 'run --store' wrote." };
        var suite = new Argument<string>("SUITE") { Description = "The suite's name." };
        var limit = new Option<int>("--limit") { Description = "How many runs, newest first.", DefaultValueFactory = _ => 20 };
        return new Command("history", "A suite's runs, newest first.") { store, suite, limit }
            .Runs(async (parsed, output, cancellationToken) =>
            {
                var path = parsed.GetValue(store)!;
                if (!File.Exists(path))
                {
                    throw new QualityException(ErrorKind.Invalid, $"There is no result store '{path}'; 'dp quality run --store' makes one.");
                }

                var runs = await new SqliteQualityStore(QualityDatabase.Open(path)).ReadAsync(parsed.GetValue(suite)!, cancellationToken: cancellationToken).ToListAsync(cancellationToken);
                output.Rows(
                    ["started", "run", "version", "passed", "rules", "failed", "violations", "milliseconds"],
                    runs.AsEnumerable().Reverse().Take(parsed.GetValue(limit)).Select(r => (IReadOnlyList<object?>)
                    [
                        r.StartedAt, r.RunId, r.Version?.ToString(), r.Passed ? "yes" : "no", r.Verdicts.Count,
                        r.Verdicts.Count(v => v.Outcome is Outcome.Fail or Outcome.Error), r.Verdicts.Sum(v => v.Violations ?? 0), Math.Round(r.Duration.TotalMilliseconds),
                    ]));
            });
    }

    private static async Task<QualitySuite> ReadSuiteAsync(string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            throw new QualityException(ErrorKind.Invalid, $"There is no suite '{path}'; 'dp quality suggest TABLE --out {path}' writes one to begin with.");
        }

        var text = await File.ReadAllTextAsync(path, cancellationToken);
        return Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase) ? SuiteDocument.Read(text) : SuiteYaml.Read(text);
    }

    private static Task<CheckedTable> OpenAsync(ParseResult parsed, CancellationToken cancellationToken)
        => CheckedTable.OpenAsync(Relation, parsed.GetValue(Table)!, [], cancellationToken);

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

        output.Note($"{(result.Passed ? "PASSED" : "FAILED")}: {result.Verdicts.Count} rules, {result.Queries.Total} queries, {result.Duration.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture)} ms.");
    }

    private static string Columns(JsonObject rule) => rule["column"]?.GetValue<string>()
        ?? (rule["kind"]!.GetValue<string>() == "unique" ? string.Join(", ", rule["columns"]!.AsArray().Select(c => c!.GetValue<string>())) : string.Empty);

    private static string Parameters(JsonObject rule) => string.Join(", ", rule.Where(p => p.Key is not ("kind" or "column" or "columns")).Select(p => $"{p.Key}: {p.Value?.ToJsonString(Indented)}"));

    private static double? Percentile(ColumnProfile profile, int percent) => profile.Percentiles.TryGetValue(percent, out var value) ? value : null;

    private static object? Shown(ColumnProfile profile, double? value) => value is not { } number ? null
        : IsTime(profile) ? DateTimeOffset.UnixEpoch.AddMicroseconds(number) : Math.Round(number, 3);

    private static string Shown(ColumnProfile profile, string value)
        => IsTime(profile) && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? DateTimeOffset.UnixEpoch.AddMicroseconds(number).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)
            : value;

    private static bool IsTime(ColumnProfile profile) => profile.Family is ColumnFamily.Date or ColumnFamily.Timestamp or ColumnFamily.Instant;
}
