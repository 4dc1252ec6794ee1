using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Policies;
using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler.Preemption;

/// <summary>What every queue and application is entitled to now, resource by resource, given everybody's demand.</summary>
/// <remarks>Kept on the queues and applications themselves until the next calculation. Only contended resources count: of the others
/// everybody has what it wants, and a share equal to the demand protects nothing.</remarks>
internal sealed class Entitlements
{
    public const int Resources = 3;
    private const double Slack = 1e-6;

    private Entitlements(bool[] contended) => Contended = contended;

    /// <summary>Per resource, whether more of it is wanted than there is.</summary>
    public bool[] Contended { get; }

    /// <summary>What a leaf may give up at most in this round, per leaf; null where the trigger sets no such bound.</summary>
    public IReadOnlyDictionary<string, double>? Budgets { get; private set; }

    public static long Amount(in ResourceVector vector, int resource) => resource switch
    {
        0 => vector.CpuMillis,
        1 => vector.MemoryMiB,
        _ => vector.GpuMillis,
    };

    /// <summary>Demand-aware fair shares down to applications.</summary>
    public static Entitlements Fair(Queue root, in ResourceVector total)
    {
        var wanted = root.Used + root.Pending;
        var entitlements = new Entitlements([.. Contention(wanted, total)]);
        for (var resource = 0; resource < Resources; resource++)
        {
            if (!entitlements.Contended[resource])
            {
                continue;
            }

            var amount = Math.Min(Math.Min(Amount(total, resource), Amount(root.Max, resource)), Amount(wanted, resource));
            Descend(root, amount, resource);
        }

        return entitlements;
    }

    /// <summary>The ideal of capacity preemption on the most wanted resource, with budgets for who pays.</summary>
    public static Entitlements Capacity(Queue root, in ResourceVector total, CapacityPreemptionRules rules)
    {
        var (all, wanted) = (total, root.Used + root.Pending);
        var scarce = Enumerable.Range(0, Resources).MaxBy(resource => Amount(all, resource) > 0
            ? (double)Amount(wanted, resource) / Amount(all, resource) : 0);
        var entitlements = new Entitlements([.. Enumerable.Range(0, Resources).Select(resource => resource == scarce
            && Amount(wanted, resource) > Amount(all, resource))]);
        var queues = new List<PreemptionQueue>();
        Collect(root, scarce, queues);
        var plan = CapacityPreemption.Plan(Amount(total, scarce), queues, rules);
        entitlements.Budgets = plan.Preempt;
        Adopt(root, scarce, Amount(total, scarce), plan.Ideal);
        return entitlements;
    }

    public static double Of(Queue queue, int resource) => queue.Entitled[resource];

    public static double Of(Application application, int resource) => application.Entitled[resource];

    /// <summary>Whether something holds less than a fraction of what it is entitled to, even of the contended resource it holds most
    /// of.</summary>
    public bool IsShort(in ResourceVector used, double[] entitled, double fraction)
    {
        var isEntitled = false;
        for (var resource = 0; resource < Resources; resource++)
        {
            if (Contended[resource] && entitled[resource] > Slack)
            {
                isEntitled = true;
                if (Amount(used, resource) >= (fraction * entitled[resource]) - Slack)
                {
                    return false;
                }
            }
        }

        return isEntitled;
    }

    /// <summary>Whether <paramref name="used"/> stays within what is entitled, of every contended resource that <paramref name="size"/>
    /// has any of.</summary>
    public bool IsWithin(in ResourceVector used, in ResourceVector size, double[] entitled)
    {
        for (var resource = 0; resource < Resources; resource++)
        {
            if (Contended[resource] && Amount(size, resource) > 0 && Amount(used, resource) > entitled[resource] + Slack)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether <paramref name="left"/> is still all that is entitled of a contended resource that <paramref name="size"/> had any
    /// of: as with
    /// dominant shares, the resource one holds most of decides.</summary>
    public bool KeepsAll(in ResourceVector left, in ResourceVector size, double[] entitled)
    {
        for (var resource = 0; resource < Resources; resource++)
        {
            if (Contended[resource] && Amount(size, resource) > 0 && Amount(left, resource) >= entitled[resource] - Slack)
            {
                return true;
            }
        }

        return false;
    }

    public static ResourceVector Vector(Queue queue) => new((long)Of(queue, 0), (long)Of(queue, 1), (long)Of(queue, 2));

    private static IEnumerable<bool> Contention(ResourceVector wanted, ResourceVector total)
        => Enumerable.Range(0, Resources).Select(resource => Amount(wanted, resource) > Amount(total, resource));

    private static void Collect(Queue queue, int resource, List<PreemptionQueue> queues)
    {
        queues.Add(new PreemptionQueue(queue.Path, Amount(queue.Guarantee, resource), Amount(queue.Max, resource),
            Amount(queue.Used, resource), Amount(queue.Pending, resource))
        {
            Priority = queue.Options.Priority,
            IsExempt = queue.Options.Preemption != PreemptionScope.AcrossQueues,
        });
        queue.Children.ForEach(child => Collect(child, resource, queues));
    }

    private static void Adopt(Queue queue, int resource, double amount, IReadOnlyDictionary<string, double> ideal)
    {
        queue.Entitled[resource] = amount;
        if (queue.IsLeaf)
        {
            SplitAmongApplications(queue, amount, resource);
        }

        queue.Children.ForEach(child => Adopt(child, resource, ideal[child.Path], ideal));
    }

    private static void Descend(Queue queue, double amount, int resource)
    {
        queue.Entitled[resource] = amount;
        if (queue.IsLeaf)
        {
            SplitAmongApplications(queue, amount, resource);
            return;
        }

        var claims = new FairShareClaim[queue.Children.Count];
        for (var i = 0; i < claims.Length; i++)
        {
            var child = queue.Children[i];
            var cap = Math.Min(Amount(child.Max, resource), Amount(child.Used, resource) + Amount(child.Pending, resource));
            claims[i] = new FairShareClaim(child.Options.Weight, Math.Min(Amount(child.Guarantee, resource), cap), cap);
        }

        var shares = new double[claims.Length];
        FairShares.Fill(amount, claims, shares);
        for (var i = 0; i < shares.Length; i++)
        {
            Descend(queue.Children[i], shares[i], resource);
        }
    }

    /// <summary>In equal shares up to what each wants; first come first served where the leaf works that way.</summary>
    private static void SplitAmongApplications(Queue leaf, double amount, int resource)
    {
        var claims = new FairShareClaim[leaf.Members.Count];
        var place = 0;
        foreach (var application in leaf.Members)
        {
            claims[place++] = new FairShareClaim(1, 0, Wanted(application, resource));
        }

        var shares = new double[claims.Length];
        if (leaf.Options.Policy != QueuePolicy.Fifo)
        {
            FairShares.Fill(amount, claims, shares);
        }

        place = 0;
        foreach (var application in leaf.Members)
        {
            var share = leaf.Options.Policy == QueuePolicy.Fifo ? Math.Min(claims[place].Cap, amount) : shares[place];
            amount -= share;
            application.Entitled[resource] = share;
            place++;
        }
    }

    private static long Wanted(Application application, int resource)
    {
        var wanted = Amount(application.Used, resource);
        foreach (var ask in application.Waiting)
        {
            wanted += ask.Pending * Amount(ask.Definition.Resources, resource);
        }

        return wanted;
    }
}
