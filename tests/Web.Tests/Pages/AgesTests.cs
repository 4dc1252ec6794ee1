using DataPlatform.Web.Charts;
using DataPlatform.Web.Pages;

namespace DataPlatform.Web.Tests.Pages;

public sealed class AgesTests
{
    [Theory]
    [InlineData(0, "0 s")]
    [InlineData(0.4234, "0.42 s")]
    [InlineData(37, "37 s")]
    [InlineData(312, "5 min 12 s")]
    [InlineData(11_100, "3 h 5 min")]
    [InlineData(1_051_200, "12 d 4 h")]
    [InlineData(-5, "0 s")]
    public void A_length_is_said_with_the_two_largest_units(double seconds, string text) => Assert.Equal(text, Ages.Of(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void A_distance_is_ago_or_ahead()
    {
        var now = DateTimeOffset.UnixEpoch;

        Assert.Equal("5 min 0 s ago", Ages.Of(now.AddMinutes(-5), now));
        Assert.Equal("in 5 min 0 s", Ages.Of(now.AddMinutes(5), now));
    }

    [Fact]
    public void A_calendar_has_every_day_of_a_leap_year_once_in_its_week()
    {
        var svg = new CalendarChart
        {
            Title = "t",
            Year = 2024,
            Days = new Dictionary<DateOnly, CalendarDay> { [new(2024, 2, 29)] = new("var(--bad)", "1 failed", "runs?day=2024-02-29") },
        }.Render();

        var days = System.Xml.Linq.XDocument.Parse(svg).Descendants("rect").ToList();
        Assert.Equal(366, days.Select(day => day.Attribute("data-day")!.Value).Distinct().Count());
        Assert.Equal(366, days.Select(day => (day.Attribute("x")!.Value, day.Attribute("y")!.Value)).Distinct().Count());
        var leap = days.Single(day => day.Attribute("data-day")!.Value == "2024-02-29");
        Assert.Equal(("18", "runs?day=2024-02-29"), (days.Single(day => day.Attribute("data-day")!.Value == "2024-01-01").Attribute("y")!.Value, leap.Parent!.Attribute("href")!.Value));
        Assert.Equal(18 + (3 * 15), int.Parse(leap.Attribute("y")!.Value, System.Globalization.CultureInfo.InvariantCulture));
    }
}
