using DataPlatform.Orchestrator.Metadata;

namespace DataPlatform.Orchestrator.Tests.Metadata;

public sealed class DagSharesTests
{
    [Theory]
    [InlineData("1.5/3,1.5/0", "1,0", "one comes and gets the half, rounded down")]
    [InlineData("0.5/1,0.5/0", "0,0", "one DAG does not go back and forth")]
    [InlineData("1.333333/2,1.333333/2,1.333333/0", "1,0,0", "one of two gives")]
    [InlineData("5/5,5/5", "0,0", "balanced")]
    [InlineData("1/0,3/4", "0,1", "of different DAGs")]
    [InlineData("0.6666667/2,0.6666667/0,0.6666667/0", "1,0,0", "fewer DAGs than schedulers")]
    [InlineData("3.3333333/10,3.3333333/0,3.3333333/0", "6,0,0", "two come at once")]
    public void A_scheduler_gives_what_others_lack(string members, string gives, string why)
    {
        var all = Read(members);

        Assert.True(gives == string.Join(',', all.Select(member => DagShares.ExcessOf(member.Term, all))), why);
    }

    [Fact]
    public void Taking_and_giving_ends_with_everyone_at_the_share_and_every_dag_owned()
    {
        var random = new Random(11);
        for (var i = 0; i < 500; i++)
        {
            var (count, dags) = (random.Next(1, 6), random.Next(0, 30));
            var owned = new int[count];
            owned[random.Next(count)] = dags;
            var free = 0;
            for (var step = 0; step < 30 * count; step++)
            {
                var me = random.Next(count);
                var members = owned.Select((own, term) => new FleetMembership(term, (double)dags / count, own)).ToList();
                var takes = Math.Min(free, DagShares.RoomOf(me, members));
                var gives = takes > 0 ? 0 : DagShares.ExcessOf(me, members);
                owned[me] += takes - gives;
                free += gives - takes;
            }

            Assert.Equal(0, free);
            Assert.InRange(owned.Max() - owned.Min(), 0, 1);
        }
    }

    private static List<FleetMembership> Read(string members) =>
    [
        .. members.Split(',').Select((member, term) =>
        {
            var parts = member.Split('/');
            return new FleetMembership(
                term, double.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture), int.Parse(parts[1], null));
        }),
    ];
}
