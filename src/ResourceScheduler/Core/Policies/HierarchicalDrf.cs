using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler.Policies;

/// <summary>Dominant resource fairness over a tree of users, task by task.</summary>
/// <remarks>
/// A parent's share is not the plain sum of what is used below it: that starves a parent whose children use different resources. Children
/// that
/// can still grow are scaled down to the smallest of them before they are summed, and those that cannot are left out of that minimum
/// (H-DRF, Bhattacharya et al., SoCC 2013).
/// </remarks>
public static class HierarchicalDrf
{
    /// <summary>Allocates until nobody's next task fits.</summary>
    /// <param name="total">What there is, per resource.</param>
    /// <param name="leaves">The users; their ids are paths from <c>root</c>. Ties go to who is listed first.</param>
    /// <param name="weights">Weights of parents and leaves by path; 1 where absent.</param>
    /// <param name="rescale">Whether parents are rescaled; without it a parent counts the plain sum, as simple schedulers do.</param>
    public static DrfAllocation Allocate(
        IReadOnlyList<double> total, IReadOnlyList<DrfUser> leaves, IReadOnlyDictionary<string, double>? weights = null,
            bool rescale = true)
    {
        var (root, nodes) = Build(leaves, weights);
        var (free, sequence) = (total.ToArray(), new List<string>());
        while (true)
        {
            root.Refresh(total, free, rescale);
            if (root.IsBlocked)
            {
                return DominantResourceFairness.Result(total, leaves, [.. leaves.Select(leaf => nodes[leaf.Id].Tasks)], sequence);
            }

            var next = root;
            while (next.User is null)
            {
                next = next.Children.Where(child => !child.IsBlocked).Aggregate((best, child) => child.PerWeight < best.PerWeight - 1e-12
                    ? child : best);
            }

            DominantResourceFairness.Take(next.User.Demand, free, 1);
            next.Tasks++;
            sequence.Add(next.User.Id);
        }
    }

    private static (Member Root, Dictionary<string, Member> Nodes) Build(IReadOnlyList<DrfUser> leaves, IReadOnlyDictionary<string,
        double>? weights)
    {
        var nodes = new Dictionary<string, Member>(StringComparer.Ordinal);
        Member At(string path, DrfUser? user)
        {
            if (!nodes.TryGetValue(path, out var member))
            {
                member = new Member(user, weights?.GetValueOrDefault(path, user?.Weight ?? 1) ?? user?.Weight ?? 1);
                nodes.Add(path, member);
                if (QueuePath.Parent(path) is { } parent)
                {
                    At(parent, null).Children.Add(member);
                }
            }

            return member;
        }

        foreach (var leaf in leaves)
        {
            At(leaf.Id, leaf);
        }

        return (nodes.Values.First(member => !nodes.Values.Any(other => other.Children.Contains(member))), nodes);
    }

    private sealed class Member(DrfUser? user, double weight)
    {
        private double[] _used = [];
        private double _share;

        public DrfUser? User { get; } = user;

        public List<Member> Children { get; } = [];

        public double Tasks { get; set; }

        public bool IsBlocked { get; private set; }

        public double PerWeight => weight > 0 ? _share / weight : double.PositiveInfinity;

        public void Refresh(IReadOnlyList<double> total, double[] free, bool rescale)
        {
            if (User is not null)
            {
                _used = [.. User.Demand.Select(amount => amount * Tasks)];
                IsBlocked = Tasks >= User.TasksMax || !DominantResourceFairness.Fits(User.Demand, free);
            }
            else
            {
                Children.ForEach(child => child.Refresh(total, free, rescale));
                IsBlocked = Children.TrueForAll(child => child.IsBlocked);
                Sum(total.Count, rescale);
            }

            _share = DominantResourceFairness.DominantShare(_used, total);
        }

        private void Sum(int resources, bool rescale)
        {
            var smallest = Children.Where(child => !child.IsBlocked
                && child._share > 0).Select(child => child._share).DefaultIfEmpty(1).Min();
            _used = new double[resources];
            foreach (var child in Children)
            {
                var scale = rescale && !child.IsBlocked && child._share > 0 ? smallest / child._share : 1;
                for (var r = 0; r < resources; r++)
                {
                    _used[r] += child._used[r] * scale;
                }
            }
        }
    }
}
