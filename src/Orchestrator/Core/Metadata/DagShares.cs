namespace DataPlatform.Orchestrator.Metadata;

/// <summary>How many DAGs a scheduler of a fleet may take and should give back. Pure: each computes it for itself from the same facts.</summary>
public static class DagShares
{
    /// <summary>Sums of fractions are not exact.</summary>
    private const double Slack = 1e-6;

    /// <summary>How many DAGs without an owner a scheduler may take before others had theirs.</summary>
    /// <param name="term">The scheduler.</param>
    /// <param name="members">All schedulers.</param>
    public static int RoomOf(long term, IReadOnlyList<FleetMembership> members) => members.Where(member => member.Term == term)
        .Sum(member => Math.Max(0, (int)Math.Ceiling(member.Share - Slack) - member.Owned));

    /// <summary>How many DAGs a scheduler lacks for its share, rounded down.</summary>
    /// <param name="member">The scheduler.</param>
    public static int HungerOf(FleetMembership member) => Math.Max(0, Floor(member) - member.Owned);

    /// <summary>How many DAGs a scheduler should give back: what others lack, from those that have most beyond their share.</summary>
    /// <param name="term">The scheduler.</param>
    /// <param name="members">All schedulers.</param>
    public static int ExcessOf(long term, IReadOnlyList<FleetMembership> members)
    {
        ArgumentNullException.ThrowIfNull(members);
        var hunger = members.Sum(HungerOf);
        foreach (var giver in members.OrderByDescending(member => member.Owned - Floor(member)).ThenBy(member => member.Term))
        {
            var gives = Math.Clamp(giver.Owned - Floor(giver), 0, hunger);
            if (giver.Term == term)
            {
                return gives;
            }

            hunger -= gives;
        }

        return 0;
    }

    private static int Floor(FleetMembership member) => (int)Math.Floor(member.Share + Slack);
}
