using DataPlatform.Web.Graphs;

namespace DataPlatform.Web.Tests.Graphs;

public sealed class LayeredLayoutTests
{
    [Fact]
    public void A_vertex_stands_one_layer_after_the_last_of_those_before_it()
    {
        // 0 -> 1 -> 3, 0 -> 2 -> 3, 2 -> 4, 0 -> 4
        var layout = LayeredLayout.Of(5, [(0, 1), (0, 2), (1, 3), (2, 3), (2, 4), (0, 4)]);

        Assert.Equal([0, 1, 1, 2, 2], Enumerable.Range(0, 5).Select(vertex => layout[vertex].Layer));
        Assert.Equal(3, layout.Layers);
    }

    [Fact]
    public void An_edge_over_several_layers_has_a_place_of_its_own_in_each()
    {
        var layout = LayeredLayout.Of(4, [(0, 1), (1, 2), (2, 3), (0, 3)]);

        var bends = layout.Bends(0, 3);
        Assert.Equal([1, 2], bends.Select(bend => layout[bend].Layer));
        Assert.Equal(2, layout.CountIn(1));
        Assert.NotEqual(layout[1].Place, layout[bends[0]].Place);
        Assert.Equal(2, layout.Tallest);
    }

    [Fact]
    public void Crossings_that_can_be_avoided_are()
    {
        var layout = LayeredLayout.Of(6, [(0, 5), (1, 4), (2, 3)]);

        var places = new[] { (0, 5), (1, 4), (2, 3) }.OrderBy(edge => layout[edge.Item1].Place).Select(edge => layout[edge.Item2].Place);
        Assert.Equal([0, 1, 2], places);
    }

    [Fact]
    public void A_cycle_is_laid_out_without_the_edge_that_closes_it()
    {
        (int From, int To)[] edges = [(0, 1), (1, 2), (2, 0)];
        var layout = LayeredLayout.Of(3, edges);

        Assert.Equal(2, edges.Count(edge => layout[edge.From].Layer + 1 == layout[edge.To].Layer));
        Assert.Equal(3, layout.Layers);
    }

    [Fact]
    public void Empty_and_very_deep_graphs_are_laid_out()
    {
        const int Depth = 20_000;

        Assert.Equal(0, LayeredLayout.Of(0, []).Tallest);
        Assert.Equal(Depth, LayeredLayout.Of(Depth, [.. Enumerable.Range(0, Depth - 1).Select(i => (i, i + 1))]).Layers);
        Assert.Throws<ArgumentOutOfRangeException>(() => LayeredLayout.Of(2, [(0, 2)]));
    }

    [Fact]
    public void A_chart_escapes_its_texts_and_links_its_nodes()
    {
        var svg = new GraphChart
        {
            Title = "<a & b>",
            Nodes = [new GraphNode("n\"1", "<script>") { Href = "x?a=1&b=2", Colour = "var(--good)" }, new GraphNode("n2", "plain")],
            Edges = [new GraphEdge(0, 1, IsDashed: true, Tip: "1 < 2")],
        }.Render();

        var document = System.Xml.Linq.XDocument.Parse(svg);
        Assert.Equal("<a & b>", document.Root!.Attribute("aria-label")!.Value);
        Assert.Equal("x?a=1&b=2", document.Root.Element("a")!.Attribute("href")!.Value);
        Assert.Equal("edge dash", document.Root.Element("path")!.Attribute("class")!.Value);
        Assert.DoesNotContain("<script>", svg, StringComparison.Ordinal);
    }
}
