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
    private const int RunsMax = 1_000;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Argument<string> Table = new("TABLE") { Description = "A Delta table's folder, a .parquet or a .csv file." };

    /// <summary>The group.</summary>
    public static Command Group => new("quality", "Checks tables against rules, profiles them, suggests rules.")
    {
        RunCommand.Make(), Profile(), Suggest(), BaselineCommand.Make(), History(), SeriesCommand.Make(), PartitionsCommand.Make(), ServeCommand.Make(),
    };

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
        var limit = new Option<int>("--limit") { Description = "How many runs, newest first, up to 1,000.", DefaultValueFactory = _ => 20 };
        return new Command("history", "A suite's runs, newest first.") { store, suite, limit }
            .Runs(async (parsed, output, cancellationToken) =>
            {
                var kept = new SqliteQualityStore(OpenStore(parsed.GetValue(store)!));
                var runs = await kept.NewestAsync(parsed.GetValue(suite)!, Math.Clamp(parsed.GetValue(limit), 1, RunsMax), cancellationToken);
                output.Rows(
                    ["started", "run", "version", "passed", "rules", "failed", "violations", "milliseconds"],
                    runs.Reverse().Select(r => (IReadOnlyList<object?>)
                    [
                        r.StartedAt, r.RunId, r.Version?.ToString(), r.Passed ? "yes" : "no", r.Verdicts.Count,
                        r.Verdicts.Count(v => v.Outcome is Outcome.Fail or Outcome.Error), r.Verdicts.Sum(v => v.Violations ?? 0), Math.Round(r.Duration.TotalMilliseconds),
                    ]));
            });
    }

    /// <summary>A store that is there.</summary>
    /// <exception cref="QualityException">It is not.</exception>
    public static QualityDatabase OpenStore(string path) => File.Exists(path)
        ? QualityDatabase.Open(path)
        : throw new QualityException(ErrorKind.Invalid, $"There is no result store '{path}'; 'dp quality run --store' makes one.");

    private static Task<CheckedTable> OpenAsync(ParseResult parsed, CancellationToken cancellationToken)
        => CheckedTable.OpenAsync(Relation, parsed.GetValue(Table)!, [], cancellationToken);

    private static string Columns(JsonObject rule) => rule["column"]?.GetValue<string>()
        ?? (rule["kind"]!.GetValue<string>() == "unique" ? string.Join(", ", rule["columns"]!.AsArray().Select(c => c!.GetValue<string>())) : string.Empty);

    private static string Parameters(JsonObject rule) => string.Join(", ", rule.Where(p => p.Key is not ("kind" or "column" or "columns")).Select(p => $"{p.Key}: {p.Value?.ToJsonString(Indented)}"));

    private static double? Percentile(ColumnProfile profile, int percent) => profile.Percentiles.TryGetValue(percent, out var value) ? value : null;

    private static object? Shown(ColumnProfile profile, double? value) => value is not { } number ? null
        : IsTime(profile) && ColumnProfile.TimeOf(number) is { } time ? time : Math.Round(number, 3);

    private static string Shown(ColumnProfile profile, string value)
        => IsTime(profile) && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && ColumnProfile.TimeOf(number) is { } time
            ? time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)
            : value;

    private static bool IsTime(ColumnProfile profile) => profile.Family is ColumnFamily.Date or ColumnFamily.Timestamp or ColumnFamily.Instant;
}
