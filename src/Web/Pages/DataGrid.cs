using System.Net;
using System.Text;
using DataPlatform.Web.Charts;

namespace DataPlatform.Web.Pages;

/// <summary>A cell of a <see cref="DataGrid"/>.</summary>
/// <param name="Text">What it says.</param>
/// <param name="Tone">Draws it as a badge of that tone.</param>
public readonly record struct GridCell(string Text, ChartTone? Tone = null)
{
    /// <summary>A plain cell.</summary>
    public static implicit operator GridCell(string text) => new(text);

    /// <summary>A plain cell.</summary>
    public static GridCell FromString(string text) => new(text);
}

/// <summary>A table of rows. Columns whose heading starts with <c>#</c> are numbers and align right.</summary>
public sealed record DataGrid
{
    /// <summary>The headings.</summary>
    public required IReadOnlyList<string> Headings { get; init; }

    /// <summary>The rows, each with as many cells as there are headings.</summary>
    public required IReadOnlyList<IReadOnlyList<GridCell>> Rows { get; init; }

    /// <summary>Draws the table.</summary>
    /// <returns>An HTML table element.</returns>
    public string Render()
    {
        var markup = new StringBuilder("<table><thead><tr>");
        foreach (var heading in Headings)
        {
            markup.Append(IsNumber(heading) ? "<th class=\"num\">" : "<th>").Append(Escape(heading.TrimStart('#'))).Append("</th>");
        }

        markup.Append("</tr></thead><tbody>");
        foreach (var row in Rows)
        {
            markup.Append("<tr>");
            for (var i = 0; i < row.Count; i++)
            {
                AppendCell(markup, row[i], IsNumber(Headings[i]));
            }

            markup.Append("</tr>");
        }

        return markup.Append("</tbody></table>").ToString();
    }

    private static void AppendCell(StringBuilder markup, GridCell cell, bool number)
    {
        markup.Append(number ? "<td class=\"num\">" : "<td>");
        if (cell.Tone is { } tone)
        {
            markup.Append("<span class=\"badge ").Append(ReportPage.ClassOf(tone)).Append("\">").Append(Escape(cell.Text)).Append("</span>");
        }
        else
        {
            markup.Append(Escape(cell.Text));
        }

        markup.Append("</td>");
    }

    private static bool IsNumber(string heading) => heading.StartsWith('#');

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}
