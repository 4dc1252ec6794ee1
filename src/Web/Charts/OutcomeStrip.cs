using System.Globalization;
using System.Text;

namespace DataPlatform.Web.Charts;

/// <summary>What became of something time and again, oldest left, small enough to stand in a line of text.</summary>
/// <remarks>What went well is low and what did not is high, so that it can be read without colours.</remarks>
public sealed record OutcomeStrip
{
    private const int Step = 5;
    private const int Height = 18;

    /// <summary>What the strip says, in words: its tooltip, and what readers get who cannot see it.</summary>
    public required string Title { get; init; }

    /// <summary>The outcomes, oldest first.</summary>
    public required IReadOnlyList<ChartTone> Outcomes { get; init; }

    /// <summary>How many outcomes have room: a shorter strip stands at the right.</summary>
    public int Places { get; init; } = 30;

    /// <summary>Draws the strip.</summary>
    /// <returns>An SVG element.</returns>
    public string Render()
    {
        var shown = Outcomes.Skip(Math.Max(0, Outcomes.Count - Places)).ToList();
        var first = Places - shown.Count;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg class=\"strip\" width=\"{Places * Step}\" height=\"{Height}\" role=\"img\" aria-label=\"");
        svg.Append(System.Net.WebUtility.HtmlEncode(Title)).Append("\"><title>").Append(System.Net.WebUtility.HtmlEncode(Title)).Append("</title>");

        // One path for each outcome and not one mark for each run: a page has thousands of marks.
        foreach (var group in shown.Select((tone, i) => (Tone: tone, Place: first + i)).GroupBy(mark => mark.Tone))
        {
            var height = HeightOf(group.Key);
            svg.Append("<path class=\"").Append(Pages.ReportPage.ClassOf(group.Key)).Append("\" d=\"");
            foreach (var (_, place) in group)
            {
                svg.Append(CultureInfo.InvariantCulture, $"M{place * Step} {Height - height}h4v{height}h-4z");
            }

            svg.Append("\"/>");
        }

        return svg.Append("</svg>").ToString();
    }

    private static int HeightOf(ChartTone tone) => tone switch
    {
        ChartTone.Good => 7,
        ChartTone.Warn => 13,
        ChartTone.Bad => Height,
        _ => 3,
    };
}
