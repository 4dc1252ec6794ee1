using CsCheck;
using DataPlatform.ResourceScheduler.Policies;

namespace DataPlatform.ResourceScheduler.Tests.Policies;

public sealed class SharePropertyTests
{
    private const double Slack = 1e-6;

    private static readonly Gen<FairShareClaim[]> Claims = Gen.Select(Gen.Int[0, 5], Gen.Double[0, 50], Gen.Double[0, 100], Gen.Bool)
        .Select((weight, min, more, isBounded) => new FairShareClaim(weight, min, isBounded ? min + more
            : double.PositiveInfinity)).Array[1, 12];

    [Fact]
    public void More_in_total_lowers_nobodys_share()
        => Gen.Select(Claims, Gen.Double[0, 500], Gen.Double[0, 200]).Sample((claims, total, more) =>
        {
            var (before, after) = (Fill(total, claims), Fill(total + more, claims));
            Assert.All(before.Zip(after), pair => Assert.True(pair.Second >= pair.First - Slack));
        }, iter: 2_000, threads: 1);

    [Fact]
    public void The_order_in_which_claims_are_listed_does_not_matter()
        => Gen.Select(Claims, Gen.Double[0, 500]).Sample((claims, total) =>
        {
            var (shares, turned) = (Fill(total, claims), Fill(total, [.. claims.Reverse()]));
            Assert.All(shares.Zip(turned.Reverse()), pair => Assert.Equal(pair.First, pair.Second, Slack));
        }, iter: 2_000, threads: 1);

    [Fact]
    public void Nothing_is_left_while_somebody_wants_more_and_nobody_gets_more_than_its_cap()
        => Gen.Select(Claims, Gen.Double[0, 500]).Sample((claims, total) =>
        {
            var shares = Fill(total, claims);
            Assert.All(shares.Zip(claims), pair => Assert.InRange(pair.First, Math.Min(pair.Second.Min, pair.Second.Cap) - Slack,
                pair.Second.Cap + Slack));
            var canGrow = claims.Zip(shares).Any(pair => pair.First.Weight > 0 && pair.Second < pair.First.Cap - Slack);
            Assert.True(!canGrow || shares.Sum() >= total - Slack);
            Assert.True(shares.Sum() <= Math.Max(total, claims.Sum(claim => claim.Min)) + Slack);
        }, iter: 2_000, threads: 1);

    [Fact]
    public void Whole_shares_lose_nothing_in_sum_and_stray_less_than_one()
        => Gen.Double[0, 40].Array[1, 20].Sample(shares =>
        {
            var whole = LargestRemainder.Round(shares);
            Assert.Equal(Math.Floor(shares.Sum() + Slack), whole.Sum());
            Assert.All(whole.Zip(shares), pair => Assert.True(Math.Abs(pair.First - pair.Second) < 1 + Slack));
        }, iter: 2_000, threads: 1);

    [Fact]
    public void Dominant_shares_of_those_who_could_go_on_are_equal_per_weight()
        => Gen.Select(Gen.Select(Gen.Double[0.1, 4], Gen.Double[0.1, 4], Gen.Double[0.5, 3]).Array[2, 6], Gen.Double[20,
            100]).Sample((users, size) =>
        {
            double[] total = [size, size];
            var asked = users.Select((user, i) => new DrfUser($"u{i}", [user.Item1, user.Item2]) { Weight = user.Item3 }).ToArray();
            var fluid = DominantResourceFairness.Fluid(total, asked);
            var levels = asked.Select(user => fluid.DominantShares[user.Id] / user.Weight).ToArray();
            Assert.All(levels, level => Assert.Equal(levels[0], level, 1e-5));
        }, iter: 500, threads: 1);

    private static double[] Fill(double total, FairShareClaim[] claims)
    {
        var shares = new double[claims.Length];
        FairShares.Fill(total, claims, shares);
        return shares;
    }
}
