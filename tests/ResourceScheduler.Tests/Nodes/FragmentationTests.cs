using DataPlatform.ResourceScheduler.Nodes;

namespace DataPlatform.ResourceScheduler.Tests.Nodes;

public sealed class FragmentationTests
{
    [Fact]
    public void A_placement_that_uses_up_what_nobody_else_could_counts_for_the_node()
    {
        var fragmentation = new Fragmentation();
        for (var i = 0; i < 20; i++)
        {
            fragmentation.Count(new ResourceVector(1000, 1024, 1000), 1);
        }

        var broken = new Node(0, "broken", new ResourceVector(8000, 8192, 2000), NodeProperties.None);
        broken.Gpus.Change([(0, 600)], -1);
        broken.Free -= new ResourceVector(0, 0, 600);
        var whole = new Node(1, "whole", new ResourceVector(8000, 8192, 2000), NodeProperties.None);
        var share = new ResourceVector(100, 100, 400);

        Assert.Equal(-400, fragmentation.Added(broken, share), 6);
        Assert.Equal(600, fragmentation.Added(whole, share), 6);
    }

    [Fact]
    public void A_node_without_cpu_left_makes_its_gpus_useless()
    {
        var fragmentation = new Fragmentation();
        fragmentation.Count(new ResourceVector(4000, 1024, 1000), 100);
        var node = new Node(0, "n", new ResourceVector(8000, 8192, 2000), NodeProperties.None);

        Assert.Equal(0, fragmentation.Added(node, new ResourceVector(4000, 1024)), 6);
        Assert.Equal(2000, fragmentation.Added(node, new ResourceVector(5000, 1024)), 6);
    }

    [Fact]
    public void Work_without_gpu_goes_where_no_gpu_is_wasted_and_shares_fill_a_broken_device_first()
    {
        var harness = new SchedulerHarness(QueueTree.Define().Queue("root.a").Build());
        for (var node = 0; node < 40; node++)
        {
            harness.Node($"gpu{node:D2}", 4000, 8192, gpu: 2000);
        }

        harness.Node("plain", 32_000, 65_536);
        harness.Submit(1, "root.a");
        Assert.Equal(["plain"], SchedulerHarness.Placed(harness.Ask(1, 8, 4000, 1024)).Select(container => container.Node).Distinct());
        var first = SchedulerHarness.Placed(harness.Ask(1, 1, 100, 100, gpu: 600)).Single().Node;
        Assert.Equal(first, SchedulerHarness.Placed(harness.Ask(1, 1, 100, 100, gpu: 400)).Single().Node);
    }
}
