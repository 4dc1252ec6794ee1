namespace DataPlatform.ResourceScheduler.Policies;

/// <summary>Dominant resource fairness (Ghodsi et al., NSDI 2011): equal dominant shares per weight, as far as demand and resources
/// allow.</summary>
public static class DominantResourceFairness
{
    private const double Slack = 1e-9;

    /// <summary>Task by task: always to the user with the smallest dominant share per weight whose next task fits. Ties go to who is
    /// listed first.</summary>
    /// <param name="total">What there is, per resource.</param>
    /// <param name="users">Who wants it.</param>
    public static DrfAllocation Discrete(IReadOnlyList<double> total, IReadOnlyList<DrfUser> users)
    {
        var (free, tasks, sequence) = (total.ToArray(), new double[users.Count], new List<string>());
        while (true)
        {
            var next = -1;
            for (var i = 0; i < users.Count; i++)
            {
                if (tasks[i] < users[i].TasksMax && Fits(users[i].Demand, free)
                    && (next < 0 || PerWeight(users[i], tasks[i], total) < PerWeight(users[next], tasks[next], total) - Slack))
                {
                    next = i;
                }
            }

            if (next < 0)
            {
                return Result(total, users, tasks, sequence);
            }

            Take(users[next].Demand, free, 1);
            tasks[next]++;
            sequence.Add(users[next].Id);
        }
    }

    /// <summary>With divisible tasks: all dominant shares per weight grow together; who meets a full resource or its last task stops, the
    /// others go on.</summary>
    /// <param name="total">What there is, per resource.</param>
    /// <param name="users">Who wants it.</param>
    public static DrfAllocation Fluid(IReadOnlyList<double> total, IReadOnlyList<DrfUser> users)
    {
        var (free, tasks) = (total.ToArray(), new double[users.Count]);
        var rates = users.Select(user => user.Weight / DominantShare(user.Demand, total)).ToArray();
        var growing = Enumerable.Range(0, users.Count).Where(i => rates[i] > 0 && double.IsFinite(rates[i])).ToList();
        while (growing.Count > 0)
        {
            var step = Step(growing, users, rates, tasks, free);
            foreach (var i in growing)
            {
                tasks[i] += rates[i] * step;
                Take(users[i].Demand, free, rates[i] * step);
            }

            growing.RemoveAll(i => tasks[i] >= users[i].TasksMax - Slack || MeetsFullResource(users[i], free, total));
        }

        return Result(total, users, tasks, []);
    }

    internal static bool Fits(IReadOnlyList<double> demand, double[] free)
    {
        for (var r = 0; r < free.Length; r++)
        {
            if (demand[r] > free[r] + Slack)
            {
                return false;
            }
        }

        return true;
    }

    internal static void Take(IReadOnlyList<double> demand, double[] free, double tasks)
    {
        for (var r = 0; r < free.Length; r++)
        {
            free[r] -= demand[r] * tasks;
        }
    }

    internal static double DominantShare(IReadOnlyList<double> amounts, IReadOnlyList<double> total)
        => amounts.Select((amount, r) => amount <= 0 ? 0 : total[r] <= 0 ? double.PositiveInfinity : amount / total[r]).Max();

    internal static DrfAllocation Result(IReadOnlyList<double> total, IReadOnlyList<DrfUser> users, double[] tasks, List<string> sequence)
    {
        var byUser = new Dictionary<string, double>(StringComparer.Ordinal);
        var shares = new Dictionary<string, double>(StringComparer.Ordinal);
        for (var i = 0; i < users.Count; i++)
        {
            byUser[users[i].Id] = tasks[i];
            shares[users[i].Id] = tasks[i] * DominantShare(users[i].Demand, total);
        }

        return new DrfAllocation(byUser, shares, sequence);
    }

    /// <summary>How far all can grow until a resource is full or somebody has its last task.</summary>
    private static double Step(List<int> growing, IReadOnlyList<DrfUser> users, double[] rates, double[] tasks, double[] free)
    {
        var step = growing.Min(i => (users[i].TasksMax - tasks[i]) / rates[i]);
        for (var r = 0; r < free.Length; r++)
        {
            var drain = growing.Sum(i => users[i].Demand[r] * rates[i]);
            if (drain > 0)
            {
                step = Math.Min(step, Math.Max(0, free[r]) / drain);
            }
        }

        return step;
    }

    private static bool MeetsFullResource(DrfUser user, double[] free, IReadOnlyList<double> total)
        => user.Demand.Where((amount, r) => amount > 0 && free[r] <= Slack * Math.Max(1, total[r])).Any();

    private static double PerWeight(DrfUser user, double tasks, IReadOnlyList<double> total)
        => user.Weight > 0 ? tasks * DominantShare(user.Demand, total) / user.Weight : double.PositiveInfinity;
}
