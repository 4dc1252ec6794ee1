using System.Net;
using System.Text;
using DataPlatform.Web.Charts;

namespace DataPlatform.Web.Pages;

/// <summary>An HTML document that needs no other file: it can be mailed, archived, or opened from disk.</summary>
/// <remarks>Build it with the fluent methods, then <see cref="Render"/>. Not thread-safe.</remarks>
public sealed class ReportPage
{
    private readonly StringBuilder _body = new();

    /// <summary>The document's title and heading.</summary>
    public required string Title { get; init; }

    /// <summary>One line below the heading.</summary>
    public string Lead { get; init; } = string.Empty;

    /// <summary>Adds a row of figures.</summary>
    /// <param name="tiles">Value, caption and tone of each.</param>
    /// <returns>This page.</returns>
    public ReportPage Tiles(params IEnumerable<(string Value, string Caption, ChartTone? Tone)> tiles)
    {
        ArgumentNullException.ThrowIfNull(tiles);
        _body.Append(TilesOf(tiles));
        return this;
    }

    /// <summary>A row of figures as a part of a page.</summary>
    /// <param name="tiles">Value, caption and tone of each.</param>
    /// <returns>An HTML element.</returns>
    public static string TilesOf(params IEnumerable<(string Value, string Caption, ChartTone? Tone)> tiles)
    {
        ArgumentNullException.ThrowIfNull(tiles);
        var markup = new StringBuilder("<div class=\"tiles\">");
        foreach (var (value, caption, tone) in tiles)
        {
            markup.Append("<div class=\"tile").Append(tone is { } known ? " " + ClassOf(known) : string.Empty)
                .Append("\"><b>").Append(Escape(value)).Append("</b><span>").Append(Escape(caption)).Append("</span></div>");
        }

        return markup.Append("</div>").ToString();
    }

    /// <summary>Adds a section around markup that this library rendered.</summary>
    /// <param name="heading">Its heading.</param>
    /// <param name="markup">A chart or table as rendered; not escaped.</param>
    /// <param name="note">One line that says how to read it.</param>
    /// <returns>This page.</returns>
    public ReportPage Section(string heading, string markup, string note = "")
    {
        _body.Append("<section><h2>").Append(Escape(heading)).Append("</h2>");
        if (note.Length > 0)
        {
            _body.Append("<p class=\"note\">").Append(Escape(note)).Append("</p>");
        }

        _body.Append("<div class=\"scroll\">").Append(markup).Append("</div></section>\n");
        return this;
    }

    /// <summary>The document.</summary>
    public string Render()
        => $"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>{Escape(Title)}</title>
            <style>{DesignTokens.StyleSheet}</style></head>
            <body><main><h1>{Escape(Title)}</h1><p class="lead">{Escape(Lead)}</p>
            {_body}</main></body></html>

            """;

    internal static string ClassOf(ChartTone tone) => tone switch
    {
        ChartTone.Good => "good",
        ChartTone.Warn => "warn",
        ChartTone.Bad => "bad",
        _ => "wait",
    };

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}
