using System.Text.Json;
using DataPlatform.ResourceScheduler.Preemption;

namespace DataPlatform.Conformance.ResourceScheduler;

internal static class CapacityPreemptionCases
{
    public static IReadOnlyDictionary<string, object?> Run(SchedulerCase item) => item.Mode switch
    {
        "" or "plan" => Plan(item.Input),
        "victim_order" => VictimOrder(item.Input),
        "victims_in_queue" => VictimsInQueue(item.Input),
        _ => throw new NotSupportedException($"unknown mode '{item.Mode}'"),
    };

    public static CapacityPreemptionRules Rules(JsonElement input)
    {
        var rules = input.At("params") ?? input;
        return new CapacityPreemptionRules
        {
            DeadZone = rules.Number("dead_zone"),
            PerRoundMax = rules.Number("max_per_round", 1),
            NaturalTerminationFactor = rules.Number("natural_termination_factor", 1),
            BalanceBeyondGuarantee = rules.Flag("balance_beyond_guaranteed"),
        };
    }

    public static PreemptionQueue[] Queues(JsonElement input, string resource)
        => [.. input.Items("queues").Select(queue => new PreemptionQueue(
            queue.Text("path")!,
            queue.Amount("guaranteed", resource),
            queue.Amount("max", resource, double.PositiveInfinity),
            queue.Amount("used", resource),
            queue.Amount("pending", resource))
        {
            Priority = queue.Whole("priority"),
            IsExempt = queue.Flag("preemption_disabled"),
            IsGuest = !queue.Flag("access", absent: true),
        })];

    private static Dictionary<string, object?> Plan(JsonElement input)
    {
        var resource = input.Text("resource") ?? "units";
        var plan = CapacityPreemption.Plan(input.Amount("total", resource), Queues(input, resource), Rules(input));
        return new Dictionary<string, object?> { ["preempt"] = plan.Preempt, ["ideal"] = plan.Ideal };
    }

    private static Dictionary<string, object?> VictimOrder(JsonElement input)
    {
        // In the case file a higher rank is less important.
        var victims = input.Items("containers").Select(container => new Victim<string>(
            container.Text("id")!, -container.Whole("importance_rank"), (long)container.Number("start_seq"), container.Number("size", 1),
                container.Flag("is_master")));
        return new Dictionary<string, object?> { ["order"] = Victims.Order(victims).Select(victim => victim.Id).ToArray() };
    }

    private static Dictionary<string, object?> VictimsInQueue(JsonElement input)
    {
        var candidates = new List<Victim<string>>();
        var size = input.Number("container_size", 1);
        foreach (var application in input.Items("apps"))
        {
            for (var i = 0; i < application.Whole("containers"); i++)
            {
                var isMaster = i == 0 && application.Flag("first_is_master");
                candidates.Add(new Victim<string>(application.Text("id")!, application.Whole("priority"), candidates.Count, size,
                    isMaster));
            }
        }

        var chosen = Victims.Select(candidates, input.Number("need"), input.Number("masters_kept"));
        return new Dictionary<string, object?>
        {
            ["preempt_containers"] = input.Items("apps").ToDictionary(
                application => application.Text("id")!, application => (double)chosen.Count(victim => victim.Id == application.Text("id"))),
        };
    }
}
