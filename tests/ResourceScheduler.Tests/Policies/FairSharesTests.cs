using CsCheck;
using DataPlatform.ResourceScheduler.Policies;

namespace DataPlatform.ResourceScheduler.Tests.Policies;

public sealed class FairSharesTests
{
    private static readonly Gen<FairShareClaim> Claim =
        Gen.Select(Gen.Int[0, 8], Gen.Int[0, 50], Gen.Int[0, 300], Gen.Bool, (weight, min, cap, bounded) =>
            new FairShareClaim(weight / 2.0, bounded ? Math.Min(min, cap) : min, bounded ? cap : double.PositiveInfinity));

    private static readonly Gen<(double Total, FairShareClaim[] Claims)> Case =
        Gen.Select(Gen.Int[0, 1_000], Claim.Array[1, 12], (total, claims) => ((double)total, claims));

    [Fact]
    public void Surplus_of_the_satisfied_goes_to_the_others_round_by_round()
    {
        var shares = Fill(40, new(1, 0, 100), new(1, 0, 50), new(1, 0, 11), new(1, 0, 3));

        Assert.Equal([13, 13, 11, 3], shares);
    }

    [Fact]
    public void Minima_above_the_total_are_kept_and_weights_then_get_nothing()
        => Assert.Equal([600, 700, 0], Fill(1000, new(0, 600, 600), new(0, 700, 700), new(1, 0, 1e9)));

    [Fact]
    public void One_ratio_explains_every_share()
        => Case.Sample(item =>
        {
            var shares = Fill(item.Total, item.Claims);
            for (var i = 0; i < shares.Length; i++)
            {
                var claim = item.Claims[i];
                Assert.InRange(shares[i], Math.Min(claim.Min, claim.Cap), claim.Cap);
            }

            // Who is above its minimum has the same ratio as everybody who is below its cap, or a smaller one.
            var growing = item.Claims.Select((claim, i) => (claim, share: shares[i])).Where(x => x.claim.Weight > 0).ToArray();
            foreach (var above in growing.Where(x => x.share > x.claim.Min + 1e-9))
            {
                foreach (var below in growing.Where(x => x.share < x.claim.Cap - 1e-9))
                {
                    Assert.True(above.share / above.claim.Weight <= (below.share / below.claim.Weight) + 1e-6);
                }
            }
        });

    [Fact]
    public void Nothing_is_left_while_somebody_could_take_it_and_nothing_is_given_twice()
        => Case.Sample(item =>
        {
            var shares = Fill(item.Total, item.Claims);
            var minima = item.Claims.Sum(claim => Math.Min(claim.Min, claim.Cap));
            var wanted = item.Claims.Sum(claim => claim.Weight > 0 ? claim.Cap : Math.Min(claim.Min, claim.Cap));

            Assert.Equal(Math.Max(minima, Math.Min(item.Total, wanted)), shares.Sum(), 6);
        });

    [Fact]
    public void More_to_share_never_lowers_a_share()
        => Case.Sample(item =>
        {
            var less = Fill(item.Total, item.Claims);
            var more = Fill(item.Total + 37, item.Claims);
            Assert.All(less.Zip(more), pair => Assert.True(pair.First <= pair.Second + 1e-9));
        });

    [Fact]
    public void The_order_of_siblings_does_not_matter()
        => Case.Sample(item =>
        {
            var forward = Fill(item.Total, item.Claims);
            var backward = Fill(item.Total, [.. item.Claims.Reverse()]);
            Assert.All(forward.Zip(backward.Reverse()), pair => Assert.Equal(pair.First, pair.Second, 9));
        });

    [Fact]
    public void Whole_units_go_to_the_largest_remainders_and_none_is_lost()
    {
        Assert.Equal([3, 8], LargestRemainder.Round([3.4, 7.6]));
        Assert.Equal([2, 1, 1], LargestRemainder.Round([4.0 / 3, 4.0 / 3, 4.0 / 3]));
        Gen.Double[0, 100].Array[1, 9].Sample(shares =>
        {
            var whole = LargestRemainder.Round(shares);
            Assert.Equal((long)Math.Floor(shares.Sum() + 1e-6), whole.Sum());
            Assert.All(whole.Zip(shares), pair => Assert.InRange(pair.First, pair.Second - 1, pair.Second + 1));
        });
    }

    private static double[] Fill(double total, params FairShareClaim[] claims)
    {
        var shares = new double[claims.Length];
        FairShares.Fill(total, claims, shares);
        return shares;
    }
}
