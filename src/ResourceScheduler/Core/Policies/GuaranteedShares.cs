namespace DataPlatform.ResourceScheduler.Policies;

/// <summary>Guarantees first, then what is left: class by class of falling priority, by weight inside a class.</summary>
internal static class GuaranteedShares
{
    public static double[] Split(double amount, List<FairShareTree.Member> members, bool wholeUnits)
    {
        var shares = members.Select(member => Math.Min(member.Queue.Min, member.Cap)).ToArray();
        var left = Math.Max(0, amount - shares.Sum());
        foreach (var priority in members.Select(member => member.Queue.Priority).Distinct().OrderDescending())
        {
            var places = Enumerable.Range(0, members.Count).Where(i => members[i].Queue.Priority == priority).ToArray();
            var extra = Extra(left, places, members, shares, wholeUnits);
            for (var i = 0; i < places.Length; i++)
            {
                shares[places[i]] += extra[i];
                left -= extra[i];
            }
        }

        return shares;
    }

    private static double[] Extra(double left, int[] places, List<FairShareTree.Member> members, double[] shares, bool wholeUnits)
    {
        var claims = places.Select(place => new FairShareClaim(members[place].Queue.Weight, 0,
            Math.Max(0, members[place].Cap - shares[place]))).ToArray();
        var extra = new double[places.Length];
        FairShares.Fill(left, claims, extra);
        return wholeUnits ? [.. LargestRemainder.Round(extra).Select(share => (double)share)] : extra;
    }
}
