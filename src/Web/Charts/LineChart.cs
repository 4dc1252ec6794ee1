namespace DataPlatform.Web.Charts;

/// <summary>A named line.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Points">Its points by growing x.</param>
public sealed record ChartSeries(string Name, IReadOnlyList<ChartPoint> Points);

/// <summary>A point of a line.</summary>
/// <param name="X">Where on the horizontal axis.</param>
/// <param name="Y">Where on the vertical axis.</param>
public readonly record struct ChartPoint(double X, double Y);

/// <summary>Values over a continuous axis, such as throughput over the seconds of a run.</summary>
public sealed record LineChart
{
    private const double Width = 760;
    private const double Height = 240;
    private const double Left = 58;
    private const double Bottom = 30;
    private const double Top = 26;

    /// <summary>What the chart shows, for readers who cannot see it.</summary>
    public required string Title { get; init; }

    /// <summary>The unit of the vertical axis.</summary>
    public required string Unit { get; init; }

    /// <summary>The unit of the horizontal axis. Default: seconds.</summary>
    public string UnitX { get; init; } = "s";

    /// <summary>The lines.</summary>
    public required IReadOnlyList<ChartSeries> Series { get; init; }

    /// <summary>Draws the chart.</summary>
    /// <returns>An SVG element.</returns>
    public string Render()
    {
        var points = Series.SelectMany(series => series.Points).ToList();
        var canvas = new SvgCanvas(Width, Height, Title);
        if (points.Count == 0)
        {
            canvas.Text(Width / 2, Height / 2, "no data", "middle");
            return canvas.Close();
        }

        var x = new AxisScale(points.Min(point => point.X), points.Max(point => point.X), Left, Width - 14);
        var y = new AxisScale(Math.Min(0, points.Min(point => point.Y)), points.Max(point => point.Y), Height - Bottom, Top);
        DrawAxes(canvas, x, y);
        for (var i = 0; i < Series.Count; i++)
        {
            DrawSeries(canvas, Series[i], $"var(--cat-{i % DesignTokens.CategoricalColours})", Left + 8 + (i * 150), x, y);
        }

        return canvas.Close();
    }

    private void DrawAxes(SvgCanvas canvas, AxisScale x, AxisScale y)
    {
        foreach (var tick in y.Ticks(5))
        {
            canvas.Line(Left, y.Place(tick), Width - 14, y.Place(tick), "grid");
            canvas.Text(Left - 6, y.Place(tick) + 4, AxisScale.Label(tick), "end");
        }

        foreach (var tick in x.Ticks(9))
        {
            canvas.Text(x.Place(tick), Height - 12, AxisScale.Label(tick), "middle");
        }

        canvas.Line(Left, y.Place(Math.Max(0, y.Minimum)), Width - 14, y.Place(Math.Max(0, y.Minimum)), "axis");
        canvas.Text(4, 12, Unit);
        canvas.Text(Width - 4, Height - 12, UnitX, "end");
    }

    private void DrawSeries(SvgCanvas canvas, ChartSeries series, string colour, double legendX, AxisScale x, AxisScale y)
    {
        canvas.Path(series.Points.Select(point => (x.Place(point.X), y.Place(point.Y))), colour);
        foreach (var point in series.Points)
        {
            canvas.Dot(x.Place(point.X), y.Place(point.Y), colour, $"{series.Name}: {AxisScale.Label(point.Y)} {Unit} at {AxisScale.Label(point.X)} {UnitX}");
        }

        if (Series.Count > 1)
        {
            canvas.Rectangle(legendX + 40, 5, 12, 4, colour);
            canvas.Text(legendX + 56, 12, series.Name);
        }
    }
}
