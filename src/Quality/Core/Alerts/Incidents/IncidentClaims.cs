namespace DataPlatform.Quality.Alerts.Incidents;

/// <summary>Which of the open incidents each group of alerts goes on with.</summary>
/// <remarks>
/// An incident goes to the group that has its root, else to the one that has most of its members. A group that gets several goes on with the
/// oldest and takes the others in; a group that gets none is a new incident.
/// </remarks>
internal sealed class IncidentClaims
{
    private readonly Dictionary<SymptomGroup, List<Incident>> _byGroup = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<string> _claimed = new(StringComparer.Ordinal);

    private IncidentClaims()
    {
    }

    /// <summary>Incidents that are taken in, with the ones that take them.</summary>
    public IEnumerable<(Incident Taken, Incident Survivor)> Merges
        => _byGroup.Values.SelectMany(list => list.Skip(1).Select(taken => (taken, list[0])));

    public static IncidentClaims Of(IReadOnlyList<SymptomGroup> groups, IReadOnlyList<Incident> open)
    {
        var claims = new IncidentClaims();
        var groupOf = new Dictionary<string, SymptomGroup>(StringComparer.Ordinal);
        foreach (var group in groups)
        {
            foreach (var member in group.Members)
            {
                groupOf[member.Key] = group;
            }
        }

        foreach (var incident in open.OrderBy(i => i.OpenedAt).ThenBy(i => i.Id, StringComparer.Ordinal))
        {
            if (HeirOf(incident, groupOf) is { } heir)
            {
                claims._claimed.Add(incident.Id);
                claims._byGroup.TryAdd(heir, []);
                claims._byGroup[heir].Add(incident);
            }
        }

        return claims;
    }

    public Incident? SurvivorOf(SymptomGroup group) => _byGroup.TryGetValue(group, out var list) ? list[0] : null;

    public IReadOnlyList<Incident> MergedInto(SymptomGroup group) => _byGroup.TryGetValue(group, out var list) ? list[1..] : [];

    public bool IsClaimed(Incident incident) => _claimed.Contains(incident.Id);

    private static SymptomGroup? HeirOf(Incident incident, Dictionary<string, SymptomGroup> groupOf)
        => groupOf.GetValueOrDefault(incident.RootKey)
            ?? incident.Members.Select(m => groupOf.GetValueOrDefault(m.Key)).OfType<SymptomGroup>()
                .GroupBy(g => g).OrderByDescending(g => g.Count()).ThenBy(g => g.Key.Root).FirstOrDefault()?.Key;
}
