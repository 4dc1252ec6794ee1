namespace DataPlatform.Orchestrator.Metadata;

/// <summary>How many DAGs a scheduler of a fleet may take and should give back. Pure: each computes it for itself from the same facts.</summary>
public static class DagShares
{
    /// <summary>Sums of fractions are not exact.</summary>
    private const double Slack = 1e-6;

    /// <summary>How many DAGs without an owner a scheduler may take before others had theirs.</summary>
    /// <param name="term">The scheduler.</param>
    /// <param name="members">All schedulers.</param>
    /// <remarks>Up to the share rounded up; only rounded down while another one has not even that.</remarks>
    public static int RoomOf(long term, IReadOnlyList<FleetMembership> members)
    {
        ArgumentNullException.ThrowIfNull(members);
        var isHungry = members.Any(member => member.Term != term && HungerOf(member) > 0);
        return members.Where(member => member.Term == term).Sum(member => isHungry ? HungerOf(member) : Room(member));
    }

    /// <summary>How many DAGs a scheduler lacks for its share, rounded down.</summary>
    /// <param name="member">The scheduler.</param>
    public static int HungerOf(FleetMembership member) => Math.Max(0, Floor(member) - member.Owned);

    /// <summary>How many DAGs a scheduler should give back: what others lack, from those that have most beyond their share, and what it has
    /// beyond its share rounded up as long as others have room.</summary>
    /// <param name="term">The scheduler.</param>
    /// <param name="members">All schedulers.</param>
    public static int ExcessOf(long term, IReadOnlyList<FleetMembership> members)
    {
        ArgumentNullException.ThrowIfNull(members);
        var (hunger, room) = (members.Sum(HungerOf), members.Sum(Room));
        foreach (var giver in members.OrderByDescending(member => member.Owned - Floor(member)).ThenBy(member => member.Term))
        {
            var feeds = Math.Clamp(giver.Owned - Floor(giver), 0, hunger);
            var fills = Math.Clamp(giver.Owned - feeds - Ceiling(giver), 0, room - feeds);
            if (giver.Term == term)
            {
                return feeds + fills;
            }

            (hunger, room) = (hunger - feeds, room - feeds - fills);
        }

        return 0;
    }

    /// <summary>How many DAGs a scheduler lacks for its share, rounded up.</summary>
    /// <param name="member">The scheduler.</param>
    public static int Room(FleetMembership member) => Math.Max(0, Ceiling(member) - member.Owned);

    private static int Ceiling(FleetMembership member) => (int)Math.Ceiling(member.Share - Slack);

    private static int Floor(FleetMembership member) => (int)Math.Floor(member.Share + Slack);
}
