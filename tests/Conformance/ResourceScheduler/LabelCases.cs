using System.Text.Json;
using DataPlatform.ResourceScheduler;
using DataPlatform.ResourceScheduler.Nodes;
using DataPlatform.ResourceScheduler.Policies;
using DataPlatform.ResourceScheduler.Preemption;

namespace DataPlatform.Conformance.ResourceScheduler;

internal static class LabelCases
{
    public static IReadOnlyDictionary<string, object?> Run(SchedulerCase item) => item.Mode switch
    {
        "preemption_per_partition" => PerPartition(item.Input),
        "placement" => Placement(item.Input),
        "order_steps" => OrderSteps(item.Input),
        _ => throw new NotSupportedException($"unknown mode '{item.Mode}'"),
    };

    /// <summary>Each label is a cluster of its own.</summary>
    private static Dictionary<string, object?> PerPartition(JsonElement input)
    {
        var preempt = new Dictionary<string, object?>();
        foreach (var partition in input.Items("partitions"))
        {
            var rules = CapacityPreemptionCases.Rules(partition.At("params") is null ? input : partition);
            preempt[partition.Text("label") ?? ""] =
                CapacityPreemption.Plan(partition.Number("total"), CapacityPreemptionCases.Queues(partition, "units"), rules).Preempt;
        }

        return new Dictionary<string, object?> { ["preempt"] = preempt };
    }

    private static Dictionary<string, object?> Placement(JsonElement input)
    {
        var cluster = new Cluster(QueueTree.Define().Queue("root.q", new QueueOptions { Labels = ["*"] }).Build(), new SchedulerOptions());
        var nodes = input.Items("nodes").ToArray();
        foreach (var node in nodes)
        {
            var size = new ResourceVector(1_000_000, (long)(node.Number("free_gb") * 1024));
            cluster.Apply(new SchedulerEvent.NodeRegistered(0, node.Text("id")!, size)
            {
                Properties = new NodeProperties
                {
                    Label = node.Text("label") ?? "",
                    IsShareable = node.At("exclusive") is { ValueKind: JsonValueKind.False }
                },
            });
        }

        var request = input.GetProperty("request");
        cluster.Submit("root.q", request.Whole("containers", 1), new ResourceVector(1, (long)(request.Number("size_gb", 1) * 1024)),
            request.Text("label") ?? "");
        return new Dictionary<string, object?>
        {
            ["placed"] = nodes.ToDictionary(node => node.Text("id")!, node => (double)cluster.RunningOn(node.Text("id")!)),
        };
    }

    private static Dictionary<string, object?> OrderSteps(JsonElement input)
    {
        var total = input.Number("total_gb");
        var used = $"used_gb_{input.Text("partition")}";
        var capacity = $"capacity_percent_{input.Text("partition")}";
        var first = new List<string>();
        foreach (var step in input.Items("steps"))
        {
            var competitors = input.Items("queues")
                .Where(queue => step.At("pending")?.Number(queue.Text("id")!) > 0)
                .Select(queue => new PartitionCompetitor(
                    queue.Text("id")!, queue.Flag("access"), queue.Number(capacity) * total / 100,
                        step.At(used)?.Number(queue.Text("id")!) ?? 0));
            first.Add(competitors.Order(new PartitionOrder()).First().Id);
        }

        return new Dictionary<string, object?> { ["first"] = first };
    }
}
