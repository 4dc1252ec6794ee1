using DataPlatform.ResourceScheduler.Autoscaling;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlatform.ResourceScheduler.Tests.Autoscaling;

public sealed class AutoscalerLoopTests
{
    private static readonly AutoscalerOptions Options = new()
    {
        CoolDownMs = 0,
        Groups =
        [
            new NodeGroup("od", new ResourceVector(1000, 1024)) { PricePerHour = 1 },
            new NodeGroup("spot", new ResourceVector(1000, 1024)) { PricePerHour = 0.3, Purchase = NodePurchase.Spot },
        ],
    };

    [Fact]
    public async Task What_is_decided_is_asked_of_the_provider_and_notices_reach_the_scheduler()
    {
        var (cluster, nowMs) = (new Cluster(), 0L);
        var cloud = new SimulatedCloud(new SimulatedCloudOptions { InterruptionsPerHour = 1_000_000, StartMs = 0 }, 1, () => nowMs);
        var loop = new AutoscalerLoop(cluster, cloud, Options, TimeProvider.System, NullLogger<AutoscalerLoop>.Instance);
        await loop.StepAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["od-1", "spot-1"], cloud.UpAtMs.Keys);

        nowMs = cluster.NowMs = 60_000;
        await loop.StepAsync(TestContext.Current.CancellationToken);
        var told = cluster.Told.Single();
        Assert.Equal(("spot-1", true), (told.Node, told.IsInterruption));
        Assert.InRange(told.DeadlineMs, 60_001, 60_000 + 120_000);
    }

    [Fact]
    public async Task A_provider_that_has_none_is_not_asked_again_for_a_while()
    {
        var cluster = new Cluster();
        var cloud = new SimulatedCloud(new SimulatedCloudOptions { NodesPerGroupMax = 0 }, 1, () => 0);
        var loop = new AutoscalerLoop(cluster, cloud, Options, TimeProvider.System, NullLogger<AutoscalerLoop>.Instance);
        for (var step = 0; step < 3; step++)
        {
            await loop.StepAsync(TestContext.Current.CancellationToken);
        }

        Assert.Empty(cloud.UpAtMs);
        Assert.Empty(cloud.Costs());
    }

    private sealed class Cluster : IScalableCluster
    {
        public long NowMs { get; set; }

        public List<(string Node, long DeadlineMs, bool IsInterruption)> Told { get; } = [];

        public ValueTask<(ClusterSnapshot Snapshot, IReadOnlyList<PendingDemand> Demand)> LookAsync(CancellationToken cancellationToken)
            => ValueTask.FromResult((new ClusterSnapshot(NowMs, default, default, [], []),
                (IReadOnlyList<PendingDemand>)(NowMs > 0 ? [] : [new PendingDemand("root.a", new ResourceVector(1000, 1024), 2, "",
                    200_000)])));

        public ValueTask DecommissionAsync(string node, long deadlineMs, bool isInterruption, CancellationToken cancellationToken)
        {
            Told.Add((node, deadlineMs, isInterruption));
            return ValueTask.CompletedTask;
        }
    }
}
