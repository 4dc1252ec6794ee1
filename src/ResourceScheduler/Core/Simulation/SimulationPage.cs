using System.Globalization;
using System.Net;
using System.Text;

namespace DataPlatform.ResourceScheduler.Simulation;

/// <summary>A self-contained page: figures, the course of the cluster and of its queues as charts, a table of queues.</summary>
internal static class SimulationPage
{
    private const int Width = 860;
    private const int Height = 220;
    private const int Left = 52;
    private const int QueuesMax = 8;
    private const int UsersMax = 20;
    private const long MillisecondsPerHour = 3_600_000;
    private static readonly string[] Colours = ["#2563eb", "#d97706", "#059669", "#dc2626", "#7c3aed", "#0891b2", "#65a30d", "#be185d"];

    public static string Render(SimulationReport report, string title)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $$"""
            <!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{{Text(title)}}</title>
            <style>:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:920px;margin:2rem auto;padding:0 1rem}h1{font-size:1.5rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}
            dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(130px,1fr));gap:.75rem}dl div{border:1px solid #8884;border-radius:8px;padding:.5rem .75rem}dt{font-size:.8rem;opacity:.75}dd{margin:0;font-size:1.2rem;font-variant-numeric:tabular-nums}
            svg{width:100%;height:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}th,td{text-align:right;padding:.25rem .5rem;border-bottom:1px solid #8883}th:first-child,td:first-child{text-align:left}.wrap{overflow-x:auto}</style></head><body>
            <h1>{{Text(title)}}</h1><dl>
            """);
        Figures(page, report);
        page.Append("</dl><h2>Utilisation of the scarcest resource</h2>");
        Chart(page, report, [("used", [.. report.Samples.Select(sample => sample.Utilisation)])], 1,
            value => value.ToString("P0", CultureInfo.InvariantCulture));
        page.Append("<h2>Containers running and waiting</h2>");
        var top = report.Samples.Select(sample => Math.Max(sample.Running, sample.Pending)).DefaultIfEmpty(1).Max();
        Chart(page, report, [("running", [.. report.Samples.Select(sample => (double)sample.Running)]), ("waiting",
            [.. report.Samples.Select(sample => (double)sample.Pending)])],
            Math.Max(1, top), value => value.ToString("N0", CultureInfo.InvariantCulture));
        page.Append("<h2>What the largest queues hold of the cluster</h2>");
        Chart(page, report, Leaves(report), 1, value => value.ToString("P0", CultureInfo.InvariantCulture));
        Queues(page, report);
        Users(page, report);
        Scaling(page, report);
        return page.Append("</body></html>").ToString();
    }

    private static void Figures(StringBuilder page, SimulationReport report)
    {
        void Figure(string name, FormattableString value)
            => page.Append(CultureInfo.InvariantCulture,
                $"<div><dt>{name}</dt><dd>{Text(value.ToString(CultureInfo.InvariantCulture))}</dd></div>");
        Figure("jobs finished", $"{report.Finished:N0} of {report.Jobs:N0}");
        Figure("containers", $"{report.Placed:N0}");
        Figure("nodes", $"{report.Nodes:N0}");
        Figure("virtual time", $"{TimeSpan.FromMilliseconds(report.EndMs):d\\.hh\\:mm\\:ss}");
        Figure("utilisation", $"{report.Utilisation:P1}");
        Figure("wait p50 / p95", $"{report.WaitSeconds.P50:N1} / {report.WaitSeconds.P95:N1} s");
        Figure("slowdown p50 / p95", $"{report.Slowdown.P50:N2} / {report.Slowdown.P95:N2}");
        Figure("preempted", $"{report.Preempted:N0}");
    }

    private static (string Name, double[] Values)[] Leaves(SimulationReport report)
        => [.. report.Samples.SelectMany(sample => sample.LeafShares.Keys).Distinct()
            .Select(path => (Name: path, Values: report.Samples.Select(sample => sample.LeafShares.GetValueOrDefault(path)).ToArray()))
            .OrderByDescending(leaf => leaf.Values.Sum()).Take(QueuesMax)];

    private static void Chart(StringBuilder page, SimulationReport report, (string Name, double[] Values)[] lines, double top, Func<double,
        string> label)
    {
        page.Append(CultureInfo.InvariantCulture,
            $"<svg viewBox=\"0 0 {Width} {Height + 62}\" role=\"img\" font-size=\"12\" fill=\"currentColor\">");
        for (var i = 0; i <= 4; i++)
        {
            var y = 8 + Height - (Height * i / 4);
            page.Append(CultureInfo.InvariantCulture,
                $"<line x1=\"{Left}\" x2=\"{Width}\" y1=\"{y}\" y2=\"{y}\" stroke=\"currentColor\" stroke-opacity=\".15\"/><text x=\"{Left - 6}\" y=\"{y + 4}\" text-anchor=\"end\">{label(top * i / 4)}</text>");
        }

        var (unit, unitMs) = report.EndMs >= 2 * MillisecondsPerHour ? ("h", MillisecondsPerHour) : ("min", MillisecondsPerHour / 60);
        for (var i = 0; i <= 4; i++)
        {
            var anchor = i switch { 0 => "start", 4 => "end", _ => "middle" };
            page.Append(CultureInfo.InvariantCulture,
                $"<text x=\"{Left + ((Width - Left) * i / 4)}\" y=\"{Height + 24}\" text-anchor=\"{anchor}\" opacity=\".75\">{report.EndMs * i / 4.0 / unitMs:0.#} {unit}</text>");
        }

        for (var line = 0; line < lines.Length; line++)
        {
            var points = string.Join(' ', lines[line].Values.Select((value, i) => string.Create(CultureInfo.InvariantCulture,
                $"{Left + ((Width - Left) * report.Samples[i].TimeMs / (double)Math.Max(1, report.EndMs)):0.#},{8 + Height - (Height * Math.Min(1, value / top)):0.#}")));
            page.Append(CultureInfo.InvariantCulture,
                $"<polyline fill=\"none\" stroke=\"{Colours[line % Colours.Length]}\" stroke-width=\"1.6\" points=\"{points}\"/>");
            var x = Left + (line % 4 * 200);
            page.Append(CultureInfo.InvariantCulture,
                $"<text x=\"{x}\" y=\"{Height + 43 + (line / 4 * 15)}\" style=\"fill:{Colours[line % Colours.Length]}\">● {Text(lines[line].Name)}</text>");
        }

        page.Append("</svg>");
    }

    private static void Queues(StringBuilder page, SimulationReport report)
    {
        page.Append("<h2>Queues</h2><div class=\"wrap\"><table><tr><th>queue<th>containers<th>mean wait<th>longest wait<th>used, share x h<th>short of its share, share x h</tr>");
        foreach (var queue in report.Queues)
        {
            page.Append(CultureInfo.InvariantCulture,
                $"<tr><td>{Text(queue.Path)}<td>{queue.Waits.Count:N0}<td>{queue.Waits.Mean.TotalSeconds:N1} s<td>{queue.Waits.Max.TotalSeconds:N1} s<td>{queue.UsedShareSeconds / 3600:N2}<td>{queue.DeficitShareSeconds / 3600:N2}</tr>");
        }

        page.Append("</table></div>");
    }

    /// <summary>The users who were short of most.</summary>
    private static void Users(StringBuilder page, SimulationReport report)
    {
        var users = report.Users.Where(user => user.DeficitShareSeconds > 0).OrderByDescending(user
            => user.DeficitShareSeconds).Take(UsersMax).ToArray();
        if (users.Length == 0)
        {
            return;
        }

        page.Append("<h2>Users who were short of their share</h2><div class=\"wrap\"><table><tr><th>user<th>queue<th>short, share x h<th>beyond, share x h<th>waited</tr>");
        foreach (var user in users)
        {
            page.Append(CultureInfo.InvariantCulture,
                $"<tr><td>{Text(user.User)}<td>{Text(user.Queue)}<td>{user.DeficitShareSeconds / 3600:N3}<td>{user.SurplusShareSeconds / 3600:N3}<td>{user.WaitingSeconds:N0} s</tr>");
        }

        page.Append("</table></div>");
    }

    private static void Scaling(StringBuilder page, SimulationReport report)
    {
        if (report.Scaling is not { } scaling)
        {
            return;
        }

        page.Append("<h2>Nodes that came and went</h2><div class=\"wrap\"><table><tr><th>group<th>purchase<th>started<th>taken away<th>node hours<th>cost</tr>");
        foreach (var cost in scaling.Costs)
        {
            page.Append(CultureInfo.InvariantCulture,
                $"<tr><td>{Text(cost.Group)}<td>{cost.Purchase}<td>{cost.Started:N0}<td>{cost.Interruptions:N0}<td>{cost.Hours:N1}<td>{cost.Cost:N2}</tr>");
        }

        page.Append(CultureInfo.InvariantCulture,
            $"</table></div><p>Cost {scaling.Cost:N2}; the same hours on demand {scaling.OnDemandCost:N2}; at most {scaling.NodesMax:N0} nodes at once; {scaling.SavedSeconds:N0} s of work kept by checkpoints.</p>");
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
