using DataPlatform.ResourceScheduler.Autoscaling;
using DataPlatform.ResourceScheduler.Simulation;

namespace DataPlatform.ResourceScheduler.Tests.Simulation;

public sealed class SimulatedScalingTests
{
    private const string Lines = """
        {"job":"burst","queue":"root.a","user":"ana","submit_ms":0,"stages":[{"cpu":1000,"memory":1024,"count":60,"run_ms":[1800000]}]}
        {"job":"late","queue":"root.a","user":"ana","submit_ms":7200000,"stages":[{"cpu":1000,"memory":1024,"count":8,"run_ms":[600000]}]}
        """;

    private static readonly AutoscalerOptions Autoscaler = new()
    {
        PendingAfterMs = 60_000,
        IdleAfterMs = 300_000,
        Groups =
        [
            new NodeGroup("od", new ResourceVector(4000, 8192)) { PricePerHour = 1 },
            new NodeGroup("spot-a", new ResourceVector(4000, 8192)) { PricePerHour = 0.3, Purchase = NodePurchase.Spot },
            new NodeGroup("spot-b", new ResourceVector(4000, 8192)) { PricePerHour = 0.3, Purchase = NodePurchase.Spot },
        ],
    };

    [Fact]
    public void Nodes_come_for_a_burst_leave_when_idle_and_spot_saves_money()
    {
        var report = Run(new SimulatedCloudOptions { InterruptionsPerHour = 0 });
        var scaling = report.Scaling!;

        Assert.Equal((2, 0), (report.Finished, report.PendingAtEnd));
        Assert.Equal(15, scaling.NodesMax);
        Assert.Contains("spot-a", report.ToHtml("scaled"), StringComparison.Ordinal);
        Assert.Contains("onDemandCost", report.ToJson(), StringComparison.Ordinal);
        Assert.InRange(scaling.Cost, scaling.OnDemandCost * 0.4, scaling.OnDemandCost * 0.7);
        Assert.Equal(NodePurchase.OnDemand, scaling.Costs[0].Purchase);
        // Between the burst and the late job, most nodes were gone.
        Assert.InRange(scaling.Costs.Sum(cost => cost.Hours), 8, 20);
    }

    [Fact]
    public void Work_on_nodes_that_are_taken_away_goes_on_from_its_checkpoints()
    {
        var report = Run(new SimulatedCloudOptions { InterruptionsPerHour = 3 });

        Assert.Equal((2, 0), (report.Finished, report.PendingAtEnd));
        Assert.True(report.Scaling!.Costs.Sum(cost => cost.Interruptions) > 0);
        Assert.True(report.Scaling.SavedSeconds > 0);
    }

    [Fact]
    public void A_cloud_without_spot_nodes_is_no_end()
    {
        var report = Run(new SimulatedCloudOptions { NodesPerGroupMax = 6, InterruptionsPerHour = 0 });
        Assert.Equal(2, report.Finished);
        Assert.All(report.Scaling!.Costs, cost => Assert.True(cost.Started > 0));
    }

    [Fact]
    public void The_same_seed_gives_the_same_log_with_scaling_too()
    {
        string Log(int seed)
        {
            using var log = new StringWriter();
            Run(new SimulatedCloudOptions { InterruptionsPerHour = 2 }, seed, log);
            return log.ToString();
        }

        Assert.Equal(Log(1), Log(1));
        Assert.NotEqual(Log(1), Log(2));
    }

    [Fact]
    public void Stopping_on_the_way_explains_what_waits()
    {
        var trace = TraceReader.Read(Lines) with { Nodes = [new SimulatedNode("n", new ResourceVector(4000, 8192))] };
        var report = ClusterSimulation.Run(trace, trace.DefaultQueues(), new SimulationOptions { StopAtMs = 90_000 });

        Assert.Equal(90_000, report.EndMs);
        Assert.Equal((56, 90_000L), (report.Explanations.Single().Pending, report.Explanations.Single().WaitedMs));
    }

    private static SimulationReport Run(SimulatedCloudOptions cloud, int seed = 1, TextWriter? log = null)
    {
        var trace = TraceReader.Read(Lines);
        return ClusterSimulation.Run(trace, trace.DefaultQueues(), new SimulationOptions
        {
            Autoscaler = Autoscaler,
            Cloud = cloud,
            Seed = seed
        }, log);
    }
}
