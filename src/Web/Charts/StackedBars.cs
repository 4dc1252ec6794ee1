namespace DataPlatform.Web.Charts;

/// <summary>Amounts that add up, one bar for each time or class.</summary>
public sealed record StackedBars
{
    private const double Width = 760;
    private const double Height = 190;
    private const double Left = 58;
    private const double Bottom = 26;
    private const double Top = 24;
    private const double LabelWidth = 46;

    /// <summary>What the chart shows, for readers who cannot see it.</summary>
    public required string Title { get; init; }

    /// <summary>What is counted.</summary>
    public required string Unit { get; init; }

    /// <summary>Names and colours of the parts, from the bottom up; colours are CSS values.</summary>
    public required IReadOnlyList<(string Name, string Colour)> Parts { get; init; }

    /// <summary>The bars, left to right.</summary>
    public required IReadOnlyList<StackedBar> Bars { get; init; }

    /// <summary>Draws the chart.</summary>
    /// <returns>An SVG element.</returns>
    public string Render()
    {
        var canvas = new SvgCanvas(Width, Height, Title);
        var y = new AxisScale(0, Math.Max(1, Bars.Select(bar => bar.Values.Sum()).DefaultIfEmpty().Max()), Height - Bottom, Top);
        foreach (var tick in y.Ticks(4))
        {
            canvas.Line(Left, y.Place(tick), Width - 6, y.Place(tick), "grid");
            canvas.Text(Left - 6, y.Place(tick) + 4, AxisScale.Label(tick), "end");
        }

        var step = (Width - Left - 6) / Math.Max(1, Bars.Count);
        var labelEvery = (int)Math.Max(1, Math.Ceiling(LabelWidth / step));
        for (var i = 0; i < Bars.Count; i++)
        {
            DrawBar(canvas, Bars[i], Left + (i * step), Math.Min(step, 60), y);
            if (i % labelEvery == 0)
            {
                canvas.Text(Left + ((i + 0.5) * Math.Min(step, 60)) + (i * Math.Max(0, step - 60)), Height - 8, Bars[i].Label, "middle");
            }
        }

        canvas.Text(4, 12, Unit);
        DrawLegend(canvas);
        return canvas.Close();
    }

    private void DrawBar(SvgCanvas canvas, StackedBar bar, double left, double width, AxisScale y)
    {
        var sum = 0.0;
        for (var part = 0; part < bar.Values.Count; part++)
        {
            var from = sum;
            sum += bar.Values[part];
            if (bar.Values[part] > 0)
            {
                var top = y.Place(sum);
                canvas.Rectangle(
                    left + 1, top, Math.Max(1, width - 2), Math.Max(1, y.Place(from) - top), Parts[part].Colour,
                    $"{bar.Label}: {bar.Values[part]:N0} {Parts[part].Name}. {bar.Tip}", 1);
            }
        }
    }

    private void DrawLegend(SvgCanvas canvas)
    {
        var x = Left + 60;
        foreach (var (name, colour) in Parts)
        {
            canvas.Rectangle(x, 4, 10, 10, colour, radius: 2);
            canvas.Text(x + 14, 13, name);
            x += 30 + (name.Length * 6.4);
        }
    }
}
