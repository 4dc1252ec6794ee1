namespace DataPlatform.Quality.Lineage;

/// <content>What lies up- and downstream of several columns at once.</content>
public sealed partial class LineageIndex
{
    /// <summary>Walks both ways from some columns together.</summary>
    internal LineageSurroundings Around(IReadOnlyCollection<ColumnId> columns)
    {
        List<int> starts = [];
        foreach (var column in columns)
        {
            starts.AddRange(StartsOf(column));
        }

        int[] from = [.. starts.Distinct()];
        var down = BreadthFirst.Walk(_down, _nodes, _starred, from, LineageSearch.All, directOnly: false);
        var up = BreadthFirst.Walk(_up, _nodes, _starred, from, LineageSearch.All, directOnly: false);
        return new LineageSurroundings(this, columns, DatasetsOf(down).Concat(DatasetsOf(up)), node => down.Reached(node) || up.Reached(node));
    }

    private IEnumerable<string> DatasetsOf(BreadthFirst walk)
    {
        for (var place = 0; place < walk.Order.Length; place++)
        {
            yield return _names[walk.Order[place]].Dataset;
        }
    }
}
