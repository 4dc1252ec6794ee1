using DataPlatform.Quality.Lineage;

namespace DataPlatform.Quality.Alerts.Incidents;

/// <summary>Alerts under one root.</summary>
/// <param name="Root">The root's column.</param>
/// <param name="Members">The alerts, those at the root first.</param>
internal sealed record SymptomGroup(ColumnId Root, IReadOnlyList<IncidentMember> Members)
{
    /// <summary>The alert at the root: one that is still wrong before a recovered one, the worst, the first seen.</summary>
    public IncidentMember RootMember { get; } = Members.Where(m => m.Column == Root)
        .OrderByDescending(m => m.IsOpen).ThenByDescending(m => m.Severity).ThenBy(m => m.OpenedAt).ThenBy(m => m.Key, StringComparer.Ordinal).First();
}

/// <summary>Groups alerts by the most upstream one.</summary>
internal static class SymptomGroups
{
    /// <summary>Groups, ordered by root.</summary>
    /// <remarks>
    /// A column that an earlier walk came to is not walked from: what it reaches is reached already. So a cascade of a thousand alerts below
    /// one costs one walk, and alerts that have nothing to do with each other one small walk each.
    /// </remarks>
    public static IReadOnlyList<SymptomGroup> Of(LineageIndex graph, IReadOnlyList<IncidentMember> members)
    {
        var byColumn = members.GroupBy(m => m.Column)
            .Select(g => new Symptom(g.Key, g.Min(m => m.OpenedAt), g.Max(m => m.Severity), [.. g]))
            .OrderBy(s => s.At).ThenBy(s => s.Column).ToList();
        var targets = new SearchTargets(graph, [.. byColumn.Select(s => s.Column)]);
        var explainers = byColumn.Select(_ => new List<Explanation>()).ToList();
        for (var i = 0; i < byColumn.Count; i++)
        {
            if (explainers[i].Count > 0)
            {
                continue;
            }

            foreach (var reached in targets.From(byColumn[i].Column, upstream: false))
            {
                explainers[reached.Target].Add(new Explanation(i, reached.Distance, reached.IsDirect));
            }
        }

        return [.. byColumn.Select((s, i) => (Symptom: s, Root: RootOf(i, byColumn, explainers)))
            .GroupBy(p => p.Root, p => p.Symptom)
            .Select(g => new SymptomGroup(byColumn[g.Key].Column, [.. g.SelectMany(s => s.Members)]))
            .OrderBy(g => g.Root)];
    }

    /// <summary>
    /// Follows the best explanation up. It ends: of two columns that were walked from, only the later can explain the earlier, or the earlier
    /// walk would have made the later needless.
    /// </summary>
    private static int RootOf(int symptom, List<Symptom> symptoms, List<List<Explanation>> explainers)
    {
        while (explainers[symptom].Count > 0)
        {
            var (self, at) = (symptoms[symptom], symptom);
            symptom = explainers[at]
                .OrderByDescending(e => explainers[e.By].Count == 0)
                .ThenByDescending(e => e.IsDirect)
                .ThenByDescending(e => symptoms[e.By].Severity)
                .ThenByDescending(e => symptoms[e.By].At <= self.At)
                .ThenBy(e => e.Distance)
                .ThenBy(e => e.By)
                .First().By;
        }

        return symptom;
    }

    private sealed record Symptom(ColumnId Column, DateTimeOffset At, Severity Severity, IReadOnlyList<IncidentMember> Members);

    private readonly record struct Explanation(int By, int Distance, bool IsDirect);
}
