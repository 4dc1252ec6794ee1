using System.Globalization;
using System.Net;
using System.Text;
using DataPlatform.Quality.Profiles;

namespace DataPlatform.Quality.Web;

/// <summary>A histogram small enough for a card.</summary>
internal static class MiniHistogram
{
    private const int Width = 300;
    private const int Height = 56;

    public static string Render(IReadOnlyList<HistogramBin> bins, Func<double, string> text)
    {
        var highest = Math.Max(1, bins.Select(bin => bin.Count).DefaultIfEmpty().Max());
        var step = (double)Width / Math.Max(1, bins.Count);
        var svg = new StringBuilder($"<svg class=\"chart\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"histogram\" preserveAspectRatio=\"none\" style=\"height:{Height}px\">");
        for (var i = 0; i < bins.Count; i++)
        {
            var height = bins[i].Count == 0 ? 0 : Math.Max(1.5, (double)bins[i].Count / highest * (Height - 2));
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<rect x=\"{(i * step) + 0.5:0.##}\" y=\"{Height - height:0.##}\" width=\"{Math.Max(1, step - 1):0.##}\" height=\"{height:0.##}\" style=\"fill:var(--accent);opacity:.75\"><title>{WebUtility.HtmlEncode($"{text(bins[i].From)} to {text(bins[i].To)}: {OutcomeLooks.Count(bins[i].Count)}")}</title></rect>");
        }

        return svg.Append("</svg>").ToString();
    }
}
