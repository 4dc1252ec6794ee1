using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.DuckDb;
using DataPlatform.TestKit.Suites;

namespace DataPlatform.Quality.Tests.Web;

/// <summary>The bands that pages draw are those that rules judged by, whatever their settings and whatever was said since.</summary>
public sealed class BandTests(PagesFixture pages) : DuckDb.DuckDbFixture, IClassFixture<PagesFixture>
{
    private const int Days = 42;
    private static readonly DateTimeOffset First = new DateTimeOffset(2001, 3, 1, 0, 0, 0, TimeSpan.Zero).AddDays(-Days);

    public static TheoryData<string, BaselineOptions> Settings => new()
    {
        { "plain", new BaselineOptions() },
        { "short", new BaselineOptions { Window = 5, PointsMin = 3, FalseAlarmRate = 0.05, Robust = false, SpreadFloorShare = 0 } },
        { "weekly", new BaselineOptions { Weekly = true, WeekdaysMin = 3, Window = 4 } },
        { "low", new BaselineOptions { Direction = AnomalyDirection.Low, Consecutive = 3 } },
        { "holidays", new BaselineOptions { Holidays = new HashSet<DateOnly> { DateOnly.FromDateTime(First.AddDays(20).Date), DateOnly.FromDateTime(First.AddDays(30).Date) } } },
    };

    [Theory]
    [MemberData(nameof(Settings))]
    public async Task A_band_is_the_one_that_its_verdict_was_given_by(string name, BaselineOptions options)
    {
        var table = $"bands.{name}";
        var rule = await RunDaysAsync(table, options);
        var kept = await KeptAsync(table);
        Assert.Contains(kept, e => e.Verdict.State == AnomalyState.Violation);

        var body = await pages.Client.GetFromJsonAsync<JsonElement>($"api/series/points?name={Uri.EscapeDataString(SeriesName.Of(table, SeriesMeasure.Rows))}", Token);

        Assert.Equal(rule, body.GetProperty("rule").GetString());
        var points = body.GetProperty("points").EnumerateArray().ToList();
        Assert.Equal(kept.Count, points.Count);
        foreach (var (evidence, point) in kept.Zip(points))
        {
            var replayed = evidence.Replay();
            Assert.Equal(
                (replayed.Point.At, replayed.Point.Value, replayed.State, Finite(replayed.Centre), Finite(replayed.Lower), Finite(replayed.Upper), replayed.Violations),
                (point.GetProperty("at").GetDateTimeOffset(), point.GetProperty("value").GetDouble(), Enum.Parse<AnomalyState>(point.GetProperty("state").GetString()!),
                    Number(point, "centre"), Number(point, "lower"), Number(point, "upper"), point.GetProperty("violations").GetInt32()));
        }

        // What was said of a point is shown, and the band that it was judged by before stays what it was.
        Assert.Contains(points, p => p.GetProperty("feedback").GetString() == "Real");
        foreach (var address in new[] { $"table?name={table}&tab=history", $"rule?key={Uri.EscapeDataString(rule)}" })
        {
            var page = await pages.Client.GetStringAsync(address, Token);
            Assert.All(kept.Where(e => e.Verdict.State == AnomalyState.Violation).Select(Words), words => Assert.Contains(words, page, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_series_that_no_rule_judges_says_so_and_a_point_before_the_rule_has_no_band()
    {
        var page = await pages.Client.GetStringAsync("table?name=sales.customers&tab=history", Token);
        Assert.Contains("No rule judges it", page, StringComparison.Ordinal);

        const string Table = "bands.late";
        await pages.Demo.Console.Series!.PutAsync([new SeriesPoint(SeriesName.Of(Table, SeriesMeasure.Rows), new MetricPoint(First.AddDays(-1), 77))], Token);
        await RunDaysAsync(Table, new BaselineOptions());
        var body = await pages.Client.GetFromJsonAsync<JsonElement>("api/series/points?name=bands.late%2Frows", Token);

        var first = body.GetProperty("points")[0];
        Assert.Equal(("Unjudged", 77.0), (first.GetProperty("state").GetString(), first.GetProperty("value").GetDouble()));
        Assert.Null(Number(first, "upper"));
    }

    private static double? Number(JsonElement point, string name) => point.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;

    private static string Words(AnomalyEvidence evidence)
        => evidence.Verdict.Point.At.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) + ": " + Shown(evidence.Verdict.Point.Value) + "; expected " + Shown(evidence.Verdict.Centre);

    private static string Shown(double value) => value.ToString(Math.Abs(value) >= 1000 ? "N0" : "0.###", CultureInfo.InvariantCulture);

    private async Task<List<AnomalyEvidence>> KeptAsync(string table)
    {
        List<AnomalyEvidence> kept = [];
        await foreach (var run in pages.Demo.Results.ReadAsync(table, cancellationToken: Token))
        {
            kept.Add(AnomalyEvidence.Read(run.Verdicts[0].Evidence!));
        }

        return kept;
    }

    /// <summary>Six weeks of a table that breaks on three days in a row; half way somebody calls a point real.</summary>
    private async Task<string> RunDaysAsync(string table, BaselineOptions options)
    {
        var suite = new QualitySuiteBuilder(table).NoAnomaly(SeriesMeasure.Rows, options: options).Build();
        var series = pages.Demo.Console.Series!;
        var runner = new DuckDbQualityRunner(Connection, new QualityRunnerOptions { Series = series }, Time);
        for (var day = 0; day < Days; day++)
        {
            var at = First.AddDays(day);
            var rows = day is >= 33 and < 37 ? 20 : 200 + (day % 7 * 3) + (day * 37 % 11);
            Execute(string.Create(CultureInfo.InvariantCulture, $"CREATE OR REPLACE TABLE t AS SELECT i FROM range({rows}) r(i)"));
            var result = await runner.RunAsync(suite, new QualityTarget("t") { At = at }, Token);
            await pages.Demo.Results.AppendAsync(result with { StartedAt = at, RunId = $"{table} {day}" }, Token);
            if (day == 35)
            {
                await series.MarkAsync(SeriesName.Of(table, SeriesMeasure.Rows), First.AddDays(33), PointFeedback.Real, Token);
            }
        }

        return $"{table}/{suite.Rules[0].Id}";
    }
}
