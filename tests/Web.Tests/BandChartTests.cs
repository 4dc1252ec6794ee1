using DataPlatform.Web.Charts;

namespace DataPlatform.Web.Tests;

public sealed class BandChartTests
{
    private static readonly DateTimeOffset Start = new(2001, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Band_is_drawn_for_each_run_of_points_that_have_one_and_marks_carry_their_tips()
    {
        var svg = Render((10, null, null), (10, 8, 12), (11, 8, 12), (50, null, null), (10, 8, 12), (10, 8, double.PositiveInfinity));

        Assert.Equal(2, svg.Split("Z\"/>").Length - 1);
        Assert.Equal(1, svg.Split("var(--bad)").Length - 1);
        Assert.Contains("<title>&lt;b&gt;</title>", svg, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", svg, StringComparison.Ordinal);
        Assert.DoesNotContain("Infinity", svg, StringComparison.Ordinal);
    }

    [Fact]
    public void A_band_far_wider_than_the_values_does_not_press_them_flat()
    {
        var narrow = Heights(Render((10, 9, 11), (12, 9, 11), (10, 9, 11)));
        var wide = Heights(Render((10, -5000, 5000), (12, -5000, 5000), (10, -5000, 5000)));

        Assert.True(wide > narrow / 4, $"{wide} of {narrow} pixels are left");
    }

    [Fact]
    public void A_series_of_one_point_or_of_none_is_drawn_too()
    {
        Assert.Contains("no data", new BandChart { Title = "t", Unit = "u", Points = [] }.Render(), StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", Render((double.NaN, null, null)), StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", Render((5, 5, 5)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_strip_draws_one_path_for_each_outcome_and_keeps_the_newest()
    {
        var strip = new OutcomeStrip { Title = "<40 runs>", Outcomes = [.. Enumerable.Repeat(ChartTone.Bad, 10), .. Enumerable.Repeat(ChartTone.Good, 29), ChartTone.Warn] }.Render();

        Assert.Equal(2, strip.Split("<path").Length - 1);
        Assert.Contains("class=\"warn\" d=\"M145 ", strip, StringComparison.Ordinal);
        Assert.DoesNotContain("<40", strip, StringComparison.Ordinal);
    }

    [Fact]
    public void Bars_stack_their_parts_and_leave_out_what_is_nothing()
    {
        var svg = new StackedBars { Title = "t", Unit = "u", Parts = [("a", "var(--good)"), ("b", "var(--bad)")], Bars = [new("x", [3, 0]), new("y", [1, 2])] }.Render();

        Assert.Equal(1 + 2, svg.Split("var(--good)").Length - 1);
        Assert.Equal(1 + 1, svg.Split("var(--bad)").Length - 1);
    }

    private static string Render(params (double Value, double? Lower, double? Upper)[] points) => new BandChart
    {
        Title = "t",
        Unit = "u",
        Points = [.. points.Select((p, i) => new BandPoint(Start.AddDays(i), p.Value, 10, p.Lower, p.Upper, p.Value == 50 ? ChartTone.Bad : null, "<b>"))],
    }.Render();

    /// <summary>Pixels between the highest and the lowest value.</summary>
    private static double Heights(string svg)
    {
        var places = svg.Split(" cy=\"").Skip(1).Select(part => double.Parse(part[..part.IndexOf('"', StringComparison.Ordinal)], System.Globalization.CultureInfo.InvariantCulture)).ToList();
        return places.Max() - places.Min();
    }
}
