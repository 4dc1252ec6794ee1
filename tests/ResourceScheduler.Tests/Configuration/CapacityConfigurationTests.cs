using DataPlatform.ResourceScheduler.Configuration;
using DataPlatform.ResourceScheduler.Preemption;
using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler.Tests.Configuration;

public sealed class CapacityConfigurationTests
{
    private const string Prefix = "yarn.scheduler.capacity.";

    [Fact]
    public void Capacities_limits_access_and_labels_become_queue_settings()
    {
        var configuration = Read(
            ("root.queues", "a, b"), ("root.a.capacity", "30"), ("root.b.capacity", "70"), ("root.a.maximum-capacity", "50"),
            ("root.a.queues", "x,y"), ("root.a.x.capacity", "50"), ("root.a.y.capacity", "50"), ("root.a.x.minimum-user-limit-percent",
                "25"),
            ("root.a.x.user-limit-factor", "2"), ("root.a.x.user-settings.ana.weight", "1.5"), ("root.b.ordering-policy", "fair"),
            ("root.b.acl_submit_applications", "ana,ben staff"), ("root.b.acl_administer_queue", " "), ("root.b.state", "STOPPED"),
            ("root.b.disable_preemption", "true"), ("root.b.maximum-allocation-mb", "4096"), ("root.b.accessible-node-labels", "gpu"),
            ("root.b.accessible-node-labels.gpu.capacity", "60"), ("root.b.accessible-node-labels.gpu.maximum-capacity", "80"),
            ("root.b.default-node-label-expression", "gpu"), ("root.b.maximum-application-lifetime", "60"), ("root.b.max-parallel-apps",
                "7"),
            ("maximum-am-resource-percent", "0.2"));
        var (a, x, b) = (At(configuration, "root.a"), At(configuration, "root.a.x"), At(configuration, "root.b"));

        Assert.Empty(configuration.Notes);
        Assert.Equal((0.3, 0.5, QueuePolicy.Capacity), (a.Capacity, a.MaxCapacity, a.Policy));
        Assert.Equal((0.25, 2.0, 1.5, QueuePolicy.Fifo), (x.UserShareMin, x.UserFactorMax, x.UserWeights["ana"], x.Policy));
        Assert.Equal((QueuePolicy.Fair, QueueState.Draining, PreemptionScope.WithinQueue, 0.2), (b.Policy, b.State, b.Preemption,
            b.MasterShareMax));
        Assert.True(b.SubmitAccess!.Allows("cy", ["staff"]) && !b.SubmitAccess.Allows("cy"));
        Assert.False(b.AdministerAccess.Allows("ana"));
        Assert.Equal((new LabelShare(0.6, 0.8), "gpu", 60_000L, 7), (b.LabelShares["gpu"], b.DefaultLabel, b.LifetimeMaxMs,
            b.RunningApplicationsMax));
        Assert.Equal(4096, b.ContainerMax.MemoryMiB);
        Assert.Equal(long.MaxValue, b.ContainerMax.CpuMillis);
    }

    [Fact]
    public void Absolute_amounts_weights_and_templates_are_read()
    {
        var configuration = Read(
            ("root.queues", "a,b"), ("root.a.capacity", "[memory=10Gi,vcores=4,yarn.io/gpu=1]"), ("root.b.capacity", "3w"),
            ("root.a.maximum-capacity", "[memory=20480]"), ("root.b.auto-queue-creation-v2.enabled", "true"),
            ("root.b.auto-queue-creation-v2.leaf-template.capacity", "2w"));

        Assert.Equal(new ResourceVector(4000, 10_240, 1000), At(configuration, "root.a").Min);
        Assert.Equal((20_480L, long.MaxValue), (At(configuration, "root.a").Max.MemoryMiB, At(configuration, "root.a").Max.CpuMillis));
        Assert.Equal((3.0, true, 2, 2.0), (At(configuration, "root.b").Weight, At(configuration, "root.b").CreatesLeaves,
            At(configuration, "root.b").CreatedLevelsMax, At(configuration, "root.b").LeafTemplate!.Weight));
    }

    [Fact]
    public void Preemption_settings_of_the_monitor_are_read()
    {
        var configuration = SchedulerConfiguration.Read(
            "<configuration><property><name>yarn.resourcemanager.monitor.capacity.preemption.max_ignored_over_capacity</name><value>0.3</value></property></configuration>");

        Assert.Equal((PreemptionTrigger.Capacity, 0.3), (configuration.Preemption!.Trigger, configuration.Preemption.Capacity.DeadZone));
    }

    [Fact]
    public void What_is_not_known_or_about_no_queue_is_noted_with_its_line()
    {
        var configuration = Read(("root.queues", "a"), ("root.a.capacity", "100"), ("root.a.colour", "red"), ("root.ghost.capacity", "10"),
            ("nonsense", "1"),
            ("resource-calculator", "x"));

        Assert.Equal([4, 5, 6, 7], configuration.Notes.Select(note => note.Line));
        Assert.Equal(["not known", "no 'queues' lists", "not known", "no meaning here"], configuration.Notes.Select(note
            => Ending(note.Text)));
    }

    [Theory]
    [InlineData("root.a.capacity", "60", "Line 4", "add up to 110 %")]
    [InlineData("root.a.capacity", "sixty", "Line 3", "capacity of queue 'root.a'")]
    [InlineData("root.a.maximum-capacity", "120", "Line 3", "percentage from 0 to 100")]
    [InlineData("root.a.state", "asleep", "Line 3", "RUNNING or STOPPED")]
    [InlineData("root.a.ordering-policy", "lottery", "Line 3", "ordering-policy of queue 'root.a'")]
    [InlineData("root.a.capacity", "[memory]", "Line 3", "memory=1024")]
    public void What_makes_no_sense_is_refused_naming_line_and_queue(string key, string value, string line, string part)
    {
        var error = Assert.Throws<SchedulerException>(() => Read(("root.queues", "a,b"), (key, value), ("root.b.capacity", "50")));

        Assert.Contains(line, error.Message, StringComparison.Ordinal);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Broken_xml_and_outside_entities_are_refused_naming_the_line()
    {
        var broken = Assert.Throws<SchedulerException>(() => SchedulerConfiguration.Read("<configuration>\n<property>\n</configuration>"));
        Assert.Contains("Line 3", broken.Message, StringComparison.Ordinal);
        Assert.Throws<SchedulerException>(() => SchedulerConfiguration.Read(
            "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/hostname\">]><configuration>&x;</configuration>"));
        Assert.Contains("'plan'", Assert.Throws<SchedulerException>(() => SchedulerConfiguration.Read("<plan/>")).Message,
            StringComparison.Ordinal);
        Assert.Throws<SchedulerException>(() => SchedulerConfiguration.Read(" "));
    }

    [Fact]
    public void Mappings_become_placement_rules()
    {
        var placement = Read(("root.queues", "eng,default"), ("root.eng.capacity", "90"), ("root.default.capacity", "10"),
            ("root.eng.queues", "dev"),
            ("root.eng.dev.capacity", "100"), ("queue-mappings", "u:ana:dev,g:staff:root.eng.%user")).Queues.Placement;

        Assert.Equal("root.eng.dev", Place(placement, "ana"));
        Assert.Equal("root.eng.ben", Place(placement, "ben", "staff"));
        Assert.Equal("root.default", Place(placement, "cy"));
        Assert.Contains("Line 2", Assert.Throws<SchedulerException>(() => Read(("queue-mappings", "x:y"))).Message,
            StringComparison.Ordinal);
    }

    private static string Ending(string text) => new[] { "not known", "no 'queues' lists", "no meaning here" }
        .Single(end => text.EndsWith(end, StringComparison.Ordinal));

    private static string? Place(QueuePlacement placement, string user, params string[] groups)
        => placement.Place(new("app", "", user) { Groups = groups }, path => path is "root.default" or "root.eng" or "root.eng.dev").Path;

    private static QueueOptions At(SchedulerConfiguration configuration, string path) => configuration.Queues.Find(path)!.Options;

    private static SchedulerConfiguration Read(params (string Key, string Value)[] settings)
        => SchedulerConfiguration.Read("<configuration>\n" + string.Join('\n', settings.Select(setting =>
            $"<property><name>{Prefix}{setting.Key}</name><value>{setting.Value}</value></property>")) + "\n</configuration>");
}
