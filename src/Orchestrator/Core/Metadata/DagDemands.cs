using System.Globalization;

namespace DataPlatform.Orchestrator.Metadata;

/// <summary>
/// What the DAGs of one scheduler want of a pool, as <c>slots:weight:DAGs:priority,…</c>, without the priority where it is 0: DAGs that want alike are
/// counted, so the text stays short however many there are. A DAG with tasks of several priorities is there once for each. Pure.
/// </summary>
internal static class DagDemands
{
    /// <summary>Groups of DAGs in one text; beyond it wants are rounded up to powers of two.</summary>
    public const int GroupsMax = 64;

    /// <summary>Priorities in one text; all below are counted as the lowest of them.</summary>
    public const int PrioritiesMax = 8;

    /// <summary>Writes demands; those that want nothing are left out.</summary>
    public static string Write(IEnumerable<(int Wanted, int Weight, int Priority)> dags)
    {
        var wanting = dags.Where(dag => dag.Wanted > 0).ToList();
        var lowest = wanting.Select(dag => dag.Priority).Distinct().OrderDescending().Take(PrioritiesMax).LastOrDefault();
        var groups = Group(wanting.Select(dag => (dag.Wanted, dag.Weight, Math.Max(dag.Priority, lowest))));
        if (groups.Count > GroupsMax)
        {
            groups = Group(groups.SelectMany(group => Enumerable.Repeat(
                ((int)Math.Min(int.MaxValue, System.Numerics.BitOperations.RoundUpToPowerOf2((uint)group.Wanted)), group.Weight, group.Priority),
                group.Count)));
        }

        // An empty text would say nothing, not that nobody wants anything.
        return groups.Count == 0 ? "0:1:1" : string.Join(',', groups.Select(Text));
    }

    /// <summary>Reads what <see cref="Write"/> wrote; nothing, as the first programs wrote, is one DAG that wants everything.</summary>
    /// <param name="text">The text.</param>
    /// <param name="wanted">What the scheduler wants in all.</param>
    public static IReadOnlyList<(int Wanted, int Weight, int Count, int Priority)> Read(string text, int wanted) => text.Length == 0
        ? [(wanted, 1, 1, 0)]
        : [.. text.Split(',').Select(group => Array.ConvertAll(group.Split(':'), part => int.Parse(part, CultureInfo.InvariantCulture)))
            .Select(group => (group[0], group[1], group[2], group.Length > 3 ? group[3] : 0))];

    private static string Text((int Wanted, int Weight, int Count, int Priority) group) => group.Priority == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{group.Wanted}:{group.Weight}:{group.Count}")
        : string.Create(CultureInfo.InvariantCulture, $"{group.Wanted}:{group.Weight}:{group.Count}:{group.Priority}");

    private static List<(int Wanted, int Weight, int Count, int Priority)> Group(IEnumerable<(int Wanted, int Weight, int Priority)> dags) =>
    [
        .. dags.GroupBy(dag => dag).Select(group => (group.Key.Wanted, group.Key.Weight, group.Count(), group.Key.Priority))
            .OrderByDescending(group => group.Priority).ThenBy(group => group.Wanted).ThenBy(group => group.Weight),
    ];
}
