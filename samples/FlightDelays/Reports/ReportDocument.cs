using System.Globalization;
using DataPlatform.Samples.FlightDelays.Proof;
using DataPlatform.Web.Charts;
using DataPlatform.Web.Pages;

namespace DataPlatform.Samples.FlightDelays.Reports;

/// <summary>Everything that <c>report.html</c> shows.</summary>
public sealed record ReportData
{
    /// <summary>The ten worst airport-hours.</summary>
    public required IReadOnlyList<WorstHour> Worst { get; init; }

    /// <summary>Mean delay of the busiest airports by hour of the day.</summary>
    public required DelayMatrix ByHour { get; init; }

    /// <summary>Mean delay of the busiest airports by day of the month.</summary>
    public required DelayMatrix ByDay { get; init; }

    /// <summary>How far behind the newest event arrivals came in, by quarter of an hour.</summary>
    public required IReadOnlyList<HistogramBar> Lateness { get; init; }

    /// <summary>The course of the run; empty when this process streamed nothing.</summary>
    public IReadOnlyList<RunSample> Samples { get; init; } = [];

    /// <summary>What the orchestrator ran.</summary>
    public IReadOnlyList<GanttBar> Tasks { get; init; } = [];

    /// <summary>The gate's verdicts: rule, severity, outcome, observed.</summary>
    public IReadOnlyList<IReadOnlyList<GridCell>> Verdicts { get; init; } = [];

    /// <summary>Queues: name, containers run, mean and longest wait.</summary>
    public IReadOnlyList<IReadOnlyList<GridCell>> Queues { get; init; } = [];

    /// <summary>The proof; null while it has not been made.</summary>
    public ProofResult? Proof { get; init; }

    /// <summary>The run's length; null while it goes on.</summary>
    public TimeSpan? Elapsed { get; init; }
}

/// <summary>An hour at an airport.</summary>
public sealed record WorstHour(string Airport, string City, DateTime HourUtc, long Flights, double MeanMinutes, int P95Minutes, int MaxMinutes);

/// <summary>Mean delays by airport and column.</summary>
public sealed record DelayMatrix(IReadOnlyList<string> Airports, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<double?>> MeanMinutes);

/// <summary>Draws <c>report.html</c>.</summary>
public static class ReportDocument
{
    private const double RateSpanSeconds = 0.5;
    private static readonly double[] DelayBounds = [0, 5, 10, 20, 35, 60];

    /// <summary>Renders the page.</summary>
    public static string Render(ReportData data)
    {
        var page = new ReportPage
        {
            Title = "Flight delays, January 2001",
            Lead = "Half a million US arrivals, streamed in order of actual arrival through windows into Delta tables, gated, queried and drawn here.",
        };
        page.Tiles(Tiles(data));
        page.Section("The ten worst airport-hours", WorstTable(data.Worst), "Hours with at least ten scheduled arrivals, by mean arrival delay. Times in UTC.");
        page.Section("Mean arrival delay by hour of the day", Map(data.ByHour, "hour (UTC)"), "The busiest airports, by hour of scheduled arrival: delay builds up over the day.");
        page.Section("Mean arrival delay by day", Map(data.ByDay, "January"), "The same airports: storms show as columns.");
        page.Section(
            "How late events came in", new Histogram { Title = "Minutes behind the newest event", Unit = "arrivals", UnitX = "minutes behind the newest event time", Bars = data.Lateness }.Render(),
            "Red bars lie beyond the 120-minute bound of the watermark: such arrivals may find their hour closed, and then go to the late table.");
        AddCourse(page, data.Samples);
        if (data.Tasks.Count > 0)
        {
            page.Section("What the orchestrator ran", new GanttChart { Title = "Task instances", Bars = data.Tasks }.Render(), "Grey: waiting for a container of its queue. Seconds since the start of the run.");
        }

        if (data.Queues.Count > 0)
        {
            page.Section("Queues", new DataGrid { Headings = ["Queue", "#Containers run", "#Mean wait", "#Longest wait"], Rows = data.Queues }.Render());
        }

        if (data.Verdicts.Count > 0)
        {
            page.Section("The gate's verdicts", new DataGrid { Headings = ["Rule", "Severity", "Outcome", "Observed"], Rows = data.Verdicts }.Render(), "One fused scan of the snapshot that started the run, and one query per key set and reference.");
        }

        return page.Render();
    }

    private static IEnumerable<(string, string, ChartTone?)> Tiles(ReportData data)
    {
        if (data.Proof is { } proof)
        {
            yield return (proof.Proved ? "PROVED" : "DIFFERS", "stream against batch, row by row", proof.Proved ? ChartTone.Good : ChartTone.Bad);
            yield return (Number(proof.RawRows), "arrivals in the lake", null);
            yield return (Number(proof.Windows), "airport-hours", null);
            yield return (Number(proof.LateRows), $"late ({Percent(proof.LateRows, proof.RawRows)})", null);
        }

        if (data.Samples is [var first, .., var last] && last.StreamedTotal > first.StreamedTotal)
        {
            yield return (Number((last.StreamedTotal - first.StreamedTotal) / Math.Max(0.001, StreamedUntil(data.Samples) - first.ElapsedSeconds)), "events per second", null);
        }

        if (data.Elapsed is { } elapsed)
        {
            yield return (elapsed.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s", "end to end", null);
        }
    }

    private static void AddCourse(ReportPage page, IReadOnlyList<RunSample> samples)
    {
        if (samples.Count < 3)
        {
            return;
        }

        page.Section(
            "Throughput over the run",
            new LineChart { Title = "Events per second", Unit = "events/s", Series = [Rate("recorded", samples, s => s.RecordedTotal), Rate("streamed", samples, s => s.StreamedTotal)] }.Render(),
            "Arrivals that the service recorded, and arrivals that the stream read from its outbox.");
        var lag = samples.Where(sample => sample.WatermarkLagMinutes is not null).Select(sample => new ChartPoint(sample.ElapsedSeconds, sample.WatermarkLagMinutes!.Value / 60)).ToList();
        if (lag.Count > 1)
        {
            page.Section(
                "Watermark lag over the run", new LineChart { Title = "Watermark lag", Unit = "h of event time", Series = [new ChartSeries("lag", lag)] }.Render(),
                "How far the window operator's watermark is behind the newest event that the service has recorded; two hours of it are the bound.");
        }
    }

    private static ChartSeries Rate(string name, IReadOnlyList<RunSample> samples, Func<RunSample, long> total)
    {
        // Samples that a busy machine delivered late lie close together; a rate over such a gap says nothing.
        List<ChartPoint> points = [];
        var from = samples[0];
        foreach (var sample in samples.Where(sample => sample.ElapsedSeconds <= StreamedUntil(samples) + RateSpanSeconds))
        {
            var seconds = sample.ElapsedSeconds - from.ElapsedSeconds;
            if (seconds >= RateSpanSeconds)
            {
                points.Add(new ChartPoint(sample.ElapsedSeconds, (total(sample) - total(from)) / seconds));
                from = sample;
            }
        }

        return new ChartSeries(name, points);
    }

    /// <summary>When the last record was streamed, seconds since the start of the run.</summary>
    private static double StreamedUntil(IReadOnlyList<RunSample> samples)
        => samples.First(sample => sample.StreamedTotal == samples[^1].StreamedTotal).ElapsedSeconds;

    private static string WorstTable(IReadOnlyList<WorstHour> worst) => new DataGrid
    {
        Headings = ["Airport", "City", "Hour (UTC)", "#Arrivals", "#Mean", "#p95", "#Max"],
        Rows = [.. worst.Select(hour => (IReadOnlyList<GridCell>)
            [hour.Airport, hour.City, hour.HourUtc.ToString("ddd d MMM, HH:mm", CultureInfo.InvariantCulture), Number(hour.Flights), Minutes(hour.MeanMinutes), Minutes(hour.P95Minutes), Minutes(hour.MaxMinutes)])],
    }.Render();

    private static string Map(DelayMatrix matrix, string columns) => new HeatMap
    {
        Title = $"Mean arrival delay by airport and {columns}",
        Unit = "min",
        Rows = matrix.Airports,
        Columns = matrix.Columns,
        ColumnTitle = columns,
        Values = matrix.MeanMinutes,
        Bounds = DelayBounds,
    }.Render();

    private static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Minutes(double value) => value.ToString("N0", CultureInfo.InvariantCulture) + " min";

    private static string Percent(long part, long whole) => whole == 0 ? "0 %" : (100.0 * part / whole).ToString("0.00", CultureInfo.InvariantCulture) + " %";
}
