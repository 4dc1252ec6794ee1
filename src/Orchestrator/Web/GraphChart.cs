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
        var counts = Enumerable.Range(0, layout.Layers).Select(layout.CountIn).ToArray();
        var tallest = layout.Tallest;
        var width = (layout.Layers * (Width + GapX)) - GapX + 4;
        var height = (tallest * (Height + GapY)) - GapY + 4;
        var svg = new StringBuilder(string.Create(
            CultureInfo.InvariantCulture,
                $"<svg class=\"graph\" role=\"img\" aria-label=\"graph of {WebUtility.HtmlEncode(dag.Id)}\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">"));
        foreach (var task in dag.Tasks)
        {
            foreach (var next in task.DownstreamNumbers)
            {
                svg.Append(Edge([task.Number, .. layout.Bends(task.Number, next), next]));
            }
        }

        foreach (var task in dag.Tasks)
        {
            var state = states.GetValueOrDefault(task.Id);
            var (x, y) = At(task.Number);
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<g><title>{WebUtility.HtmlEncode(task.Id)}: {state}, rule {task.Rule}</title><rect class=\"node\" x=\"{x}\" y=\"{y}\" width=\"{Width}\" height=\"{Height}\" rx=\"7\"/><rect x=\"{x}\" y=\"{y}\" width=\"6\" height=\"{Height}\" rx=\"3\" fill=\"{StateRollup.Colour(state)}\"/><text x=\"{x + 14}\" y=\"{y + 19}\">{WebUtility.HtmlEncode(Short(task))}</text></g>");
        }

        return svg.Append("</svg>").ToString();

        (int X, int Y) At(int vertex)
        {
            var (layer, place) = layout[vertex];
            return (2 + (layer * (Width + GapX)), 2 + ((tallest - counts[layer]) * (Height + GapY) / 2) + (place * (Height + GapY)));
        }

        // Between its ends an edge crosses a layer straight, as wide as a task, and bends only in the gaps.
        string Edge(int[] vertices)
        {
            var path = new StringBuilder();
            for (var i = 0; i + 1 < vertices.Length; i++)
            {
                var (from, to) = (At(vertices[i]), At(vertices[i + 1]));
                var (x1, y1, x2, y2) = (from.X + Width, from.Y + (Height / 2), to.X, to.Y + (Height / 2));
                path.Append(CultureInfo.InvariantCulture,
                    $"{(i == 0 ? "M" : "L")}{x1} {y1}C{x1 + (GapX / 2)} {y1} {x2 - (GapX / 2)} {y2} {x2} {y2}");
            }

            return $"<path class=\"edge\" d=\"{path}\"/>";
        }
    }

    private static string Short(DagTask task)
    {
        var id = task.Map is null ? task.Id : task.Id + " []";
        return id.Length <= 19 ? id : id[..18] + "…";
    }
}
