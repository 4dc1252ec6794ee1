using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Configuration;
using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler.Tests.Configuration;

public sealed class FairConfigurationTests
{
    private const string Allocations = """
        <allocations>
          <queueMaxAMShareDefault>0.4</queueMaxAMShareDefault>
          <userMaxAppsDefault>5</userMaxAppsDefault>
          <user name="jenkins"><maxRunningApps>1</maxRunningApps></user>
          <queue name="eng">
            <weight>2.5</weight>
            <minResources>1024 mb, 2 vcores</minResources>
            <maxResources>memory-mb=8192, vcores=16, yarn.io/gpu=2</maxResources>
            <schedulingPolicy>drf</schedulingPolicy>
            <aclSubmitApps>ana staff</aclSubmitApps>
            <fairSharePreemptionTimeout>7</fairSharePreemptionTimeout>
            <fairSharePreemptionThreshold>0.8</fairSharePreemptionThreshold>
            <allowPreemptionFrom>false</allowPreemptionFrom>
            <colour>red</colour>
            <queue name="dev"><maxRunningApps>3</maxRunningApps><maxAMShare>-1</maxAMShare></queue>
          </queue>
          <queue name="users" type="parent"><maxChildResources>512 mb, 1 vcores</maxChildResources></queue>
          <queuePlacementPolicy>
            <rule name="specified" create="false"/>
            <rule name="nestedUserQueue"><rule name="primaryGroup" create="false"/></rule>
            <rule name="default" queue="root.users.other"/>
          </queuePlacementPolicy>
        </allocations>
        """;

    [Fact]
    public void Queues_defaults_and_users_become_the_same_model()
    {
        var configuration = SchedulerConfiguration.Read(Allocations);
        var (eng, dev) = (configuration.Queues.Find("root.eng")!.Options, configuration.Queues.Find("root.eng.dev")!.Options);

        Assert.Equal("line 14: 'root.eng.colour' is not known", configuration.Notes.Single().ToString());
        Assert.Equal((2.5, QueuePolicy.DominantResourceFairness, 7_000L, 0.8, PreemptionScope.Never),
            (eng.Weight, eng.Policy, eng.PreemptionTimeoutMs!.Value, eng.FairShareThreshold!.Value, eng.Preemption));
        Assert.Equal(new ResourceVector(2000, 1024), eng.Min);
        Assert.Equal(new ResourceVector(16_000, 8192, 2000), eng.Max);
        Assert.Equal((3, 1.0, QueuePolicy.Fair), (dev.RunningApplicationsMax, dev.MasterShareMax, dev.Policy));
        Assert.Equal(0.4, eng.MasterShareMax);
        Assert.Equal((1, 5), (configuration.Queues.Placement.RunningApplicationsMax("jenkins"),
            configuration.Queues.Placement.RunningApplicationsMax("ana")));
        Assert.Equal(512, configuration.Queues.Find("root.users")!.Options.LeafTemplate!.Max.MemoryMiB);
    }

    [Fact]
    public void Placement_rules_put_applications_into_queues_that_are_made_on_the_way()
    {
        var harness = new SchedulerHarness(SchedulerConfiguration.Read(Allocations).Queues);
        harness.Node("n", 4000, 4096);
        Submit(harness, 1, "root.eng.dev", "ana");
        Submit(harness, 2, "", "jo.doe", "eng");
        Submit(harness, 3, "", "ben");

        var applications = harness.Scheduler.Snapshot().Applications;
        Assert.Equal(["root.eng.dev", "root.eng.jo_dot_doe", "root.users.other"], applications.Select(application => application.Queue));
        Assert.NotNull(harness.Scheduler.Queues.Find("root.users.other"));
    }

    [Fact]
    public void A_user_runs_no_more_applications_at_once_than_allowed()
    {
        var harness = new SchedulerHarness(SchedulerConfiguration.Read(Allocations).Queues);
        harness.Node("n", 4000, 4096);
        Submit(harness, 1, "root.users.a", "jenkins");
        Submit(harness, 2, "root.users.b", "jenkins");
        Assert.Equal(1, harness.Scheduler.Snapshot().ParkedApplications);

        harness.Apply(new SchedulerEvent.ApplicationEnded(1, 1));
        Assert.Equal(0, harness.Scheduler.Snapshot().ParkedApplications);
    }

    [Theory]
    [InlineData("<queue name=\"a\"><weight>heavy</weight></queue>", "weight of queue 'root.a'")]
    [InlineData("<queue><weight>1</weight></queue>", "no name")]
    [InlineData("<queue name=\"a\"/><queue name=\"a\"/>", "twice")]
    [InlineData("<queue name=\"a\"><minResources>12 apples</minResources></queue>", "1024 mb")]
    [InlineData("<queuePlacementPolicy><rule name=\"dice\"/></queuePlacementPolicy>", "'dice'")]
    public void What_makes_no_sense_is_refused_naming_the_line(string inside, string part)
    {
        var error = Assert.Throws<SchedulerException>(() => SchedulerConfiguration.Read($"<allocations>\n{inside}\n</allocations>"));

        Assert.Contains("Line 2", error.Message, StringComparison.Ordinal);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    private static void Submit(SchedulerHarness harness, long id, string queue, string user, params string[] groups)
        => Assert.Empty(harness.Apply(new SchedulerEvent.ApplicationSubmitted(0, id, new ApplicationSpecification($"a{id}", queue,
            user)
        { Groups = groups }))
            .OfType<SchedulerDecision.ApplicationRefused>());
}
