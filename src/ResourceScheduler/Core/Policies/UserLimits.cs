namespace DataPlatform.ResourceScheduler.Policies;

/// <summary>What one user may hold in a queue that several users share.</summary>
/// <remarks>All amounts are of one resource in one unit. A user may start a container while it holds at most the limit: one container may
/// go
/// beyond it, never two, so that a limit smaller than a container cannot starve its user.</remarks>
/// <param name="Capacity">The queue's guaranteed capacity.</param>
/// <param name="MinimumShare">The fraction of the queue each user gets at least while users compete; 1 lets them in one after the
/// other.</param>
/// <param name="Factor">How many times the capacity one user may hold at most.</param>
/// <param name="Step">The unit limits are rounded up to, and what is about to be allocated.</param>
public readonly record struct UserLimits(double Capacity, double MinimumShare, double Factor, double Step)
{
    // Limits are products of fractions; what is this close above a whole step is that step.
    private const double Slack = 1e-9;

    /// <summary>The limit now.</summary>
    /// <param name="queueUsed">What the queue holds.</param>
    /// <param name="activeUsed">What the active users hold: those with something pending.</param>
    /// <param name="activeUsers">The sum of the active users' weights; their number where all weigh 1.</param>
    /// <param name="weight">The weight of the user the limit is for.</param>
    public double Limit(double queueUsed, double activeUsed, double activeUsers, double weight = 1)
    {
        var equal = activeUsers > 0 ? (activeUsed + Step) / activeUsers : 0;
        var minimum = Math.Max(Capacity, queueUsed + Step) * MinimumShare;
        var limit = Math.Min(Math.Max(equal, minimum) * weight, Capacity * Factor);
        return Math.Ceiling((limit / Step) - Slack) * Step;
    }

    /// <summary>What a user may still take: up to its limit, and no more than the queue may.</summary>
    /// <param name="limit">The user's limit.</param>
    /// <param name="used">What the user holds.</param>
    /// <param name="queueMax">What the queue may hold.</param>
    /// <param name="queueUsed">What the queue holds.</param>
    public static double Headroom(double limit, double used, double queueMax, double queueUsed)
        => Math.Max(0, Math.Min(limit - used, queueMax - queueUsed));

    /// <summary>The use of a queue as a fraction of the whole when several resources count: the sum of its users' dominant shares, which
    /// may exceed 1.</summary>
    /// <param name="total">What there is, per resource.</param>
    /// <param name="usedByUser">What each user holds, per resource.</param>
    public static double UsageRatio(IReadOnlyList<double> total, IEnumerable<IReadOnlyList<double>> usedByUser)
        => usedByUser.Sum(used => DominantResourceFairness.DominantShare(used, total));
}
