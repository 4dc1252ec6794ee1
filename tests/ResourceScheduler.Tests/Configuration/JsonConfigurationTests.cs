using System.Text.Json;
using DataPlatform.ResourceScheduler.Configuration;
using DataPlatform.ResourceScheduler.Nodes;
using DataPlatform.ResourceScheduler.Preemption;
using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler.Tests.Configuration;

public sealed class JsonConfigurationTests
{
    private static readonly QueueOptions Everything = new()
    {
        Weight = 2,
        Min = new ResourceVector(1, 2, 3, [new("licence", 4)]),
        Max = ResourceVector.Unbounded with { MemoryMiB = 100 },
        Capacity = 0.25,
        MaxCapacity = 0.75,
        Policy = QueuePolicy.Fifo,
        Priority = 7,
        State = QueueState.Draining,
        RunningApplicationsMax = 11,
        ApplicationsMax = 12,
        MasterShareMax = 0.1,
        UserShareMin = 0.5,
        UserFactorMax = 3,
        UserWeights = new Dictionary<string, double> { ["ana"] = 2 },
        Preemption = PreemptionScope.WithinQueue,
        PreemptionTimeoutMs = 5,
        FairShareThreshold = 0.7,
        Labels = ["gpu"],
        LabelShares = new Dictionary<string, LabelShare> { ["gpu"] = new(0.5, 0.6) },
        DefaultLabel = "gpu",
        ContainerMax = ResourceVector.Unbounded with { CpuMillis = 9 },
        NodeChoice = NodeChoice.Spread,
        LifetimeMaxMs = 8,
        SubmitAccess = new AccessList(["ana"]) { Groups = ["staff"] },
        AdministerAccess = AccessList.Everybody,
        CreatesLeaves = true,
        CreatedLevelsMax = 2,
        LeafTemplate = new QueueOptions { Weight = 5 },
    };

    [Fact]
    public void Every_setting_survives_writing_and_reading()
    {
        var placement = new QueuePlacement
        {
            Rules = [new(QueuePlacementKind.NestedUser) { Nested = new(QueuePlacementKind.Default) { Queue = "root.a" } },
                new(QueuePlacementKind.Reject)],
            RunningApplicationsPerUserMax = 4,
            RunningApplicationsByUser = new Dictionary<string, int> { ["ana"] = 5 },
        };
        var written = new SchedulerConfiguration(new QueueTree([KeyValuePair.Create("root.a", Everything)], placement),
            new PreemptionOptions { Trigger = PreemptionTrigger.Capacity, GraceMs = 1 }).ToJson();
        var read = SchedulerConfiguration.Read(written);

        Assert.Empty(read.Notes);
        Assert.Equal(written, read.ToJson());
        Assert.Equal((PreemptionTrigger.Capacity, 1L), (read.Preemption!.Trigger, read.Preemption.GraceMs));
        Assert.True(read.Queues.Find("root.a")!.Options.SubmitAccess!.Allows("x", ["staff"]));
        Assert.Equal(4, read.Queues.Find("root.a")!.Options.Min["licence"]);
        foreach (var property in typeof(QueueOptions).GetProperties().Where(property => property.PropertyType.IsValueType))
        {
            Assert.Equal(property.GetValue(Everything), property.GetValue(read.Queues.Find("root.a")!.Options));
        }
    }

    /// <summary>A setting that is added later but not written would be lost in silence.</summary>
    [Fact]
    public void The_sample_of_settings_leaves_none_out()
    {
        var plain = new QueueOptions();
        var same = typeof(QueueOptions).GetProperties().Where(property => Equals(property.GetValue(plain), property.GetValue(Everything)));
        Assert.Empty(same.Select(property => property.Name));
        using var written = JsonDocument.Parse(new SchedulerConfiguration(new QueueTree([KeyValuePair.Create("root.a",
            Everything)])).ToJson());
        Assert.Equal(typeof(QueueOptions).GetProperties().Length
            + 1, written.RootElement.GetProperty("queues")[1].EnumerateObject().Count());
    }

    [Fact]
    public void The_schema_names_every_key()
    {
        using var schema = JsonDocument.Parse(SchedulerConfiguration.JsonSchema());
        var keys = schema.RootElement.GetProperty("properties").GetProperty("queues").GetProperty("items").GetProperty("properties");
        Assert.Equal(typeof(QueueOptions).GetProperties().Length + 1, keys.EnumerateObject().Count());
    }

    [Fact]
    public void Unknown_keys_are_noted_with_their_line()
    {
        var read = SchedulerConfiguration.Read("""
            {
              "version": 1,
              "queues": [
                { "path": "root.a",
                  "wieght": 2 }
              ],
              "colour": "red"
            }
            """);

        Assert.Equal(["line 7: 'colour' is not known", "line 5: 'queues[0].wieght' is not known"], read.Notes.Select(note
            => note.ToString()));
    }

    [Theory]
    [InlineData("{", "Line 1")]
    [InlineData("{\"queues\":[]}", "version")]
    [InlineData("{\"version\":2}", "known is 1")]
    [InlineData("{\"version\":1,\n\"queues\":[{\"weight\":1}]}", "Line 2")]
    [InlineData("{\"version\":1,\n\n\"queues\":[{\"path\":\"root.a\",\"weight\":\"x\"}]}", "Line 3: 'queues[0].weight' is not a number")]
    [InlineData("{\"version\":1,\"queues\":[{\"path\":\"root.a\",\"policy\":\"lottery\"}]}", "dominantResourceFairness")]
    [InlineData("{\"version\":1,\"queues\":[{\"path\":\"root.a\",\"min\":{\"cpu\":-1}}]}", "queues[0].min.cpu")]
    [InlineData("{\"version\":1,\"queues\":[{\"path\":\"root.a\",\"capacity\":0.7},{\"path\":\"root.b\",\"capacity\":0.4}]}",
        "below 'root'")]
    [InlineData("{\"version\":1,\"queues\":[{\"path\":\"root.a\",\"capacity\":1.7}]}", "'root.a'")]
    [InlineData("{\"version\":1,\"placement\":[{\"rule\":\"dice\"}]}", "placement[0]")]
    public void What_makes_no_sense_is_refused_naming_line_or_queue(string text, string part)
        => Assert.Contains(part, Assert.Throws<SchedulerException>(() => SchedulerConfiguration.Read(text)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Two_trees_are_compared_setting_by_setting()
    {
        var before = QueueTree.Define().Queue("root.a", new QueueOptions { Weight = 1 }).Queue("root.old").Build();
        var after = QueueTree.Define().Queue("root.a", new QueueOptions { Weight = 3, Priority = 1 }).Queue("root.young").Build();

        Assert.Equal(
            [("root.a", "weight", null, "3"), ("root.a", "priority", null, "1"), ("root.old", "queue", "there", null), ("root.young",
                "queue", null, "there")],
            ConfigurationChange.Between(before, after).Select(change => (change.Queue, change.Setting, change.Before, change.After)));
    }
}
