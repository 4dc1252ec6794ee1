using System.Globalization;
using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler.Simulation;

/// <summary>Kueue's generator files: cohorts of queues with quotas, and sets of workloads that arrive at intervals. They bring their queues
/// along. Without a topology their quotas together are one node, as quotas are all Kueue looks at then.</summary>
internal static class KueueTraces
{
    private const int Cores = 1000;

    public static ClusterTrace Read(string text)
    {
        var root = YamlText.Parse(text);
        var (jobs, queues, nominal) = (new List<SimulatedJob>(), new List<KeyValuePair<string, QueueOptions>>(), 0L);
        foreach (var cohort in Items(root, "cohorts", ""))
        {
            for (var c = 0; c < Whole(cohort, "count", "cohorts", 1); c++)
            {
                nominal += Cohort(cohort, $"root.{Text(cohort, "className", "cohort")}-{c}", jobs, queues);
            }
        }

        if (jobs.Count == 0)
        {
            throw SchedulerException.Invalid("The workload description has no 'cohorts' with workloads.");
        }

        var nodes = root.TryGetValue("topology", out var topology) && topology is Dictionary<string, object> levels ? Topology(levels)
            : [new SimulatedNode("quota", new ResourceVector(nominal, 1L << 40))];
        return new ClusterTrace([.. jobs.OrderBy(job => job.SubmitMs)], nodes) { Queues = new QueueTree(queues) };
    }

    private static long Cohort(Dictionary<string, object> cohort, string path, List<SimulatedJob> jobs,
        List<KeyValuePair<string, QueueOptions>> queues)
    {
        var nominal = 0L;
        foreach (var set in Items(cohort, "queuesSets", "cohorts"))
        {
            for (var q = 0; q < Whole(set, "count", "queuesSets", 1); q++)
            {
                var quota = Cpu(set, "nominalQuota");
                var queue = $"{path}.{Text(set, "className", "cq")}-{q}";
                nominal += quota;
                queues.Add(KeyValuePair.Create(queue, new QueueOptions
                {
                    Min = new ResourceVector(quota, 0),
                    Max = ResourceVector.Unbounded with
                    {
                        CpuMillis = set.ContainsKey("borrowingLimit") ? quota
                        + Cpu(set, "borrowingLimit") : long.MaxValue
                    },
                    Policy = QueuePolicy.Fifo,
                    Preemption = Text(set, "reclaimWithinCohort", "Never") == "Never" ? PreemptionScope.WithinQueue
                        : PreemptionScope.AcrossQueues,
                }));
                Workloads(set, queue, jobs);
            }
        }

        return nominal;
    }

    private static void Workloads(Dictionary<string, object> set, string queue, List<SimulatedJob> jobs)
    {
        foreach (var arrivals in Items(set, "workloadsSets", "queuesSets"))
        {
            var (count, everyMs) = (Whole(arrivals, "count", "workloadsSets", 1), Whole(arrivals, "creationIntervalMs", "workloadsSets",
                0));
            var kinds = Items(arrivals, "workloads", "workloadsSets").ToArray();
            for (var i = 0; i < count && kinds.Length > 0; i++)
            {
                jobs.AddRange(kinds.Select(kind => Job(kind, queue, i, everyMs)));
            }
        }
    }

    private static SimulatedJob Job(Dictionary<string, object> kind, string queue, int number, long everyMs)
    {
        var pods = (int)Whole(kind, "podCount", "workloads", 1);
        var name = Text(kind, "className", "workload");
        return new SimulatedJob($"{QueuePath.Name(queue)}/{name}-{number}", queue, name, number * everyMs,
            [new SimulatedStage(new ResourceVector(Cpu(kind, "request"), 0), [Math.Max(1, Whole(kind, "runtimeMs", "workloads", 1))],
                pods) { IsGang = pods > 1 }])
        {
            Priority = (int)Whole(kind, "priority", "workloads", 0),
        };
    }

    /// <summary>Every node of the last level; the level above it is its rack.</summary>
    private static SimulatedNode[] Topology(Dictionary<string, object> topology)
    {
        var levels = Items(topology, "levels", "topology").ToArray();
        var counts = levels.Select(level => (int)Whole(level, "count", "levels", 1)).ToArray();
        var capacity = levels.LastOrDefault() is { } last && last.TryGetValue("capacity", out var said)
            && said is Dictionary<string, object> amounts
            ? new ResourceVector(Cpu(amounts, "cpu"), Memory(Text(amounts, "memory", "0")))
            : throw SchedulerException.Invalid("The last level of the topology has no capacity with cpu and memory.");
        var racks = counts[..^1].Aggregate(1, (product, count) => product * count);
        return [.. Enumerable.Range(0, racks).SelectMany(rack => Enumerable.Range(0, counts[^1]).Select(node =>
            new SimulatedNode($"rack{rack}-node{node}", capacity) { Properties = new Nodes.NodeProperties { Rack = $"rack{rack}" } }))];
    }

    private static IEnumerable<Dictionary<string, object>> Items(Dictionary<string, object> mapping, string key, string where)
        => !mapping.TryGetValue(key, out var value) ? []
            : value is List<object> list ? list.OfType<Dictionary<string, object>>()
            : throw SchedulerException.Invalid($"'{key}' of {(where.Length > 0 ? where : "the workload description")} is no list.");

    private static string Text(Dictionary<string, object> mapping, string key, string absent)
        => mapping.TryGetValue(key, out var value) && value is string { Length: > 0 } text ? text : absent;

    private static long Whole(Dictionary<string, object> mapping, string key, string where, long absent)
        => !mapping.TryGetValue(key, out var value) ? absent
            : value is string text && long.TryParse(text, CultureInfo.InvariantCulture, out var number) && number >= 0 ? number
            : throw SchedulerException.Invalid($"'{key}' of {where} is '{value}'; it is a whole number of zero or more.");

    /// <summary>Cores, or thousandths of one with an <c>m</c> behind.</summary>
    private static long Cpu(Dictionary<string, object> mapping, string key)
    {
        var text = Text(mapping, key, "0");
        var isMillis = text.EndsWith('m');
        return double.TryParse(isMillis ? text[..^1] : text, CultureInfo.InvariantCulture, out var amount) && amount >= 0
            ? (long)(isMillis ? amount : amount * Cores)
            : throw SchedulerException.Invalid($"'{key}' is '{text}'; it is an amount of CPU such as 2 or 500m.");
    }

    private static long Memory(string text)
    {
        var digits = text.TakeWhile(char.IsAsciiDigit).Count();
        var amount = digits > 0 ? long.Parse(text[..digits], CultureInfo.InvariantCulture) : 0;
        return text[digits..] switch
        {
            "Ti" => amount << 20,
            "Gi" => amount << 10,
            "Mi" => amount,
            "" => amount >> 20,
            _ => throw SchedulerException.Invalid($"'{text}' is no amount of memory such as 256Gi.")
        };
    }
}
