namespace DataPlatform.Quality.Lineage;

/// <summary>What lies near.</summary>
public sealed partial class LineageGraph
{
    /// <summary>What a column comes from and what depends on it, as far as a depth.</summary>
    /// <param name="start">The column; <c>*</c> for all of its dataset.</param>
    /// <param name="depth">Edges from the start at most, at least 0.</param>
    /// <param name="columnsMax">Columns at most, at least 1; the nearest stay.</param>
    /// <param name="indirect">Whether edges of filters, joins and the like are followed.</param>
    public LineageNeighbourhood Neighbourhood(ColumnId start, int depth, int columnsMax = 200, bool indirect = true)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(depth);
        ArgumentOutOfRangeException.ThrowIfLessThan(columnsMax, 1);
        var search = new LineageSearch(depth, indirect, columnsMax + 1);
        var index = Index;
        List<LineageNode> nodes = [.. index.ColumnsOf(start).Select(c => new LineageNode(c, 0))];
        nodes.AddRange(index.Upstream(start, search).Select(r => new LineageNode(r.Column, -r.Distance)));
        nodes.AddRange(index.Downstream(start, search).Select(r => new LineageNode(r.Column, r.Distance)));
        var near = nodes.DistinctBy(n => n.Column).OrderBy(n => Math.Abs(n.Distance)).ThenBy(n => n.Column).ToList();
        List<LineageNode> kept = [.. near.Take(columnsMax)];
        return new LineageNeighbourhood(kept, EdgesAmong(kept, indirect), near.Count > columnsMax);
    }

    private List<EdgeRecord> EdgesAmong(List<LineageNode> nodes, bool indirect)
    {
        lock (_gate)
        {
            var ids = nodes.Where(n => _names.TryFind(n.Column, out _)).Select(n => _names.IdOf(n.Column)).ToHashSet();
            var shown = _edges.Where(e => e.Value.RetiredAt is null && ids.Contains(e.Key.Source) && ids.Contains(e.Key.Target) && !IsDenied(e.Key))
                .Select(e => e.Value);
            var said = _annotations
                .Where(a => a.Value.Kind is LineageAnnotationKind.Direct or LineageAnnotationKind.Indirect)
                .Where(a => ids.Contains(a.Key.Source) && ids.Contains(a.Key.Target))
                .Select(a => RecordOf(a.Value));
            return [.. shown.Concat(said).Where(r => indirect || r.Edge.Kind == LineageEdgeKind.Direct)
                .OrderBy(r => r.Edge.Source).ThenBy(r => r.Edge.Target).ThenBy(r => r.Edge.Job, StringComparer.Ordinal)];
        }
    }

    private static EdgeRecord RecordOf(LineageAnnotation said) => new(
        new LineageEdge(
            said.Source,
            said.Target,
            said.Kind == LineageAnnotationKind.Direct ? LineageEdgeKind.Direct : LineageEdgeKind.Indirect,
            LineageOrigin.Manual,
            said.By),
        said.At,
        said.At);
}
