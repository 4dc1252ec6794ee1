using DataPlatform.Orchestrator.Dags;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>How lists combine into the items of a mapped task. Pure.</summary>
internal static class MapItems
{
    public static long Count(MapKind kind, IReadOnlyList<IReadOnlyList<string>> lists) => kind switch
    {
        MapKind.Product => lists.Aggregate(1L, (product, list) => Math.Min(product * list.Count, int.MaxValue)),
        MapKind.Zip => lists.Min(list => list.Count),
        _ => lists.Sum(list => (long)list.Count),
    };

    /// <summary>The item of an index as JSON; null when the lists have become too short.</summary>
    public static string? At(MapKind kind, IReadOnlyList<IReadOnlyList<string>> lists, int index) =>
        index >= Count(kind, lists) ? null : kind switch
        {
            MapKind.Product => Join(Product(lists, index)),
            MapKind.Zip => Join(lists.Select(list => list[index])),
            _ => Concat(lists, index),
        };

    private static List<string> Product(IReadOnlyList<IReadOnlyList<string>> lists, int index)
    {
        var item = new List<string>();
        for (var i = lists.Count - 1; i >= 0; i--)
        {
            item.Insert(0, lists[i][index % lists[i].Count]);
            index /= lists[i].Count;
        }

        return item;
    }

    private static string Concat(IReadOnlyList<IReadOnlyList<string>> lists, int index)
    {
        var list = 0;
        while (index >= lists[list].Count)
        {
            index -= lists[list++].Count;
        }

        return lists[list][index];
    }

    private static string Join(IEnumerable<string> elements) => "[" + string.Join(',', elements) + "]";
}
