using System.Text.Json;
using DataPlatform.ResourceScheduler.Preemption;
using DataPlatform.ResourceScheduler.Simulation;

namespace DataPlatform.ResourceScheduler.Tests.Simulation;

public sealed class ClusterSimulationTests
{
    private const string Lines = """
        {"node":"n1","cpu":4000,"memory":8192}
        {"node":"n2","cpu":4000,"memory":8192}
        {"job":"greedy","queue":"root.a","user":"ana","submit_ms":1000,"stages":[{"cpu":1000,"memory":1024,"count":40,"run_ms":[30000,60000]}]}
        {"job":"late","queue":"root.b","user":"ben","submit_ms":11000,"stages":[{"cpu":1000,"memory":1024,"count":4,"run_ms":[5000]},{"cpu":2000,"memory":1024,"count":1,"run_ms":[1000],"after":[0]}]}
        {"job":"gang","queue":"root.b","user":"eve","submit_ms":12000,"stages":[{"cpu":4000,"memory":1024,"count":2,"run_ms":[2000],"gang":true}]}
        """;

    private static readonly SimulationOptions Options = new()
    {
        FailureRate = 0.1,
        Scheduler = new SchedulerOptions { Preemption = new PreemptionOptions { GraceMs = 3_000, TimeoutMs = 5_000 } },
    };

    [Fact]
    public void The_same_seed_gives_the_same_log_to_the_byte_and_another_one_does_not()
    {
        Assert.Equal(Log(Options), Log(Options));
        Assert.NotEqual(Log(Options), Log(Options with { Seed = 2 }));
    }

    [Fact]
    public void Every_job_finishes_and_the_late_queue_is_not_made_to_wait_for_the_greedy_one()
    {
        var all = TraceReader.Read(Lines);
        Assert.Equal(3, ClusterSimulation.Run(all, all.DefaultQueues(), Options).Finished);
        var trace = all with { Jobs = [.. all.Jobs.Where(job => job.Name != "gang")] };
        var patient = ClusterSimulation.Run(trace, trace.DefaultQueues(), Options with { Scheduler = new SchedulerOptions() });
        var report = ClusterSimulation.Run(trace, trace.DefaultQueues(), Options);

        Assert.Equal(2, report.Finished);
        Assert.Equal(0, report.PendingAtEnd);
        Assert.InRange(report.Preempted, 1, 8);
        Assert.Equal(0, patient.Preempted);
        Assert.InRange(Deficit(report), 0, Deficit(patient) * 0.8);
    }

    [Fact]
    public void The_report_comes_as_json_and_as_a_page()
    {
        var trace = TraceReader.Read(Lines);
        var report = ClusterSimulation.Run(trace, trace.DefaultQueues(), Options);

        Assert.Equal(3, JsonDocument.Parse(report.ToJson()).RootElement.GetProperty("finished").GetInt32());
        Assert.Contains("<polyline", report.ToHtml("a <b>"), StringComparison.Ordinal);
        Assert.DoesNotContain("a <b>", report.ToHtml("a <b>"), StringComparison.Ordinal);
    }

    [Fact]
    public void Traces_of_each_kind_are_told_apart()
    {
        var sls = TraceReader.Read("""{"job.id":"j","job.queue.name":"q","job.user":"u","job.start.ms":5,"job.tasks":[{"container.start.ms":10,"container.end.ms":30,"container.type":"map"},{"container.start.ms":30,"container.end.ms":70,"container.type":"reduce"}]}""");
        Assert.Equal([20L], sls.Jobs.Single().Stages[0].RunMs);
        Assert.Equal([0], sls.Jobs.Single().Stages[1].After);

        var rumen = TraceReader.Read("""{"jobID":"j","submitTime":100,"queue":"q","user":"u","mapTasks":[{"startTime":1,"finishTime":99,"attempts":[{"result":"FAILED","startTime":1,"finishTime":2},{"result":"SUCCESS","startTime":40,"finishTime":90}]}]}""");
        Assert.Equal([50L], rumen.Jobs.Single().Stages.Single().RunMs);

        var swim = TraceReader.Read($"job0\t49\t49\t{300L << 20}\t{1L << 31}\t0\n");
        Assert.Equal([3, 2], swim.Jobs.Single().Stages.Select(stage => stage.Count));

        var openb = TraceReader.Read("name,cpu_milli,memory_mib,num_gpu,gpu_milli\np,1000,1024,1,460\nq,1000,1024,4,1000\n",
            "sn,cpu_milli,memory_mib,gpu,model\nn,32000,262144,8,V100\n");
        Assert.Equal([460L, 4000L], openb.Jobs.Select(job => job.Stages[0].Resources.GpuMillis));
        Assert.Equal(8000, openb.Nodes.Single().Capacity.GpuMillis);
    }

    [Fact]
    public void A_malformed_trace_is_refused_naming_the_line()
    {
        Assert.Contains("Line 2",
            Assert.Throws<SchedulerException>(() => TraceReader.Read("job0\t1\t1\t1\t1\t1\njob1\tx\t1\t1\t1\t1\n")).Message,
                StringComparison.Ordinal);
        Assert.Contains("byte", Assert.Throws<SchedulerException>(() => TraceReader.Read("{\"job\":")).Message, StringComparison.Ordinal);
        Assert.Throws<SchedulerException>(() => TraceReader.Read("{\"job\":\"a\"}"));
    }

    private static double Deficit(SimulationReport report) => report.Queues.Single(queue => queue.Path == "root.b").DeficitShareSeconds;

    private static string Log(SimulationOptions options)
    {
        var trace = TraceReader.Read(Lines);
        using var log = new StringWriter();
        ClusterSimulation.Run(trace, trace.DefaultQueues(), options, log);
        return log.ToString();
    }
}
