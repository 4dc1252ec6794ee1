using DataPlatform.ResourceScheduler.Simulation;

namespace DataPlatform.ResourceScheduler.Tests.Simulation;

public sealed class TraceReaderTests
{
    private const string Kueue = """
        # quotas and arrivals
        cohorts:
          - className: cohort
            count: 2
            queuesSets:
            - className: cq
              count: 3
              nominalQuota: "2"
              borrowingLimit: 10   # cores
              reclaimWithinCohort: Any
              workloadsSets:
              - count: 4
                creationIntervalMs: 100
                workloads:
                - className: small
                  runtimeMs: 200
                  priority: 50
                  request: 500m
                - className: pair
                  runtimeMs: 300
                  request: 1
                  podCount: 2
        """;

    [Fact]
    public void Kueues_generator_brings_queues_jobs_and_quotas()
    {
        var trace = TraceReader.Read(Kueue);
        var queue = trace.DefaultQueues().Find("root.cohort-1.cq-2")!.Options;

        Assert.Equal(2 * 3 * 4 * 2, trace.Jobs.Count);
        Assert.Equal((2000L, 12_000L), (queue.Min.CpuMillis, queue.Max.CpuMillis));
        Assert.Equal(12_000, trace.Nodes.Single().Capacity.CpuMillis);
        Assert.Equal((500L, 50, false), (trace.Jobs[0].Stages[0].Resources.CpuMillis, trace.Jobs[0].Priority,
            trace.Jobs[0].Stages[0].IsGang));
        Assert.Equal((300L, 2, true), (trace.Jobs[^1].SubmitMs, trace.Jobs[^1].Stages[0].Count, trace.Jobs[^1].Stages[0].IsGang));
        Assert.Equal(48, ClusterSimulation.Run(trace, trace.DefaultQueues()).Finished);
    }

    [Fact]
    public void A_topology_gives_nodes_in_racks()
    {
        var trace = TraceReader.Read("topology:\n  levels:\n    - name: rack\n      count: 2\n    - name: node\n      count: 3\n      capacity:\n        cpu: \"4\"\n        memory: \"8Gi\"\n" + Kueue);

        Assert.Equal(6, trace.Nodes.Count);
        Assert.Equal((new ResourceVector(4000, 8192), "rack1"), (trace.Nodes[5].Capacity, trace.Nodes[5].Properties.Rack));
    }

    [Theory]
    [InlineData("cohorts:\n  - a\n b: 1", "Line 3")]
    [InlineData("cohorts:\n\t- a", "Line 2")]
    [InlineData("cohorts:\n  nonsense", "Line 2")]
    [InlineData("a: 1\na: 2", "Line 2")]
    [InlineData("cohorts: 3", "no list")]
    [InlineData("a: 1", "no 'cohorts'")]
    public void Malformed_workload_descriptions_are_refused(string text, string part)
        => Assert.Contains(part, Assert.Throws<SchedulerException>(() => TraceReader.Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Synthetic_workloads_are_drawn_from_their_own_seed()
    {
        const string old = """
            {"num_nodes":4,"nodes_per_rack":2,"num_jobs":6,"rand_seed":2,"workloads":[{"workload_weight":1,"queue_name":"q","job_classes":[
            {"class_weight":1,"user_name":"foobar","mtasks_avg":5,"mtasks_stddev":1,"rtasks_avg":2,"rtasks_stddev":0,"mtime_avg":10,"mtime_stddev":2,
             "rtime_avg":20,"rtime_stddev":4,"map_max_memory_avg":1024,"reduce_max_memory_avg":2048,"map_max_vcores_avg":1,"reduce_max_vcores_avg":2}],
            "time_distribution":[{"time":1,"weight":100},{"time":60,"weight":0}]}]}
            """;
        const string young = """
            {"num_nodes":4,"num_jobs":2,"rand_seed":2,"workloads":[{"workload_weight":1,"queue_name":"q","job_classes":[{"class_weight":1,
            "user_name":"u","tasks":[{"type":"map","count":{"val":3},"time":{"val":10},"max_memory":{"val":512},"max_vcores":{"val":1}}]}],
            "time_distribution":[{"time":1,"weight":100}]}]}
            """;
        var (first, second) = (TraceReader.Read(old), TraceReader.Read(old));

        Assert.Equal(first.Jobs.SelectMany(job => job.Stages[0].RunMs), second.Jobs.SelectMany(job => job.Stages[0].RunMs));
        Assert.Equal((6, 4, "rack1", "root.q"), (first.Jobs.Count, first.Nodes.Count, first.Nodes[3].Properties.Rack, first.Jobs[0].Queue));
        Assert.Equal((2, new ResourceVector(2000, 2048)), (first.Jobs[0].Stages[1].Count, first.Jobs[0].Stages[1].Resources));
        Assert.InRange(first.Jobs.SelectMany(job => job.Stages[0].RunMs).Average(), 7_000, 13_000);
        Assert.Equal((3, 10_000L), (TraceReader.Read(young).Jobs[0].Stages[0].Count, TraceReader.Read(young).Jobs[0].Stages[0].RunMs[0]));
    }

    [Fact]
    public void Nodes_are_read_from_files_of_their_own()
    {
        var nodes = TopologyFile.Read("""{"rack":"r1","nodes":[{"node":"a","memory-mb":2048,"vcores":6},{"node":"b","labels":"x(exclusive=false), y"},{}]}""");
        Assert.Equal([new ResourceVector(6000, 2048), new ResourceVector(10_000, 10_240)], nodes.Select(node => node.Capacity));
        Assert.Equal(("x", true, "r1"), (nodes[1].Properties.Label, nodes[1].Properties.IsShareable, nodes[1].Properties.Rack));
        Assert.Equal("V100", TopologyFile.Read("sn,cpu_milli,memory_mib,gpu,model\nn,1,2,3,V100\n").Single().Properties.Attributes["gpu"]);
        Assert.Equal("own", TopologyFile.Read("{\"node\":\"own\",\"cpu\":1,\"memory\":2,\"label\":\"x\"}").Single().Name);
        Assert.Throws<SchedulerException>(() => TopologyFile.Read("{\"rack\":\"r\",\"nodes\":[{}]}"));
        Assert.Throws<SchedulerException>(() => TopologyFile.Read("{\"what\":1}"));
    }
}
