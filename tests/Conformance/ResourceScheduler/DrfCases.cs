using System.Text.Json;
using DataPlatform.ResourceScheduler.Policies;

namespace DataPlatform.Conformance.ResourceScheduler;

internal static class DrfCases
{
    public static IReadOnlyDictionary<string, object?> Run(SchedulerCase item)
    {
        var resources = item.Input.GetProperty("total").EnumerateObject().Select(member => member.Name).ToArray();
        var total = Vector(item.Input, "total", resources);
        return item.Mode switch
        {
            "discrete_progressive" => Result(DominantResourceFairness.Discrete(total, Users(item.Input, "users", resources)), "tasks"),
            "fluid" => Result(DominantResourceFairness.Fluid(total, Users(item.Input, "users", resources)), "tasks"),
            "hierarchical" => Result(HierarchicalDrf.Allocate(total, Users(item.Input, "leaves", resources), Weights(item.Input)), "tasks"),
            "hierarchical_sequence"
                => Result(HierarchicalDrf.Allocate(total, [.. Nested(item.Input.GetProperty("queues"), "root", resources)], rescale: false),
                    "final_tasks"),
            "order" => Order(item.Input, total, resources),
            _ => throw new NotSupportedException($"unknown mode '{item.Mode}'"),
        };
    }

    private static Dictionary<string, object?> Result(DrfAllocation allocation, string tasks)
    {
        // In nested input users are known by their last name.
        string Name(string id) => tasks == "final_tasks" ? id[(id.LastIndexOf('.') + 1)..] : id;
        return new Dictionary<string, object?>
        {
            [tasks] = allocation.Tasks.ToDictionary(pair => Name(pair.Key), pair => pair.Value),
            ["dominant_share"] = allocation.DominantShares.ToDictionary(pair => Name(pair.Key), pair => pair.Value),
            ["sequence"] = allocation.Sequence.Select(Name).ToArray(),
        };
    }

    private static DrfUser[] Users(JsonElement input, string name, string[] resources)
        => [.. input.Items(name).Select(user => new DrfUser((user.Text("id") ?? user.Text("path"))!, Vector(user, "demand", resources))
        {
            Weight = user.Number("weight", 1),
            TasksMax = user.Number("max_tasks", double.PositiveInfinity),
        })];

    private static IEnumerable<DrfUser> Nested(JsonElement level, string path, string[] resources)
        => level.EnumerateObject().SelectMany(member => member.Value.At("demand") is null
            ? Nested(member.Value, $"{path}.{member.Name}", resources)
            : [new DrfUser($"{path}.{member.Name}",
                Vector(member.Value, "demand", resources)) { TasksMax = member.Value.Number("tasks", double.PositiveInfinity) }]);

    private static Dictionary<string, double>? Weights(JsonElement input)
        => input.At("weights") is { ValueKind: JsonValueKind.Object } weights
            ? weights.EnumerateObject().ToDictionary(member => member.Name, member => member.Value.GetDouble())
            : null;

    private static Dictionary<string, object?> Order(JsonElement input, double[] total, string[] resources)
    {
        var competitors = input.Items("schedulables").Select(item => new DrfCompetitor(
            item.Text("id")!, Vector(item, "used", resources), item.At("min") is null ? [] : Vector(item, "min", resources),
                item.Number("weight", 1))).ToArray();
        var order = competitors.Order(new DrfOrder(total)).Select(item => item.Id).ToArray();
        return new Dictionary<string, object?> { ["first"] = order[0], ["order"] = order };
    }

    private static double[] Vector(JsonElement element, string name, string[] resources)
        => [.. resources.Select(resource => element.GetProperty(name).Number(resource))];
}
