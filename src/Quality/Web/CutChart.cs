using DataPlatform.Quality.Alerts.Incidents;
using DataPlatform.Quality.Lineage;
using DataPlatform.Quality.Web.Views;
using DataPlatform.Web.Graphs;

namespace DataPlatform.Quality.Web;

/// <summary>The lineage between the root of an incident and what it explains.</summary>
internal static class CutChart
{
    public static string Render(Incident incident, string root)
    {
        var columns = incident.Cut.Columns.Concat(incident.Members.Select(m => m.Column)).Append(incident.Root).Distinct().ToList();
        var places = columns.Select((column, place) => (column, place)).ToDictionary(p => p.column, p => p.place);
        return new GraphChart
        {
            Title = "Lineage from the root of the incident to what it explains",
            Nodes = [.. columns.Select(column => NodeOf(column, incident, root))],
            Edges = [.. incident.Cut.Edges.Where(e => places.ContainsKey(e.Source) && places.ContainsKey(e.Target))
                .Select(e => new GraphEdge(places[e.Source], places[e.Target], !e.IsDirect, e.IsDirect ? "values flow" : "decides which rows"))],
        }.Render();
    }

    private static GraphNode NodeOf(ColumnId column, Incident incident, string root)
    {
        var members = incident.Members.Where(m => m.Column == column).ToList();
        return new GraphNode(column.ToString(), column.Column == ColumnId.Star ? column.Dataset : column.Column)
        {
            Detail = column.Column == ColumnId.Star ? "whole table" : column.Dataset,
            Colour = members.Exists(m => m.IsOpen) ? members.Exists(m => m.Severity == Severity.Critical) ? "var(--bad)" : "var(--warn)" : members.Count > 0 ? "var(--good)" : null,
            Href = root + Links.Lineage(column),
            Tip = string.Join("; ", members.Select(m => m.Title)),
            IsMarked = column == incident.Root,
        };
    }
}
