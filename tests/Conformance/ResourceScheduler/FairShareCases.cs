using System.Text.Json;
using DataPlatform.ResourceScheduler.Policies;

namespace DataPlatform.Conformance.ResourceScheduler;

internal static class FairShareCases
{
    public static IReadOnlyDictionary<string, object?> Run(SchedulerCase item)
    {
        var mode = item.Mode switch
        {
            "active" => FairShareMode.Active,
            "steady" => FairShareMode.Steady,
            "demand_aware" => FairShareMode.DemandAware,
            "guaranteed_then_weighted" => FairShareMode.GuaranteedThenWeighted,
            _ => throw new NotSupportedException($"unknown mode '{item.Mode}'"),
        };
        var resource = item.Input.Text("resource") ?? "units";
        var total = item.Input.Amount("total", resource);
        var queues = item.Input.Items("queues").Select(queue => Queue(queue, resource, mode)).ToArray();
        var shares = FairShareTree.Compute(mode, total, queues, item.Input.Flag("whole_units"));
        var top = queues.Where(queue => queue.Path.Count(c => c == '.') == 1).Sum(queue => shares[queue.Path]);
        return new Dictionary<string, object?> { ["fair_share"] = shares, ["unassigned"] = Math.Max(0, total - top) };
    }

    private static FairShareQueue Queue(JsonElement queue, string resource, FairShareMode mode)
    {
        var guaranteed = mode == FairShareMode.GuaranteedThenWeighted;
        return new FairShareQueue(queue.Text("path")!)
        {
            Weight = guaranteed ? queue.Number("over_quota_weight", queue.Number("weight", 1)) : queue.Number("weight", 1),
            Min = queue.Amount(guaranteed ? "guaranteed" : "min", resource),
            Max = queue.Amount("max", resource, double.PositiveInfinity),
            Demand = queue.Amount("demand", resource),
            IsActive = queue.Flag("active"),
            Priority = queue.Whole("priority"),
        };
    }
}
