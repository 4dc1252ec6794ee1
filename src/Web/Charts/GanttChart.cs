using System.Globalization;

namespace DataPlatform.Web.Charts;

/// <summary>The tone of a mark: it picks the colour.</summary>
public enum ChartTone
{
    /// <summary>Went well.</summary>
    Good,

    /// <summary>Needs a look.</summary>
    Warn,

    /// <summary>Failed.</summary>
    Bad,

    /// <summary>Waited or did not run.</summary>
    Wait,
}

/// <summary>One bar: what ran from when to when, after waiting since when.</summary>
/// <param name="Label">The row's label.</param>
/// <param name="QueuedSeconds">When it began to wait, seconds on the chart's axis.</param>
/// <param name="StartSeconds">When it began to run.</param>
/// <param name="EndSeconds">When it ended.</param>
/// <param name="Tone">How it ended.</param>
/// <param name="Detail">What the tooltip adds.</param>
public sealed record GanttBar(string Label, double QueuedSeconds, double StartSeconds, double EndSeconds, ChartTone Tone, string Detail = "");

/// <summary>What ran when: one row per bar, waiting drawn thin.</summary>
public sealed record GanttChart
{
    private const double Width = 760;
    private const double Left = 150;
    private const double RowHeight = 20;
    private const double BarWidthMin = 2;

    /// <summary>What the chart shows, for readers who cannot see it.</summary>
    public required string Title { get; init; }

    /// <summary>The bars, top to bottom.</summary>
    public required IReadOnlyList<GanttBar> Bars { get; init; }

    /// <summary>Draws the chart.</summary>
    /// <returns>An SVG element.</returns>
    public string Render()
    {
        var height = 12 + (Bars.Count * RowHeight) + 30;
        var canvas = new SvgCanvas(Width, height, Title);
        var x = new AxisScale(
            Bars.Select(bar => bar.QueuedSeconds).DefaultIfEmpty(0).Min(), Bars.Select(bar => bar.EndSeconds).DefaultIfEmpty(1).Max(), Left, Width - 20);
        foreach (var tick in x.Ticks(8))
        {
            canvas.Line(x.Place(tick), 8, x.Place(tick), height - 26, "grid");
            canvas.Text(x.Place(tick), height - 10, AxisScale.Label(tick) + " s", "middle");
        }

        for (var row = 0; row < Bars.Count; row++)
        {
            DrawBar(canvas, Bars[row], 10 + (row * RowHeight), x);
        }

        return canvas.Close();
    }

    private static void DrawBar(SvgCanvas canvas, GanttBar bar, double y, AxisScale x)
    {
        var start = x.Place(bar.StartSeconds);
        var queued = x.Place(bar.QueuedSeconds);
        canvas.Text(Left - 8, y + 12, bar.Label, "end", "strong");
        canvas.Rectangle(queued, y + 6, Math.Max(0, start - queued), 3, "var(--wait)");
        canvas.Rectangle(
            start, y, Math.Max(BarWidthMin, x.Place(bar.EndSeconds) - start), RowHeight - 6, $"var(--{Name(bar.Tone)})",
            string.Create(
                CultureInfo.InvariantCulture,
                $"{bar.Label}: waited {bar.StartSeconds - bar.QueuedSeconds:0.00} s, ran {bar.EndSeconds - bar.StartSeconds:0.00} s. {bar.Detail}"),
            2);
    }

    private static string Name(ChartTone tone) => tone switch
    {
        ChartTone.Good => "good",
        ChartTone.Warn => "warn",
        ChartTone.Bad => "bad",
        _ => "wait",
    };
}
