using DataPlatform.Quality.Alerts;
using DataPlatform.Quality.Lineage;

namespace DataPlatform.Quality.Web.Views;

/// <summary>A part of the lineage around a column or a dataset.</summary>
/// <param name="Filter">What was asked for.</param>
/// <param name="Nodes">Columns with their signed distance from the start, the start first.</param>
/// <param name="Edges">The edges between them.</param>
/// <param name="Frontier">Columns that have neighbours beyond what is shown.</param>
/// <param name="IsTruncated">Whether there was too much to show.</param>
/// <param name="Impact">What depends on the start, nearest first; at most 200.</param>
/// <param name="ImpactCount">How many columns depend on it, counted up to 100,000.</param>
/// <param name="Origins">What the start comes from, nearest first; at most 200.</param>
/// <param name="OriginCount">How many columns it comes from, counted up to 100,000.</param>
/// <param name="Alerts">Open alerts, the newest 1,000, by the column they are about.</param>
public sealed record LineageView(
    LineageFilter Filter,
    IReadOnlyList<LineageNode> Nodes,
    IReadOnlyList<EdgeRecord> Edges,
    IReadOnlySet<ColumnId> Frontier,
    bool IsTruncated,
    IReadOnlyList<LineageReach> Impact,
    int ImpactCount,
    IReadOnlyList<LineageReach> Origins,
    int OriginCount,
    ILookup<ColumnId, Alert> Alerts)
{
    private const int NodesMax = 120;
    private const int ListMax = 200;
    private const int CountMax = 100_000;

    internal static async Task<LineageView> LoadAsync(QualityConsole console, LineageFilter filter, CancellationToken cancellationToken)
    {
        var graph = (await console.CurrentLineageAsync(cancellationToken).ConfigureAwait(false))!;
        var near = graph.Neighbourhood(filter.Start, filter.Depth, NodesMax, !filter.Direct);
        var (nodes, edges, isTruncated) = (near.Nodes.ToList(), near.Edges.ToHashSet(), near.IsTruncated);
        foreach (var more in filter.Expanded)
        {
            var around = graph.Neighbourhood(more, 1, NodesMax, !filter.Direct);
            var offset = nodes.FirstOrDefault(n => n.Column == more).Distance;
            nodes.AddRange(around.Nodes.Select(n => n with { Distance = offset + n.Distance }));
            edges.UnionWith(around.Edges);
            isTruncated |= around.IsTruncated;
        }

        List<LineageNode> shown = [.. nodes.DistinctBy(n => n.Column).Take(NodesMax)];
        var columns = shown.Select(n => n.Column).ToHashSet();
        var search = new LineageSearch(Indirect: !filter.Direct, ColumnsMax: CountMax);
        var (impact, origins) = (graph.Index.Downstream(filter.Start, search), graph.Index.Upstream(filter.Start, search));
        var alerts = console.Alerts is { } store ? await store.PageAsync(new AlertQuery { Limit = AlertQuery.LimitMax }, cancellationToken).ConfigureAwait(false) : [];
        return new LineageView(
            filter,
            shown,
            [.. edges.Where(e => columns.Contains(e.Edge.Source) && columns.Contains(e.Edge.Target))],
            Beyond(graph, shown, columns, filter),
            isTruncated || nodes.Count > NodesMax + filter.Expand.Count,
            [.. impact.Take(ListMax)],
            impact.Count,
            [.. origins.Take(ListMax)],
            origins.Count,
            alerts.Where(a => a.Column is not null).ToLookup(a => a.Column!.Value));
    }

    private static HashSet<ColumnId> Beyond(LineageGraph graph, List<LineageNode> shown, HashSet<ColumnId> columns, LineageFilter filter)
    {
        var one = new LineageSearch(DepthMax: 1, Indirect: !filter.Direct, ColumnsMax: NodesMax);
        return [.. shown.Where(n => graph.Index.Downstream(n.Column, one).Concat(graph.Index.Upstream(n.Column, one)).Any(r => !columns.Contains(r.Column))).Select(n => n.Column)];
    }
}
