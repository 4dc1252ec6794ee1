using DataPlatform.Quality.Lineage;

namespace DataPlatform.Quality.Alerts.Incidents;

/// <summary>Writes the next revision of an incident and says what changed.</summary>
internal sealed class IncidentWriter(
    LineageIndex graph, IReadOnlyDictionary<string, IncidentMember> members, DateTimeOffset now, IncidentOptions options)
{
    /// <summary>A group of alerts, as the incident it goes on with or as a new one.</summary>
    public IncidentRevision Revise(SymptomGroup group, Incident? before, IReadOnlyList<Incident> merged)
    {
        var inGroup = group.Members.Select(m => m.Key).ToHashSet(StringComparer.Ordinal);
        var past = before is null ? [] : Past(before).Concat(merged.SelectMany(Past)).Where(m => !inGroup.Contains(m.Key));
        var kept = Bounded([.. group.Members.Concat(past).DistinctBy(m => m.Key)]);
        var root = group.RootMember;
        var stillOpen = kept.Where(m => m.IsOpen).ToList();
        var next = new Incident
        {
            Id = before?.Id ?? IncidentFold.IdOf(root.Key, now),
            State = stillOpen.Count > 0 ? IncidentState.Open : IncidentState.Closed,
            Title = root.Title,
            Severity = (stillOpen.Count > 0 ? stillOpen : kept).Max(m => m.Severity),
            Root = group.Root,
            RootKey = root.Key,
            OpenedAt = before?.OpenedAt ?? now,
            ChangedAt = now,
            ClosedAt = stillOpen.Count > 0 ? null : now,
            Members = kept,
            Sequence = (before?.Sequence ?? 0) + 1,
        };
        var changes = Changes(before, next, merged, inGroup);
        return changes.Count == 0 ? new IncidentRevision(before!, []) : new IncidentRevision(next with { Cut = CutOf(next) }, changes);
    }

    /// <summary>An incident none of whose members explains or needs explaining any more.</summary>
    public IncidentRevision Abandon(Incident before)
    {
        var next = before with
        {
            State = IncidentState.Closed,
            ChangedAt = now,
            ClosedAt = now,
            Members = [.. before.Members.Select(m => m with { RecoveredAt = m.RecoveredAt ?? now })],
            Sequence = before.Sequence + 1,
        };
        return new IncidentRevision(next, [Change(next, IncidentChangeKind.Closed, "All its members are right again or belong to other incidents.")]);
    }

    /// <summary>An incident that another takes in.</summary>
    public IncidentRevision Merge(Incident taken, Incident survivor, IEnumerable<IncidentRevision> decided)
    {
        var root = decided.First(r => r.Incident.Id == survivor.Id).Incident.Root;
        var next = taken with { State = IncidentState.Closed, ChangedAt = now, ClosedAt = now, MergedInto = survivor.Id, Sequence = taken.Sequence + 1 };
        return new IncidentRevision(next, [Change(next, IncidentChangeKind.Merged, $"{root} explains it: it goes on as incident {survivor.Id}.")]);
    }

    /// <summary>Members that recovered too long ago to explain anything; those that moved to another group are gone from here.</summary>
    private IEnumerable<IncidentMember> Past(Incident incident)
        => incident.Members.Where(m => !IsActive(members[m.Key]));

    private bool IsActive(IncidentMember member) => member.IsOpen || now - member.RecoveredAt < options.RecoveryGrace;

    private List<IncidentMember> Bounded(List<IncidentMember> all)
    {
        var recovered = all.Where(m => !m.IsOpen).OrderByDescending(m => m.RecoveredAt).ThenBy(m => m.Key, StringComparer.Ordinal);
        var gone = recovered.Skip(options.RecoveredMax).Select(m => m.Key).ToHashSet(StringComparer.Ordinal);
        return [.. all.Where(m => !gone.Contains(m.Key)).OrderBy(m => m.OpenedAt).ThenBy(m => m.Key, StringComparer.Ordinal)];
    }

    private LineageCut CutOf(Incident incident)
        => graph.Between([incident.Root], [.. incident.Members.Select(m => m.Column).Distinct()], options.CutColumnsMax);

    private List<IncidentChange> Changes(Incident? before, Incident next, IReadOnlyList<Incident> merged, HashSet<string> inGroup)
    {
        List<IncidentChange> changes = [];
        if (before is null)
        {
            changes.Add(Change(next, IncidentChangeKind.Opened, $"{next.Root}: {next.Title}"));
        }

        changes.AddRange(merged.Select(m => Change(next, IncidentChangeKind.Merged, $"It takes in incident {m.Id} of {m.Root}.")));
        if (before is not null && before.Root != next.Root)
        {
            changes.Add(Change(next, IncidentChangeKind.Rerooted, $"{next.Root} explains {before.Root}."));
        }

        AddMemberChanges(changes, before, next, inGroup);
        if (next.State == IncidentState.Closed)
        {
            changes.Add(Change(next, IncidentChangeKind.Closed, "All its members are right again."));
        }

        if (changes.Count == 0 && (before!.Severity != next.Severity || before.RootKey != next.RootKey))
        {
            changes.Add(Change(next, IncidentChangeKind.Grown, $"It is {next.Severity} now, was {before.Severity}; its root is {next.RootKey}."));
        }

        return changes;
    }

    private void AddMemberChanges(List<IncidentChange> changes, Incident? before, Incident next, HashSet<string> inGroup)
    {
        var was = before?.Members.ToDictionary(m => m.Key, StringComparer.Ordinal) ?? [];
        var isIn = next.Members.Select(m => m.Key).ToHashSet(StringComparer.Ordinal);
        Add(IncidentChangeKind.Grown, next.Members.Where(m => m.IsOpen && m.Key != next.RootKey && was.GetValueOrDefault(m.Key) is null or { IsOpen: false }));
        Add(IncidentChangeKind.Recovered, next.Members.Where(m => !m.IsOpen && was.GetValueOrDefault(m.Key) is { IsOpen: true }));

        // What explains something elsewhere goes there, recovered or not: an alert is in one open incident at most.
        Add(IncidentChangeKind.Split, was.Values.Where(m => !isIn.Contains(m.Key) && !inGroup.Contains(m.Key) && IsActive(members[m.Key])));

        void Add(IncidentChangeKind kind, IEnumerable<IncidentMember> which)
        {
            var titles = which.Select(m => m.Title).ToList();
            if (titles.Count > 0)
            {
                changes.Add(Change(next, kind, IncidentText.List(titles)));
            }
        }
    }

    private IncidentChange Change(Incident incident, IncidentChangeKind kind, string detail) => new(incident.Id, incident.Sequence, now, kind, detail);
}
