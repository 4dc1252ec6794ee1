using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DataPlatform.Quality.Lineage;

namespace DataPlatform.Quality.Alerts.Incidents;

/// <summary>Decides which alerts are one incident. Pure: the same graph, alerts and incidents give the same decision.</summary>
/// <remarks>
/// An alert belongs to the most upstream alert that its column depends on. Trouble of a whole dataset explains trouble of its columns. Where
/// alerts lie in a circle the first seen is the root; where several roots explain an alert, values beat filters, then the worse, the earlier
/// and the nearer root wins.
/// </remarks>
public static class IncidentFold
{
    /// <summary>Decides.</summary>
    /// <param name="graph">The lineage.</param>
    /// <param name="alerts">All alerts that are not resolved; those about incidents are passed over.</param>
    /// <param name="open">All open incidents.</param>
    /// <param name="now">The time of the decision.</param>
    /// <param name="options">How; the defaults when null.</param>
    public static IncidentDecision Decide(
        LineageIndex graph, IEnumerable<Alert> alerts, IReadOnlyList<Incident> open, DateTimeOffset now, IncidentOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(alerts);
        ArgumentNullException.ThrowIfNull(open);
        options ??= new IncidentOptions();
        var members = MembersNow(alerts, open, now);
        var active = members.Values.Where(m => m.IsOpen || now - m.RecoveredAt < options.RecoveryGrace).ToList();
        var groups = SymptomGroups.Of(graph, active);
        var claims = IncidentClaims.Of(groups, open);
        var writer = new IncidentWriter(graph, members, now, options);
        var decided = new List<IncidentRevision>();
        foreach (var group in groups)
        {
            if (claims.SurvivorOf(group) is null && !group.Members.Any(m => m.IsOpen))
            {
                // What is right again and explains nothing begins no incident.
                continue;
            }

            decided.Add(writer.Revise(group, claims.SurvivorOf(group), claims.MergedInto(group)));
        }

        decided.AddRange(open.Where(i => !claims.IsClaimed(i)).Select(writer.Abandon));
        foreach (var (taken, survivor) in claims.Merges)
        {
            decided.Add(writer.Merge(taken, survivor, decided));
        }

        return new IncidentDecision(
            [.. decided.Where(r => r.Changes.Count > 0)], [.. decided.Select(r => r.Incident).Where(i => i.State == IncidentState.Open)]);
    }

    /// <summary>The id of a new incident.</summary>
    internal static string IdOf(string rootKey, DateTimeOffset openedAt)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{rootKey}|{openedAt.UtcTicks}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 8));
    }

    private static Dictionary<string, IncidentMember> MembersNow(IEnumerable<Alert> alerts, IReadOnlyList<Incident> open, DateTimeOffset now)
    {
        var members = new Dictionary<string, IncidentMember>(StringComparer.Ordinal);
        foreach (var member in open.SelectMany(i => i.Members))
        {
            members[member.Key] = member with { RecoveredAt = member.RecoveredAt ?? now };
        }

        foreach (var alert in alerts)
        {
            if (alert.State == AlertState.Resolved || alert.Key.StartsWith(Incident.AlertKeyPrefix, StringComparison.Ordinal))
            {
                continue;
            }

            var member = IncidentMember.Of(alert);
            var since = members.TryGetValue(alert.Key, out var known) && known.OpenedAt < member.OpenedAt ? known.OpenedAt : member.OpenedAt;
            members[alert.Key] = member with { OpenedAt = since };
        }

        return members;
    }
}
