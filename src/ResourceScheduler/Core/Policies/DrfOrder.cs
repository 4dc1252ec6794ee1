namespace DataPlatform.ResourceScheduler.Policies;

/// <summary>A queue or application as it competes under dominant resource fairness.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Used">What it uses, per resource.</param>
/// <param name="Min">Its minimum, per resource; empty for none.</param>
/// <param name="Weight">Its weight.</param>
public sealed record DrfCompetitor(string Id, IReadOnlyList<double> Used, IReadOnlyList<double> Min, double Weight = 1);

/// <summary>Who is served first: who is below its minimum, by use over minimum on the resource its use dominates; else by dominant share
/// over weight,
/// then by the next largest share.</summary>
/// <param name="total">What there is, per resource. The order changes with it, so a new total needs a new comparer.</param>
public sealed class DrfOrder(IReadOnlyList<double> total) : IComparer<DrfCompetitor>
{
    /// <inheritdoc/>
    public int Compare(DrfCompetitor? x, DrfCompetitor? y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        var (left, right) = (Need(x), Need(y));
        if (left < 1 || right < 1)
        {
            var byNeed = left.CompareTo(right);
            if (byNeed != 0)
            {
                return byNeed;
            }
        }

        var (mine, others) = (Shares(x), Shares(y));
        for (var r = 0; r < mine.Length; r++)
        {
            var byShare = mine[r].CompareTo(others[r]);
            if (byShare != 0)
            {
                return byShare;
            }
        }

        return 0;
    }

    /// <summary>Use over minimum on the dominant resource; 1 or more when that minimum is met.</summary>
    private double Need(DrfCompetitor competitor)
    {
        var dominant = Enumerable.Range(0, total.Count).MaxBy(r => total[r] > 0 ? competitor.Used[r] / total[r] : 0);
        return competitor.Min.Count > dominant && competitor.Min[dominant] > 0 ? competitor.Used[dominant] / competitor.Min[dominant]
            : double.PositiveInfinity;
    }

    private double[] Shares(DrfCompetitor competitor)
        => [.. competitor.Used.Select((used, r) => total[r] <= 0 ? 0 : used / total[r] / competitor.Weight).OrderDescending()];
}
