using DataPlatform.Orchestrator.Dags;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>How lists combine into the items of a mapped task. Pure.</summary>
internal static class MapItems
{
    /// <summary>How many items lists of these lengths make.</summary>
    public static long Count(MapKind kind, IReadOnlyList<int> lengths) => kind switch
    {
        MapKind.Product => lengths.Aggregate(1L, (product, length) => Math.Min(product * length, int.MaxValue)),
        MapKind.Zip => lengths.Min(),
        _ => lengths.Sum(length => (long)length),
    };

    /// <summary>The item of an index as JSON; null when the lists have become too short.</summary>
    public static string? At(MapKind kind, IReadOnlyList<IReadOnlyList<string>> lists, int index) =>
        index >= Count(kind, [.. lists.Select(list => list.Count)]) ? null : kind switch
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
