using System.Globalization;
using System.Net;
using System.Text;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Web;

/// <summary>Runs across, tasks down, a square for each state. Tasks of one state in one run share a path, so 5,000 tasks are a few paths a
/// run.</summary>
internal static class GridChart
{
    private const int Cell = 16;
    private const int LabelWidth = 190;
    private const int Top = 22;
    private const int LabelsMax = 400;

    public static string Render(Dag dag, IReadOnlyList<DagRun> runs, IReadOnlyDictionary<long, IReadOnlyList<TaskInstance>> tasks)
    {
        var height = Top + (dag.Tasks.Count * Cell) + 4;
        var width = LabelWidth + (runs.Count * Cell) + 4;
        var svg = new StringBuilder(string.Create(
            CultureInfo.InvariantCulture,
                $"<svg class=\"grid\" role=\"img\" aria-label=\"tasks by run\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">"));
        for (var row = 0; row < Math.Min(dag.Tasks.Count, LabelsMax); row++)
        {
            var label = WebUtility.HtmlEncode(Short(dag.Tasks[row].Id));
            svg.Append(CultureInfo.InvariantCulture,
                $"<text x=\"{LabelWidth - 8}\" y=\"{Top + (row * Cell) + 12}\" text-anchor=\"end\">{label}</text>");
        }

        for (var column = 0; column < runs.Count; column++)
        {
            AddRun(svg, dag, runs[column], StateRollup.ByTask(tasks[runs[column].Id]), LabelWidth + (column * Cell));
        }

        return svg.Append("</svg>").ToString();
    }

    private static void AddRun(StringBuilder svg, Dag dag, DagRun run, Dictionary<string, TaskState> states, int x)
    {
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<a href=\"../run/{run.Id}\"><title>run {run.Id} {run.LogicalDate:u} {run.State}</title><rect x=\"{x + 1}\" y=\"2\" width=\"{Cell - 3}\" height=\"{Cell - 2}\" rx=\"6\" fill=\"{StateRollup.Colour(run.State)}\"/>");
        foreach (var group in dag.Tasks.GroupBy(task => StateRollup.Colour(states.GetValueOrDefault(task.Id))))
        {
            svg.Append("<path fill=\"").Append(group.Key).Append("\" d=\"");
            foreach (var task in group)
            {
                svg.Append(CultureInfo.InvariantCulture, $"M{x + 1} {Top + (task.Number * Cell) + 1}h{Cell - 3}v{Cell - 3}h-{Cell - 3}z");
            }

            svg.Append("\"/>");
        }

        svg.Append("</a>");
    }

    private static string Short(string id) => id.Length <= 26 ? id : id[..25] + "…";
}
