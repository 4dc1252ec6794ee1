using System.CommandLine;
using DataPlatform.Kernel;
using DataPlatform.Quality;
using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.Sqlite;
using DataPlatform.Quality.Web;
using DataPlatform.Quality.Web.Views;

namespace DataPlatform.Tools.Cli.Suites;

/// <summary><c>dp quality series</c>: measured values over time, and what people say of them.</summary>
internal static class SeriesCommand
{
    private const int SeriesMax = 1_000;

    private static readonly Argument<string> Store = new("STORE") { Description = "The SQLite file that 'run --store' or 'run --series' wrote." };
    private static readonly Argument<string> Table = new("TABLE") { Description = "The table, as suites name it." };
    private static readonly Option<string?> Name = new("--name") { Description = "Show the points of this series instead of the list." };
    private static readonly Option<string?> Says = new("--mark") { Description = "Say of the point --at of series --name that it was 'real', a 'false-alarm', or 'none' to take that back; later baselines follow it." };
    private static readonly Option<DateTimeOffset?> At = Instants.Option("--at", "The instant of the point to mark, UTC unless it names a zone.");
    private static readonly Option<int> Limit = new("--limit") { Description = "Points shown, the newest, up to 1,000.", DefaultValueFactory = _ => 30 };

    /// <summary>The command.</summary>
    public static Command Make()
        => new Command("series", "The series of a table with their newest values, or the points of one, each with the band that the verdict of its rule kept; where no rule judges it, with the band that default settings give.") { Store, Table, Name, Says, At, Limit }
            .Runs(ShowAsync);

    private static async Task ShowAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        var database = QualityCommands.OpenStore(parsed.GetValue(Store)!);
        var store = new SqliteSeriesStore(database);
        if (parsed.GetValue(Says) is { } says)
        {
            await MarkAsync(store, parsed, says, cancellationToken);
        }

        if (parsed.GetValue(Name) is { } series)
        {
            using var catalog = new SqliteCatalog(database);
            await PointsAsync(new QualityConsole { Catalog = catalog, Series = store }, series, Math.Clamp(parsed.GetValue(Limit), 1, SeriesMax), output, cancellationToken);
            return;
        }

        List<IReadOnlyList<object?>> rows = [];
        foreach (var name in await store.ListAsync(SeriesName.Prefix(parsed.GetValue(Table)!), SeriesMax, cancellationToken))
        {
            var points = await store.BeforeAsync(name, DateTimeOffset.MaxValue, 1, cancellationToken);
            rows.Add([name, points is [var newest] ? newest.At : null, points is [var last] ? last.Value : null]);
        }

        output.Rows(["series", "newest", "value"], rows);
    }

    private static async Task MarkAsync(SqliteSeriesStore store, ParseResult parsed, string says, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(Name) is not { } series || parsed.GetValue(At) is not { } at)
        {
            throw new ArgumentException("--mark says something of one point; give its series with --name and its instant with --at.");
        }

        var feedback = says switch
        {
            "real" => PointFeedback.Real,
            "false-alarm" => PointFeedback.FalsePositive,
            "none" => PointFeedback.None,
            _ => throw new ArgumentException($"--mark takes real, false-alarm or none, not '{says}'."),
        };
        if (!await store.MarkAsync(series, at, feedback, cancellationToken))
        {
            throw new QualityException(ErrorKind.Invalid, $"The series '{series}' has no point at {at.UtcDateTime:O}.");
        }
    }

    private static async Task PointsAsync(QualityConsole kept, string series, int limit, CommandOutput output, CancellationToken cancellationToken)
    {
        var histories = await MetricHistory.OfSeriesAsync(kept, series, limit, cancellationToken);
        if (histories.All(h => h.Verdicts.Count == 0))
        {
            throw new QualityException(ErrorKind.Invalid, $"There is no series '{series}'; leave --name out for the list.");
        }

        output.Rows(
            ["at", "value", "state", "lower", "upper", "said", "rule"],
            histories.SelectMany(h => h.Verdicts.Select(v => (IReadOnlyList<object?>)
            [
                v.Point.At, v.Point.Value, v.State.ToString(), Known(v.Lower), Known(v.Upper), v.Point.Feedback.ToString(), h.Rule?.Verdict.Rule,
            ])));
    }

    private static double? Known(double value) => double.IsFinite(value) ? value : null;
}
