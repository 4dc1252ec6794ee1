using System.Globalization;
using System.Net;
using System.Text;

namespace DataPlatform.Web.Graphs;

/// <summary>A directed graph from left to right, as SVG. Put it in <c>&lt;div class="graph-box" data-graph&gt;</c> to have it moved and scaled.</summary>
public sealed record GraphChart
{
    private const int NodeWidth = 164;
    private const int GapX = 56;
    private const int GapY = 14;
    private const int LabelMax = 21;

    /// <summary>What it shows, for readers who cannot see it.</summary>
    public required string Title { get; init; }

    /// <summary>The nodes.</summary>
    public required IReadOnlyList<GraphNode> Nodes { get; init; }

    /// <summary>The edges.</summary>
    public required IReadOnlyList<GraphEdge> Edges { get; init; }

    private int NodeHeight => Nodes.Any(node => node.Detail is not null) ? 40 : 30;

    /// <summary>Draws the graph.</summary>
    /// <returns>An SVG element.</returns>
    public string Render()
    {
        var layout = LayeredLayout.Of(Nodes.Count, [.. Edges.Select(edge => (edge.From, edge.To))]);
        var width = (layout.Layers * (NodeWidth + GapX)) - GapX + 4;
        var height = (layout.Tallest * (NodeHeight + GapY)) - GapY + 4;
        var svg = new StringBuilder();
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<svg class=\"nodes\" role=\"img\" aria-label=\"{Escape(Title)}\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">");
        foreach (var edge in Edges)
        {
            AppendEdge(svg, layout, edge);
        }

        for (var i = 0; i < Nodes.Count; i++)
        {
            AppendNode(svg, Nodes[i], At(layout, i));
        }

        return svg.Append("</svg>").ToString();
    }

    private (int X, int Y) At(LayeredLayout layout, int vertex)
    {
        var (layer, place) = layout[vertex];
        var top = (layout.Tallest - layout.CountIn(layer)) * (NodeHeight + GapY) / 2;
        return (2 + (layer * (NodeWidth + GapX)), 2 + top + (place * (NodeHeight + GapY)));
    }

    /// <summary>Between its ends an edge crosses a layer straight, as wide as a node, and bends only in the gaps.</summary>
    private void AppendEdge(StringBuilder svg, LayeredLayout layout, GraphEdge edge)
    {
        svg.Append("<path class=\"").Append(edge.IsDashed ? "edge dash" : "edge").Append("\" data-from=\"").Append(Escape(Nodes[edge.From].Id))
            .Append("\" data-to=\"").Append(Escape(Nodes[edge.To].Id)).Append("\" d=\"");
        int[] vertices = [edge.From, .. layout.Bends(edge.From, edge.To), edge.To];
        for (var i = 0; i + 1 < vertices.Length; i++)
        {
            var (from, to) = (At(layout, vertices[i]), At(layout, vertices[i + 1]));
            var (x1, y1, x2, y2) = (from.X + NodeWidth, from.Y + (NodeHeight / 2), to.X, to.Y + (NodeHeight / 2));
            var bend = x2 > x1 ? GapX / 2 : GapX;
            svg.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? "M" : "L")}{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}");
        }

        svg.Append(edge.Tip is { } tip ? $"\"><title>{Escape(tip)}</title></path>" : "\"/>");
    }

    private void AppendNode(StringBuilder svg, GraphNode node, (int X, int Y) at)
    {
        svg.Append(node.Href is { } href ? $"<a href=\"{Escape(href)}\">" : string.Empty);
        var tip = node.Tip.Length == 0 ? node.Label : $"{node.Label}: {node.Tip}";
        var radius = node.IsRound ? NodeHeight / 2 : 7;
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<g class=\"{(node.IsMarked ? "node on" : "node")}\" data-node=\"{Escape(node.Id)}\"><title>{Escape(tip)}</title><rect class=\"body\" x=\"{at.X}\" y=\"{at.Y}\" width=\"{NodeWidth}\" height=\"{NodeHeight}\" rx=\"{radius}\"/>");
        if (node.Colour is { } colour)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{at.X + 14}\" cy=\"{at.Y + (NodeHeight / 2)}\" r=\"5\" style=\"fill:{Escape(colour)}\"/>");
        }

        var x = at.X + (node.Colour is null ? 12 : 26);
        var y = at.Y + (node.Detail is null ? (NodeHeight / 2) + 4 : 17);
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x}\" y=\"{y}\">{Escape(Short(node.Label, LabelMax))}</text>");
        if (node.Detail is { } detail)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<text class=\"detail\" x=\"{x}\" y=\"{at.Y + 31}\">{Escape(Short(detail, LabelMax + 4))}</text>");
        }

        svg.Append("</g>").Append(node.Href is null ? string.Empty : "</a>");
    }

    private static string Short(string text, int lengthMax) => text.Length <= lengthMax ? text : text[..(lengthMax - 1)] + "…";

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}
