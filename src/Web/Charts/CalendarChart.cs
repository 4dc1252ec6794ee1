using System.Globalization;
using System.Net;
using System.Text;

namespace DataPlatform.Web.Charts;

/// <summary>A day of a <see cref="CalendarChart"/>.</summary>
/// <param name="Colour">Its colour, a CSS value.</param>
/// <param name="Tip">What its tooltip says after the date.</param>
/// <param name="Href">Where it leads; null for nowhere.</param>
public sealed record CalendarDay(string Colour, string Tip, string? Href = null);

/// <summary>A year by weeks and days of the week: Monday on top, a square for each day.</summary>
public sealed record CalendarChart
{
    private const int Cell = 15;
    private const int Left = 30;
    private const int Top = 18;

    private static readonly string[] Months = CultureInfo.InvariantCulture.DateTimeFormat.AbbreviatedMonthNames;

    /// <summary>What it shows, for readers who cannot see it.</summary>
    public required string Title { get; init; }

    /// <summary>The year, 1 to 9998.</summary>
    public required int Year { get; init; }

    /// <summary>Days that have something to show; the others are drawn empty.</summary>
    public required IReadOnlyDictionary<DateOnly, CalendarDay> Days { get; init; }

    /// <summary>Draws the year.</summary>
    /// <returns>An SVG element of its own size, so that days stay large enough to touch.</returns>
    public string Render()
    {
        var first = new DateOnly(Year, 1, 1);
        var weeks = WeekOf(new DateOnly(Year, 12, 31)) + 1;
        var (width, height) = (Left + (weeks * Cell) + 4, Top + (7 * Cell) + 4);
        var svg = new StringBuilder();
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<svg class=\"calendar\" role=\"img\" aria-label=\"{Escape(Title)}\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">");
        foreach (var (name, row) in (IReadOnlyList<(string, int)>)[("Mon", 0), ("Wed", 2), ("Fri", 4), ("Sun", 6)])
        {
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"0\" y=\"{Top + (row * Cell) + 11}\">{name}</text>");
        }

        for (var month = 1; month <= 12; month++)
        {
            var x = Left + (WeekOf(new DateOnly(Year, month, 1)) * Cell);
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x}\" y=\"11\">{Months[month - 1]}</text>");
        }

        for (var day = first; day.Year == Year; day = day.AddDays(1))
        {
            AppendDay(svg, day);
        }

        return svg.Append("</svg>").ToString();
    }

    private void AppendDay(StringBuilder svg, DateOnly day)
    {
        var known = Days.GetValueOrDefault(day);
        var (x, y) = (Left + (WeekOf(day) * Cell), Top + (RowOf(day) * Cell));
        svg.Append(known?.Href is { } href ? $"<a href=\"{Escape(href)}\">" : string.Empty);
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<rect data-day=\"{day:yyyy-MM-dd}\" x=\"{x}\" y=\"{y}\" width=\"{Cell - 2}\" height=\"{Cell - 2}\" rx=\"3\" style=\"fill:{Escape(known?.Colour ?? "var(--empty)")}\"><title>{day:yyyy-MM-dd}: {Escape(known?.Tip ?? "nothing")}</title></rect>");
        svg.Append(known?.Href is null ? string.Empty : "</a>");
    }

    private int WeekOf(DateOnly day) => (day.DayOfYear - 1 + RowOf(new DateOnly(Year, 1, 1))) / 7;

    private static int RowOf(DateOnly day) => ((int)day.DayOfWeek + 6) % 7;

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}
