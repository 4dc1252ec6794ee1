using System.Globalization;

namespace DataPlatform.Orchestrator.Metadata;

/// <summary>
/// What the DAGs of one scheduler want of a pool, as <c>slots:weight:DAGs,…</c>: DAGs that want alike are counted, so the text stays short however
/// many there are. Pure.
/// </summary>
internal static class DagDemands
{
    /// <summary>Groups of DAGs in one text; beyond it wants are rounded up to powers of two.</summary>
    public const int GroupsMax = 64;

    /// <summary>Writes demands; those that want nothing are left out.</summary>
    public static string Write(IEnumerable<(int Wanted, int Weight)> dags)
    {
        var groups = Group(dags.Where(dag => dag.Wanted > 0));
        if (groups.Count > GroupsMax)
        {
            groups = Group(groups.SelectMany(group => Enumerable.Repeat(
                ((int)Math.Min(int.MaxValue, System.Numerics.BitOperations.RoundUpToPowerOf2((uint)group.Wanted)), group.Weight), group.Count)));
        }

        // An empty text would say nothing, not that nobody wants anything.
        return groups.Count == 0 ? "0:1:1" : string.Join(',', groups.Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Wanted}:{group.Weight}:{group.Count}")));
    }

    /// <summary>Reads what <see cref="Write"/> wrote; nothing, as programs before this one wrote, is one DAG that wants everything.</summary>
    /// <param name="text">The text.</param>
    /// <param name="wanted">What the scheduler wants in all.</param>
    public static IReadOnlyList<(int Wanted, int Weight, int Count)> Read(string text, int wanted) => text.Length == 0
        ? [(wanted, 1, 1)]
        : [.. text.Split(',').Select(group => Array.ConvertAll(group.Split(':'), part => int.Parse(part, CultureInfo.InvariantCulture)))
            .Select(group => (group[0], group[1], group[2]))];

    private static List<(int Wanted, int Weight, int Count)> Group(IEnumerable<(int Wanted, int Weight)> dags) =>
    [
        .. dags.GroupBy(dag => dag).Select(group => (group.Key.Wanted, group.Key.Weight, group.Count()))
            .OrderBy(group => group.Wanted).ThenBy(group => group.Weight),
    ];
}
