using DataPlatform.ResourceScheduler.Containers;

namespace DataPlatform.ResourceScheduler.Preemption;

/// <summary>A container that may have to go.</summary>
/// <param name="Id">Its name or number, for the caller.</param>
/// <param name="Importance">Lower goes first.</param>
/// <param name="Start">When it started; later goes first, as less work is lost.</param>
/// <param name="Size">What it frees.</param>
/// <param name="IsMaster">Whether it runs its application's master, which goes last.</param>
/// <typeparam name="TId">The type of the name or number.</typeparam>
public readonly record struct Victim<TId>(TId Id, int Importance, long Start, double Size, bool IsMaster);

/// <summary>Which containers go first, and how many of them.</summary>
public static class Victims
{
    /// <summary>As <see cref="Order"/>, for running containers; ends in the number, so it is total.</summary>
    internal static int Compare(Container left, Container right)
    {
        if (left.Ask.IsMaster != right.Ask.IsMaster)
        {
            return left.Ask.IsMaster ? 1 : -1;
        }

        var byImportance = Importance(left).CompareTo(Importance(right));
        return byImportance != 0 ? byImportance
            : left.PlacedAtMs != right.PlacedAtMs ? right.PlacedAtMs.CompareTo(left.PlacedAtMs)
            : left.Id.CompareTo(right.Id);
    }

    private static int Importance(Container container)
        => (Math.Clamp(container.Application.Definition.Priority, -1000, 1000) * 10_000)
            + Math.Clamp(container.Ask.Definition.Priority, -5000, 4999);

    /// <summary>Least important first, then most recently started; masters after everything else.</summary>
    /// <param name="candidates">Containers that may go.</param>
    /// <typeparam name="TId">The type of a container's name or number.</typeparam>
    public static IEnumerable<Victim<TId>> Order<TId>(IEnumerable<Victim<TId>> candidates)
        => candidates.OrderBy(victim => victim.IsMaster).ThenBy(victim => victim.Importance).ThenByDescending(victim => victim.Start);

    /// <summary>The first victims, in <see cref="Order"/>, that together free what is needed; all of them where even that is too
    /// little.</summary>
    /// <param name="candidates">Containers that may go.</param>
    /// <param name="need">What is to be freed.</param>
    /// <param name="mastersKept">What masters keep at most: masters go only while they hold more.</param>
    /// <typeparam name="TId">The type of a container's name or number.</typeparam>
    public static IReadOnlyList<Victim<TId>> Select<TId>(IReadOnlyCollection<Victim<TId>> candidates, double need, double mastersKept = 0)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        var chosen = new List<Victim<TId>>();
        var masters = candidates.Where(victim => victim.IsMaster).Sum(victim => victim.Size);
        foreach (var victim in Order(candidates))
        {
            if (need <= 0 || (victim.IsMaster && masters <= mastersKept))
            {
                break;
            }

            chosen.Add(victim);
            need -= victim.Size;
            masters -= victim.IsMaster ? victim.Size : 0;
        }

        return chosen;
    }
}
