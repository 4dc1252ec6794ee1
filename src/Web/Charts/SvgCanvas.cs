using System.Globalization;
using System.Net;
using System.Text;

namespace DataPlatform.Web.Charts;

/// <summary>Writes SVG: every text escaped, every number the same in all cultures.</summary>
internal sealed class SvgCanvas
{
    private readonly StringBuilder _markup = new();

    /// <param name="width">Its width.</param>
    /// <param name="height">Its height.</param>
    /// <param name="label">What it shows.</param>
    /// <param name="hasLinks">Whether parts of it lead somewhere: a picture would hide them from those who do not see it.</param>
    public SvgCanvas(double width, double height, string label, bool hasLinks = false)
    {
        var role = hasLinks ? "group" : "img";
        _markup.Append(CultureInfo.InvariantCulture, $"<svg class=\"chart\" viewBox=\"0 0 {Number(width)} {Number(height)}\" role=\"{role}\" aria-label=\"{Escape(label)}\">");
    }

    public static string Number(double value) => Math.Round(value, 2).ToString(CultureInfo.InvariantCulture);

    public void Rectangle(double x, double y, double width, double height, string fill, string? tip = null, double radius = 0)
    {
        _markup.Append(CultureInfo.InvariantCulture, $"<rect x=\"{Number(x)}\" y=\"{Number(y)}\" width=\"{Number(width)}\" height=\"{Number(height)}\"");
        if (radius > 0)
        {
            _markup.Append(CultureInfo.InvariantCulture, $" rx=\"{Number(radius)}\"");
        }

        _markup.Append(CultureInfo.InvariantCulture, $" style=\"fill:{fill}\"");
        _markup.Append(tip is null ? "/>" : $"><title>{Escape(tip)}</title></rect>");
    }

    /// <summary>What is drawn from here on leads to an address; nothing for null.</summary>
    public void BeginLink(string? address, string label)
    {
        if (address is not null)
        {
            _markup.Append(CultureInfo.InvariantCulture, $"<a href=\"{Escape(address)}\" aria-label=\"{Escape(label)}\">");
        }
    }

    /// <summary>Ends what <see cref="BeginLink"/> began.</summary>
    public void EndLink(string? address) => _markup.Append(address is null ? string.Empty : "</a>");

    public void Line(double x1, double y1, double x2, double y2, string cssClass)
        => _markup.Append(CultureInfo.InvariantCulture, $"<line class=\"{cssClass}\" x1=\"{Number(x1)}\" y1=\"{Number(y1)}\" x2=\"{Number(x2)}\" y2=\"{Number(y2)}\"/>");

    public void Path(IEnumerable<(double X, double Y)> points, string stroke, string fill = "none", string? dash = null)
    {
        var dashes = dash is null ? string.Empty : $";stroke-dasharray:{dash}";
        _markup.Append(CultureInfo.InvariantCulture, $"<path style=\"stroke:{stroke};fill:{fill};stroke-width:1.8;stroke-linejoin:round{dashes}\" d=\"");
        AppendPoints(points);
        _markup.Append("\"/>");
    }

    /// <summary>A closed shape without an outline.</summary>
    public void Area(IEnumerable<(double X, double Y)> points, string fill)
    {
        _markup.Append(CultureInfo.InvariantCulture, $"<path style=\"fill:{fill}\" d=\"");
        AppendPoints(points);
        _markup.Append("Z\"/>");
    }

    /// <summary>A point to be noticed.</summary>
    public void Mark(double x, double y, string fill, string tip)
        => _markup.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{Number(x)}\" cy=\"{Number(y)}\" r=\"4.5\" style=\"fill:{fill};stroke:var(--card);stroke-width:1.5\"><title>{Escape(tip)}</title></circle>");


    public void Dot(double x, double y, string fill, string tip)
        => _markup.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{Number(x)}\" cy=\"{Number(y)}\" r=\"3\" style=\"fill:{fill};fill-opacity:0\"><title>{Escape(tip)}</title></circle>");

    public void Text(double x, double y, string text, string anchor = "start", string cssClass = "")
        => _markup.Append(CultureInfo.InvariantCulture, $"<text x=\"{Number(x)}\" y=\"{Number(y)}\" text-anchor=\"{anchor}\" class=\"{cssClass}\">{Escape(text)}</text>");

    public string Close() => _markup.Append("</svg>").ToString();

    private void AppendPoints(IEnumerable<(double X, double Y)> points)
    {
        var command = 'M';
        foreach (var (x, y) in points)
        {
            _markup.Append(CultureInfo.InvariantCulture, $"{command}{Number(x)} {Number(y)}");
            command = 'L';
        }
    }

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}
