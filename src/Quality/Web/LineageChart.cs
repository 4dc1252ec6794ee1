using System.Globalization;
using DataPlatform.Quality.Lineage;
using DataPlatform.Quality.Web.Views;
using DataPlatform.Web.Graphs;

namespace DataPlatform.Quality.Web;

/// <summary>A neighbourhood as a graph of columns or of whole datasets.</summary>
internal static class LineageChart
{
    private const int TipsMax = 6;

    public static string Render(LineageView view, string root)
    {
        var keys = view.Nodes.Select(n => KeyOf(n.Column, view.Filter.Tables)).Distinct().ToList();
        var places = keys.Select((key, place) => (key, place)).ToDictionary(p => p.key, p => p.place);
        var edges = view.Edges.GroupBy(e => (From: places[KeyOf(e.Edge.Source, view.Filter.Tables)], To: places[KeyOf(e.Edge.Target, view.Filter.Tables)]));
        return new GraphChart
        {
            Title = $"Lineage around {view.Filter.Start}",
            Nodes = [.. keys.Select(key => NodeOf(key, view, root))],
            Edges = [.. edges.Where(g => g.Key.From != g.Key.To)
                .Select(g => new GraphEdge(g.Key.From, g.Key.To, g.All(e => e.Edge.Kind == LineageEdgeKind.Indirect), Tip([.. g])))],
        }.Render();
    }

    private static ColumnId KeyOf(ColumnId column, bool tables) => tables ? column with { Column = ColumnId.Star } : column;

    private static GraphNode NodeOf(ColumnId key, LineageView view, string root)
    {
        var columns = view.Nodes.Where(n => KeyOf(n.Column, view.Filter.Tables) == key).Select(n => n.Column).ToList();
        var alerts = columns.SelectMany(c => view.Alerts[c]).Concat(view.Alerts[key with { Column = ColumnId.Star }]).Distinct().ToList();
        var isOpen = columns.Exists(view.Frontier.Contains);
        return new GraphNode(key.ToString(), key.IsStar ? key.Dataset : key.Column)
        {
            Detail = (key.IsStar ? string.Create(CultureInfo.InvariantCulture, $"{columns.Count} columns") : key.Dataset) + (isOpen ? " +" : string.Empty),
            Colour = alerts.Count == 0 ? null : alerts.Exists(a => a.Severity == Severity.Critical) ? "var(--bad)" : "var(--warn)",
            Href = root + (isOpen && key != view.Filter.Start ? view.Filter.Link(more: key) : Links.Lineage(key)),
            Tip = (isOpen ? "there is more: expand it" : "look from here") + string.Concat(alerts.Select(a => "; " + a.Title)),
            IsRound = key.IsStar,
            IsMarked = key == KeyOf(view.Filter.Start, view.Filter.Tables),
        };
    }

    private static string Tip(List<EdgeRecord> edges)
        => string.Join("; ", edges.Take(TipsMax).Select(e => Words(e))) + (edges.Count > TipsMax ? $"; and {edges.Count - TipsMax} more" : string.Empty);

    public static string Words(EdgeRecord edge) => string.Create(
        CultureInfo.InvariantCulture,
        $"{edge.Edge.Source} → {edge.Edge.Target}, {(edge.Edge.Kind == LineageEdgeKind.Direct ? "values" : "rows")}, {OriginOf(edge)}{(edge.Edge.Job.Length > 0 ? $" of {edge.Edge.Job}" : string.Empty)}");

    /// <summary>Who says so, and how surely: a bound plan is certain, names guessed from a text are not.</summary>
    public static string OriginOf(EdgeRecord edge) => edge.Edge.Origin switch
    {
        LineageOrigin.Manual => "said by hand",
        LineageOrigin.Runtime => "reported by the run",
        LineageOrigin.OpenLineage => "received as OpenLineage",
        _ when edge.Edge.Confidence >= 1 => "read off the bound plan",
        _ => "guessed from the text",
    };
}
