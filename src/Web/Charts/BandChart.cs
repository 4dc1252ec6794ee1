using System.Globalization;

namespace DataPlatform.Web.Charts;

/// <summary>Values over time inside the band that was normal for each, with the points that left it marked.</summary>
public sealed record BandChart
{
    private const double Width = 760;
    private const double Height = 200;
    private const double Left = 58;
    private const double Right = 14;
    private const double Bottom = 26;
    private const double Top = 22;
    private const double Room = 0.06;
    private const double BandShare = 0.6;

    /// <summary>What the chart shows, for readers who cannot see it.</summary>
    public required string Title { get; init; }

    /// <summary>The unit of the values.</summary>
    public required string Unit { get; init; }

    /// <summary>The points, oldest first.</summary>
    public required IReadOnlyList<BandPoint> Points { get; init; }

    /// <summary>Draws the chart.</summary>
    /// <returns>An SVG element.</returns>
    public string Render()
    {
        var canvas = new SvgCanvas(Width, Height, Title);
        if (Points.Count == 0)
        {
            canvas.Text(Width / 2, Height / 2, "no data", "middle");
            return canvas.Close();
        }

        var x = new AxisScale(Points[0].At.UtcTicks, Points[^1].At.UtcTicks, Left, Width - Right);
        var y = Scale();
        DrawAxes(canvas, y);
        DrawBand(canvas, x, y);
        canvas.Path(Points.Where(p => p.Centre is { } c && double.IsFinite(c)).Select(p => (x.Place(p.At.UtcTicks), y.Place(p.Centre!.Value))), "var(--cat-5)", dash: "3 4");
        canvas.Path(Points.Where(p => double.IsFinite(p.Value)).Select(p => (x.Place(p.At.UtcTicks), y.Place(p.Value))), "var(--accent)");
        DrawMarks(canvas, x, y);
        return canvas.Close();
    }

    /// <summary>The values are what is looked at: a band far wider than they are is cut and does not press them flat.</summary>
    private AxisScale Scale()
    {
        var values = Finite(Points.SelectMany(p => (double?[])[p.Value, p.Centre])).DefaultIfEmpty(0).ToList();
        var (low, high) = (values.Min(), values.Max());
        var bounds = Finite(Points.SelectMany(p => (double?[])[p.Lower, p.Upper])).ToList();
        var reach = high > low ? (high - low) * BandShare : double.PositiveInfinity;
        var lowest = bounds.Count == 0 ? low : Math.Max(Math.Min(low, bounds.Min()), low - reach);
        var highest = bounds.Count == 0 ? high : Math.Min(Math.Max(high, bounds.Max()), high + reach);
        var room = highest > lowest ? (highest - lowest) * Room : Math.Max(1, Math.Abs(highest) * Room);

        // What never was negative is not drawn as if it could be.
        return new AxisScale(low >= 0 ? Math.Max(0, lowest - room) : lowest - room, highest + room, Height - Bottom, Top);
    }

    private static IEnumerable<double> Finite(IEnumerable<double?> values) => values.OfType<double>().Where(double.IsFinite);

    private void DrawAxes(SvgCanvas canvas, AxisScale y)
    {
        foreach (var tick in y.Ticks(4))
        {
            canvas.Line(Left, y.Place(tick), Width - Right, y.Place(tick), "grid");
            canvas.Text(Left - 6, y.Place(tick) + 4, AxisScale.Label(tick), "end");
        }

        var isLong = Points[^1].At - Points[0].At > TimeSpan.FromDays(2);
        foreach (var share in (double[])[0, 0.25, 0.5, 0.75, 1])
        {
            var at = Points[0].At + ((Points[^1].At - Points[0].At) * share);
            canvas.Text(
                Left + ((Width - Left - Right) * share), Height - 8, at.UtcDateTime.ToString(isLong ? "MM-dd" : "MM-dd HH:mm", CultureInfo.InvariantCulture),
                share switch { 0 => "start", 1 => "end", _ => "middle" });
        }

        canvas.Text(4, 12, Unit);
    }

    /// <summary>One area for each run of points that have a band; a side without a limit reaches to the edge.</summary>
    private void DrawBand(SvgCanvas canvas, AxisScale x, AxisScale y)
    {
        List<BandPoint> run = [];
        foreach (var point in Points.Append(default))
        {
            if (point.Lower is { } lower && point.Upper is { } upper && !double.IsNaN(lower) && !double.IsNaN(upper))
            {
                run.Add(point);
                continue;
            }

            if (run.Count > 1)
            {
                canvas.Area(
                    [.. run.Select(p => (x.Place(p.At.UtcTicks), Clamp(y, p.Upper!.Value))), .. Enumerable.Reverse(run).Select(p => (x.Place(p.At.UtcTicks), Clamp(y, p.Lower!.Value)))],
                    "color-mix(in srgb,var(--accent) 16%,transparent)");
            }

            run.Clear();
        }
    }

    private static double Clamp(AxisScale y, double value) => Math.Clamp(y.Place(Math.Clamp(value, y.Minimum, y.Maximum)), Top, Height - Bottom);

    private void DrawMarks(SvgCanvas canvas, AxisScale x, AxisScale y)
    {
        foreach (var point in Points)
        {
            var at = (X: x.Place(point.At.UtcTicks), Y: double.IsFinite(point.Value) ? y.Place(point.Value) : Top);
            if (point.Tone is { } tone)
            {
                canvas.Mark(at.X, at.Y, $"var(--{Pages.ReportPage.ClassOf(tone)})", point.Tip);
            }
            else
            {
                canvas.Dot(at.X, at.Y, "var(--accent)", point.Tip);
            }
        }
    }
}
