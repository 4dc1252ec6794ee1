using DataPlatform.Kernel;

namespace DataPlatform.ResourceScheduler.Tests.Queues;

public sealed class QueueTreeTests
{
    private static ResourceVector Memory(long mib) => new(0, mib);

    [Fact]
    public void Missing_parents_are_made_and_guarantees_add_up()
    {
        var tree = QueueTree.Define()
            .Queue("root.org.b", new QueueOptions { Min = Memory(100) })
            .Queue("root.org.a", new QueueOptions { Min = Memory(50) })
            .Build();

        Assert.Equal(["root", "root.org", "root.org.a", "root.org.b"], tree.Queues.Select(queue => queue.Path));
        Assert.Equal(Memory(150), tree.Find("root.org")!.Guarantee);
        Assert.True(tree.Find("root.org.a")!.IsLeaf);
        Assert.Null(tree.Find("root.nobody"));
    }

    [Fact]
    public void A_tree_without_queues_is_one_leaf() => Assert.True(QueueTree.Define().Build().Root.IsLeaf);

    [Fact]
    public void Minima_above_the_parents_minimum_are_refused_naming_the_parent()
    {
        var tree = QueueTree.Define()
            .Queue("root.org", new QueueOptions { Min = Memory(100) })
            .Queue("root.org.a", new QueueOptions { Min = Memory(60) })
            .Queue("root.org.b", new QueueOptions { Min = Memory(41) });

        var error = Assert.Throws<SchedulerException>(tree.Build);

        Assert.Equal(ErrorKind.Invalid, error.Kind);
        Assert.Contains("'root.org'", error.Message, StringComparison.Ordinal);
        Assert.Contains("101", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Minima_above_the_parents_maximum_are_refused_even_from_two_levels_down()
    {
        var tree = QueueTree.Define()
            .Queue("root.org", new QueueOptions { Max = Memory(100) with { CpuMillis = long.MaxValue, GpuMillis = long.MaxValue } })
            .Queue("root.org.team.a", new QueueOptions { Min = Memory(101) });

        Assert.Contains("'root.org'", Assert.Throws<SchedulerException>(tree.Build).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("leaf")]
    [InlineData("root..a")]
    [InlineData("root.a b")]
    [InlineData("root.a/b")]
    public void A_path_without_shape_is_refused(string path)
        => Assert.Throws<SchedulerException>(() => QueueTree.Define().Queue(path).Build());

    [Fact]
    public void A_queue_cannot_be_defined_twice_nor_weigh_less_than_nothing()
    {
        Assert.Throws<SchedulerException>(() => QueueTree.Define().Queue("root.a").Queue("root.a").Build());
        var error = Assert.Throws<SchedulerException>(() => QueueTree.Define().Queue("root.a", new QueueOptions { Weight = -1 }).Build());
        Assert.Contains("'root.a'", error.Message, StringComparison.Ordinal);
    }
}
