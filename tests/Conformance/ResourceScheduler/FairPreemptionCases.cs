using System.Text.Json;
using DataPlatform.ResourceScheduler;
using DataPlatform.ResourceScheduler.Preemption;
using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.Conformance.ResourceScheduler;

internal static class FairPreemptionCases
{
    private const int MiBPerGiB = 1024;

    public static IReadOnlyDictionary<string, object?> Run(SchedulerCase item) => item.Mode switch
    {
        "yarn_fair" when item.Input.At("greedy") is not null => Fair(item.Input),
        "yarn_fair" => Threshold(item.Input),
        "threshold" => Starved(item.Input),
        "timeline" => Timeline(item.Input),
        "cohort_share" => Cohort(item.Input),
        _ => throw new NotSupportedException($"unknown mode '{item.Mode}'"),
    };

    private static PreemptionOptions Options(JsonElement input)
    {
        var rules = input.At("params") ?? default;
        return new PreemptionOptions
        {
            Trigger = input.Text("trigger") == "min_share" ? PreemptionTrigger.MinimumShare : PreemptionTrigger.FairShare,
            Fair = new FairPreemptionRules
            {
                UtilisationThreshold = rules.Number("utilisation_threshold", 0.8),
                FairShareThreshold = rules.Number("fair_share_threshold", 1),
                CoolDown = TimeSpan.Zero,
            },
            TimeoutMs = (long)(1000 * rules.Number("timeout_s")),
            IntervalMs = 0,
            GraceMs = 0,
        };
    }

    private static void AddNodes(Cluster cluster, JsonElement input)
    {
        foreach (var (node, i) in input.Items("nodes").Select((node, i) => (node, i)))
        {
            cluster.Apply(new SchedulerEvent.NodeRegistered(0, $"n{i}",
                new ResourceVector((long)(node.Number("cpu") * 1000), Mib(node.Number("mem_gb")))));
        }
    }

    /// <summary>The greedy application fills the cluster; then the starved one comes, and time passes until nothing changes any
    /// more.</summary>
    private static Dictionary<string, object?> Fair(JsonElement input)
    {
        var (greedyQueue, starvedQueue) = (input.Text("greedy_queue")!, input.Text("starved_queue")!);
        var disabled = input.Texts("preemption_disabled").Concat(input.Flag("greedy_preemptable", absent: true) ? []
            : [greedyQueue]).ToArray();
        var queues = new[] { greedyQueue, starvedQueue }.Distinct().Select(path => KeyValuePair.Create(path, new QueueOptions
        {
            Preemption = disabled.Any(other => path == other || path.StartsWith(other + ".", StringComparison.Ordinal))
                ? PreemptionScope.Never : PreemptionScope.AcrossQueues,
        }));
        var cluster = new Cluster(new QueueTree(queues), new SchedulerOptions { Preemption = Options(input) });
        AddNodes(cluster, input);
        var greedy = Submit(cluster, greedyQueue, input.GetProperty("greedy"));
        var starved = Submit(cluster, starvedQueue, input.GetProperty("starved"));
        for (var round = 0; round < 20; round++)
        {
            cluster.Tick();
        }

        return new Dictionary<string, object?>
        {
            ["starved_running"] = cluster.Running(starved),
            ["greedy_running"] = cluster.Running(greedy),
            ["preempted"] = cluster.Preempted,
        };
    }

    private static long Submit(Cluster cluster, string queue, JsonElement containers)
        => cluster.Submit(queue, containers.Whole("containers"),
            new ResourceVector((long)(1000 * containers.Number("cpu", 1)), Mib(containers.Number("size_gb"))));

    private static Dictionary<string, object?> Threshold(JsonElement input)
    {
        var queues = input.Items("queues").ToArray();
        var cluster = new Cluster(
            new QueueTree(queues.Select(queue => KeyValuePair.Create(queue.Text("path")!, new QueueOptions()))),
                new SchedulerOptions { Preemption = Options(input) });
        AddNodes(cluster, input);
        foreach (var queue in queues.Where(queue => queue.Number("used_gb") > 0))
        {
            cluster.Submit(queue.Text("path")!, (int)queue.Number("used_gb"), new ResourceVector(1, MiBPerGiB));
        }

        foreach (var queue in queues.Where(queue => queue.Number("pending_gb") > 0))
        {
            cluster.Submit(queue.Text("path")!, (int)queue.Number("pending_gb"), new ResourceVector(1, MiBPerGiB));
        }

        var before = cluster.Preempted;
        var acts = Options(input).Fair.ActsAt(Utilisation(input));
        for (var round = 0; round < 3 && acts; round++)
        {
            cluster.Tick();
        }

        return new Dictionary<string, object?> { ["preempted"] = cluster.Preempted - before };
    }

    /// <summary>The case gives use per queue, in memory.</summary>
    private static double Utilisation(JsonElement input)
        => input.Number("used_gb",
            input.Items("queues").Sum(queue => queue.Number("used_gb"))) / input.Items("nodes").Sum(node => node.Number("mem_gb"));

    private static Dictionary<string, object?> Starved(JsonElement input)
    {
        var rules = new FairPreemptionRules { FairShareThreshold = 1 - input.Number("tolerance") };
        var starved = input.Items("queues").Where(queue => rules.IsStarved(queue.Number("fair_share"), queue.Number("used"),
            queue.Number("pending")));
        return new Dictionary<string, object?> { ["starved"] = starved.Select(queue => queue.Text("path")).ToArray() };
    }

    private static Dictionary<string, object?> Timeline(JsonElement input)
    {
        var coolDowns = new CoolDowns(TimeSpan.FromSeconds(input.Number("cooldown_s")));
        var rounds = input.Items("events")
            .Where(item => item.Number("need") > 0 && coolDowns.TryBegin(item.Text("starved")!, (long)(1000 * item.Number("t"))))
            .Select(item => (object?)item.Number("t"));
        return new Dictionary<string, object?> { ["preempt_at"] = rounds.ToArray() };
    }

    private static Dictionary<string, object?> Cohort(JsonElement input)
    {
        var resource = input.Text("resource") ?? "cpu";
        var queues = input.Items("queues").Select(queue => new CohortQueue(
            queue.Text("id")!, queue.Number("guaranteed"), queue.Number("weight", 1), Reclaim(queue),
                Within(queue.Text("within_queue")))).ToArray();
        var running = input.Items("running").Select(work => Work(work, resource)).ToArray();
        var victims = CohortPlan.Choose(queues, running, Work(input.GetProperty("incoming"), resource));
        return new Dictionary<string, object?>
        {
            // The order of victims is not part of the answer, so both sides are by id.
            ["preempt"] = victims.OrderBy(victim => victim.Work.Id, StringComparer.Ordinal).Select(victim => new Dictionary<string, object?>
            {
                ["id"] = victim.Work.Id,
                ["reason"] = victim.Reason switch { CohortReason.Reclaim => "reclaim", CohortReason.Fair => "fair", _ => "within" },
            }).ToArray(),
        };
    }

    private static CohortWork Work(JsonElement work, string resource)
        => new(work.Text("id") ?? "incoming", work.Text("queue")!, work.Number(resource), work.Whole("priority"),
            (long)work.Number("start", work.Number("start_seq")));

    private static CohortReclaim Reclaim(JsonElement queue) => queue.At("may_reclaim") switch
    {
        { ValueKind: JsonValueKind.String } policy => policy.GetString() switch
        {
            "lower_priority" => CohortReclaim.LowerPriority,
            "never" => CohortReclaim.Never,
            _ => CohortReclaim.Any,
        },
        { ValueKind: JsonValueKind.True } => CohortReclaim.Any,
        _ => CohortReclaim.Never,
    };

    private static WithinQueuePreemption Within(string? policy) => policy switch
    {
        "lower_priority" => WithinQueuePreemption.LowerPriority,
        "lower_or_newer_equal_priority" => WithinQueuePreemption.LowerOrNewerEqualPriority,
        _ => WithinQueuePreemption.Never,
    };

    private static long Mib(double gib) => (long)(gib * MiBPerGiB);
}
