using System.Globalization;
using System.Xml.Linq;
using DataPlatform.Web.Charts;
using DataPlatform.Web.Pages;

namespace DataPlatform.Web.Tests;

public sealed class ChartTests
{
    public static TheoryData<string, string> Charts => new()
    {
        { "line", new LineChart { Title = "T", Unit = "1/s", Series = [new("a", [new(0, 1), new(1, 5)]), new("b", [new(0, -2), new(1, 3)])] }.Render() },
        { "line without points", new LineChart { Title = "T", Unit = "1/s", Series = [] }.Render() },
        { "line of one value", new LineChart { Title = "T", Unit = "1/s", Series = [new("a", [new(3, 7)])] }.Render() },
        { "histogram", new Histogram { Title = "T", Unit = "flights", Bars = [new("0", 3), new("5", 0, Emphasis: true)] }.Render() },
        { "heat map", new HeatMap { Title = "T", Unit = "min", Rows = ["ORD"], Columns = ["0", "1"], Values = [[1, null]], Bounds = [0, 5, 10, 15, 30, 60] }.Render() },
        { "gantt", new GanttChart { Title = "T", Bars = [new("gate", 0, 1, 2, ChartTone.Good), new("mart", 2, 2, 2, ChartTone.Bad)] }.Render() },
    };

    [Theory]
    [MemberData(nameof(Charts))]
    public void A_chart_is_well_formed_and_has_no_number_a_browser_would_refuse(string name, string svg)
    {
        Assert.True(name.Length > 0);
        var root = XElement.Parse(svg);

        Assert.Equal("svg", root.Name.LocalName);
        Assert.DoesNotContain(root.DescendantsAndSelf().Attributes(), attribute => attribute.Value.Contains("NaN", StringComparison.Ordinal) || attribute.Value.Contains('∞', StringComparison.Ordinal));
    }

    [Fact]
    public void A_text_from_data_cannot_become_markup()
    {
        var svg = new GanttChart { Title = "<b>", Bars = [new("<script>alert(1)</script>", 0, 0, 1, ChartTone.Good, "\"x\"")] }.Render();
        var page = new ReportPage { Title = "</title><script>" }.Section("<i>", new DataGrid { Headings = ["<h>"], Rows = [["<td>"]] }.Render()).Render();

        Assert.DoesNotContain("<script", svg, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;td&gt;", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_are_written_with_a_point_in_every_culture()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo(string.Empty) { NumberFormat = { NumberDecimalSeparator = "," } };
            var svg = new LineChart { Title = "T", Unit = "u", Series = [new("a", [new(0, 0.5), new(1, 1.25)])] }.Render();

            Assert.DoesNotMatch(@"(x|y|width|height|cx|cy)=""\d+,\d", svg);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void A_heat_map_colours_by_the_bounds_given()
    {
        var svg = new HeatMap { Title = "T", Unit = "min", Rows = ["r"], Columns = ["a", "b", "c"], Values = [[-1, 5, 99]], Bounds = [0, 5, 10, 15, 30, 60] }.Render();

        Assert.Equal(["--seq-0", "--seq-2", "--seq-6"], XElement.Parse(svg).Elements("rect").Take(3).Select(rect => rect.Attribute("style")!.Value["fill:var(".Length..^1]));
    }
}
