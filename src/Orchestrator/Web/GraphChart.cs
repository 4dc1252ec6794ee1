using System.Globalization;
using System.Net;
using System.Text;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Web;

/// <summary>The DAG from left to right, tasks in the colour of their state in the newest run.</summary>
internal static class GraphChart
{
    private const int Width = 150;
    private const int Height = 30;
    private const int GapX = 60;
    private const int GapY = 14;

    public static string Render(Dag dag, IReadOnlyDictionary<string, TaskState> states)
    {
        var layout = GraphLayout.Of(dag);
        var tallest = layout.Max(at => at.Place) + 1;
        var width = ((layout.Max(at => at.Layer) + 1) * (Width + GapX)) - GapX + 4;
        var height = (tallest * (Height + GapY)) - GapY + 4;
        var counts = layout.GroupBy(at => at.Layer).ToDictionary(group => group.Key, group => group.Count());
        var at = layout.Select(
            spot => (X: 2 + (spot.Layer * (Width + GapX)), Y: 2 + ((tallest - counts[spot.Layer]) * (Height + GapY) / 2) + (
                spot.Place * (Height + GapY)))).ToArray();
        var svg = new StringBuilder(string.Create(
            CultureInfo.InvariantCulture,
                $"<svg class=\"graph\" role=\"img\" aria-label=\"graph of {WebUtility.HtmlEncode(dag.Id)}\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">"));
        foreach (var task in dag.Tasks)
        {
            foreach (var next in task.DownstreamNumbers)
            {
                var (x1, y1, x2, y2) = (at[task.Number].X + Width, at[task.Number].Y + (Height / 2), at[next].X, at[next].Y + (Height / 2));
                var bend = (x2 - x1) / 2;
                svg.Append(CultureInfo.InvariantCulture,
                    $"<path class=\"edge\" d=\"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}\"/>");
            }
        }

        foreach (var task in dag.Tasks)
        {
            var state = states.GetValueOrDefault(task.Id);
            var (x, y) = at[task.Number];
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<g><title>{WebUtility.HtmlEncode(task.Id)}: {state}, rule {task.Rule}</title><rect class=\"node\" x=\"{x}\" y=\"{y}\" width=\"{Width}\" height=\"{Height}\" rx=\"7\"/><rect x=\"{x}\" y=\"{y}\" width=\"6\" height=\"{Height}\" rx=\"3\" fill=\"{StateRollup.Colour(state)}\"/><text x=\"{x + 14}\" y=\"{y + 19}\">{WebUtility.HtmlEncode(Short(task))}</text></g>");
        }

        return svg.Append("</svg>").ToString();
    }

    private static string Short(DagTask task)
    {
        var id = task.Map is null ? task.Id : task.Id + " []";
        return id.Length <= 19 ? id : id[..18] + "…";
    }
}
