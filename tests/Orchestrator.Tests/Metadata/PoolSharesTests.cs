using DataPlatform.Orchestrator.Metadata;

namespace DataPlatform.Orchestrator.Tests.Metadata;

public sealed class PoolSharesTests
{
    [Theory]
    [InlineData(8, "3,2", "5,3", "what both want fits, the rest is dealt out")]
    [InlineData(8, "20,2", "6,2", "what one does not want goes to the other")]
    [InlineData(8, "20,20", "4,4", "equal parts")]
    [InlineData(9, "20,20,1", "4,4,1", "max-min fair")]
    [InlineData(3, "9,9", "1,2", "nothing is lost by rounding")]
    [InlineData(4, "0,0", "2,2", "nobody wants, so that starting needs no asking")]
    [InlineData(0, "5,5", "0,0", "an empty pool")]
    [InlineData(7, "1", "7", "one scheduler has it all")]
    public void Slots_are_dealt_out_fairly(int slots, string wanted, string parts, string why)
    {
        var claims = wanted.Split(',').Select((want, i) => new PoolClaim(i, int.Parse(want, null), 0, null)).ToList();

        Assert.True(parts == string.Join(',', PoolShares.Of(slots, claims)), why);
    }

    /// <summary>DAGs share, not schedulers: where they are owned makes no difference.</summary>
    [Theory]
    [InlineData(12, "12/12:1:3", "12/12:1:1", "9,3", "three DAGs against one")]
    [InlineData(12, "12/12:1:1", "12/12:3:1", "3,9", "in proportion to weights")]
    [InlineData(12, "12/1:1:1,12:1:1", "12/12:1:1", "6,6", "what a small one does not want goes to all")]
    [InlineData(12, "12/0:1:1", "12/12:1:1", "0,12", "paused DAGs want nothing")]
    public void Slots_are_dealt_out_by_dag(int slots, string first, string second, string parts, string why)
    {
        var claims = new[] { first, second }.Select(text => text.Split('/')).Select((claim, i) => new PoolClaim(i, int.Parse(claim[0], null), 0, null, claim[1])).ToList();

        Assert.True(parts == string.Join(',', PoolShares.Of(slots, claims)), $"{why}: {string.Join(',', PoolShares.Of(slots, claims))}");
    }

    [Fact]
    public void Many_different_demands_stay_a_short_text()
    {
        var text = DagDemands.Write(Enumerable.Range(1, 10_000).Select(i => (i, 1, 0)));

        Assert.InRange(DagDemands.Read(text, 0).Count, 1, DagDemands.GroupsMax);
        Assert.Equal(10_000, DagDemands.Read(text, 0).Sum(group => group.Count));
        Assert.Equal("3:1:2,5:2:1", DagDemands.Write([(5, 2, 0), (3, 1, 0), (0, 9, 7), (3, 1, 0)]));
    }

    [Fact]
    public void Priorities_are_written_and_the_lowest_of_many_are_counted_as_one()
    {
        Assert.Equal("3:1:1:7,3:1:1,5:2:1:-2", DagDemands.Write([(5, 2, -2), (3, 1, 7), (3, 1, 0)]));
        Assert.Equal([(3, 1, 1, 7), (4, 1, 2, 0)], DagDemands.Read("3:1:1:7,4:1:2", 0));

        var many = DagDemands.Read(DagDemands.Write(Enumerable.Range(0, 1_000).Select(i => (1, 1, i))), 0);
        Assert.Equal(DagDemands.PrioritiesMax, many.Count);
        Assert.Equal((999, 1_000), (many[0].Priority, many.Sum(group => group.Count)));
    }

    /// <summary>What higher priorities want goes first, wherever it waits; what they leave is shared as ever.</summary>
    [Theory]
    [InlineData(12, "12/12:1:1", "5/5:1:1:3", "7,5", "the high one has all it wants")]
    [InlineData(12, "12/12:1:1", "20/20:1:1:3", "0,12", "it wants all there is")]
    [InlineData(12, "12/12:1:1:-1", "12/12:1:1", "0,12", "below the default")]
    [InlineData(12, "24/12:1:1:3,12:1:1", "24/12:1:1:3,12:1:1", "6,6", "both have both")]
    [InlineData(12, "10/2:1:1:3,8:1:1", "8/8:1:1", "7,5", "the rest is shared by DAG")]
    [InlineData(12, "9/9:1:3:3", "12/9:1:1:3,3:1:1:9", "7,5", "three levels: 3 go first, four DAGs share nine")]
    public void Slots_are_dealt_out_by_priority(int slots, string first, string second, string parts, string why)
    {
        var claims = new[] { first, second }.Select(text => text.Split('/')).Select((claim, i) => new PoolClaim(i, int.Parse(claim[0], null), 0, null, claim[1])).ToList();

        Assert.True(parts == string.Join(',', PoolShares.Of(slots, claims)), $"{why}: {string.Join(',', PoolShares.Of(slots, claims))}");
    }

    /// <summary>One slot for whoever has waited longest would go to low priorities, one scheduler after the other, while high ones wait.</summary>
    [Fact]
    public void A_task_that_waits_long_does_not_go_before_higher_priorities()
    {
        Assert.Equal([0, 8], PoolShares.Of(8, [new(1, 20, 1, 10, "20:1:1", 0), new(2, 20, 1, 20, "20:1:1:5", 5)]));
        Assert.Equal([5, 3], PoolShares.Of(8, [new(1, 20, 5, 10, "20:1:1", 0), new(2, 3, 0, null, "3:1:1:5", 0)]));
    }

    [Fact]
    public void The_one_that_waits_longest_with_a_large_task_gets_enough_for_it()
    {
        Assert.Equal([5, 3], PoolShares.Of(8, [new(1, 20, 5, 10), new(2, 20, 5, 20)]));
        Assert.Equal([3, 5], PoolShares.Of(8, [new(1, 20, 5, 20), new(2, 20, 5, 10)]));
        Assert.Equal([4, 4], PoolShares.Of(8, [new(1, 20, 4, 10), new(2, 20, 1, 20)]));
        Assert.Equal([1, 2], PoolShares.Of(3, [new(1, 3, 3, null), new(2, 3, 2, 10)]));
    }

    [Fact]
    public void Parts_always_sum_up_to_the_slots()
    {
        var random = new Random(7);
        for (var i = 0; i < 5_000; i++)
        {
            var slots = random.Next(40);
            var claims = Enumerable.Range(0, random.Next(1, 6))
                .Select(term => new PoolClaim(
                    term, random.Next(30), random.Next(9), random.Next(100), $"{random.Next(30)}:1:1:{random.Next(3)}", random.Next(3))).ToList();

            var parts = PoolShares.Of(slots, claims);

            Assert.Equal(slots, parts.Sum());
            Assert.All(parts, part => Assert.InRange(part, 0, slots));
        }
    }

    /// <summary>Two schedulers with tasks that take more than half of the pool: the slots go to and fro.</summary>
    [Fact]
    public void Schedulers_with_large_tasks_alternate()
    {
        long?[] since = [null, 0];
        var turns = new List<int>();
        for (var now = 1L; now <= 20; now++)
        {
            var parts = PoolShares.Of(3, [new(1, 3, 3, since[0]), new(2, 3, 2, since[1])]);
            since = [parts[0] < 3 ? since[0] ?? now : null, parts[1] < 2 ? since[1] ?? now : null];
            turns.Add(parts[0] >= 3 ? 1 : 2);
        }

        Assert.Equal(10, turns.Count(turn => turn == 1));
    }
}
