namespace DataPlatform.Web.Charts;

/// <summary>One bar.</summary>
/// <param name="Label">What stands below it.</param>
/// <param name="Count">Its height.</param>
/// <param name="Emphasis">Whether it is one the reader should notice.</param>
public readonly record struct HistogramBar(string Label, double Count, bool Emphasis = false);

/// <summary>Counts by class, in the order given.</summary>
public sealed record Histogram
{
    private const double Width = 760;
    private const double Height = 240;
    private const double Left = 58;
    private const double Bottom = 40;

    /// <summary>What the chart shows, for readers who cannot see it.</summary>
    public required string Title { get; init; }

    /// <summary>What is counted.</summary>
    public required string Unit { get; init; }

    /// <summary>What the labels measure.</summary>
    public string UnitX { get; init; } = string.Empty;

    /// <summary>The bars, left to right.</summary>
    public required IReadOnlyList<HistogramBar> Bars { get; init; }

    /// <summary>Draws the chart.</summary>
    /// <returns>An SVG element.</returns>
    public string Render()
    {
        var canvas = new SvgCanvas(Width, Height, Title);
        var y = new AxisScale(0, Math.Max(1, Bars.Select(bar => bar.Count).DefaultIfEmpty().Max()), Height - Bottom, 22);
        foreach (var tick in y.Ticks(5))
        {
            canvas.Line(Left, y.Place(tick), Width - 6, y.Place(tick), "grid");
            canvas.Text(Left - 6, y.Place(tick) + 4, AxisScale.Label(tick), "end");
        }

        var step = (Width - Left - 6) / Math.Max(1, Bars.Count);
        var labelEvery = (int)Math.Ceiling(44 / step);
        for (var i = 0; i < Bars.Count; i++)
        {
            var bar = Bars[i];
            var top = y.Place(bar.Count);
            canvas.Rectangle(
                Left + (i * step) + 1, top, Math.Max(1, step - 2), Height - Bottom - top, bar.Emphasis ? "var(--bad)" : "var(--accent)", $"{bar.Label} {UnitX}: {bar.Count:N0} {Unit}", 1.5);
            if (i % labelEvery == 0)
            {
                canvas.Text(Left + ((i + 0.5) * step), Height - 24, bar.Label, "middle");
            }
        }

        canvas.Line(Left, Height - Bottom, Width - 6, Height - Bottom, "axis");
        canvas.Text(4, 12, Unit);
        canvas.Text(Width / 2, Height - 6, UnitX, "middle");
        return canvas.Close();
    }
}
