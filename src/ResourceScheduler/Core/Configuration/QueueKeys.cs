using System.Text.Json;
using System.Text.Json.Nodes;
using DataPlatform.ResourceScheduler.Nodes;
using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler.Configuration;

/// <summary>The keys of a queue in our JSON. One list serves reading, writing, comparing and the published schema.</summary>
internal static class QueueKeys
{
    private static readonly QueueOptions Default = new();

    public static IReadOnlyList<JsonKey<QueueOptions>> All { get; } =
    [
        JsonKeys.Number<QueueOptions>("weight", queue => queue.Weight, (queue, value) => queue with { Weight = value }, 1),
        Amounts("min", queue => queue.Min, (queue, value) => queue with { Min = value }, ResourceVector.Zero),
        Amounts("max", queue => queue.Max, (queue, value) => queue with { Max = value }, ResourceVector.Unbounded),
        JsonKeys.Number<QueueOptions>("capacity", queue => queue.Capacity, (queue, value) => queue with { Capacity = value }, 0),
        JsonKeys.Number<QueueOptions>("maxCapacity", queue => queue.MaxCapacity, (queue, value) => queue with { MaxCapacity = value }, 1),
        JsonKeys.Choice<QueueOptions, QueuePolicy>("policy", queue => queue.Policy, (queue, value)
            => queue with { Policy = value }, Default.Policy),
        JsonKeys.Whole<QueueOptions>("priority", queue => queue.Priority, (queue, value) => queue with { Priority = (int)value }, 0),
        JsonKeys.Choice<QueueOptions, QueueState>("state", queue => queue.State, (queue, value)
            => queue with { State = value }, Default.State),
        Count("runningApplicationsMax", queue => queue.RunningApplicationsMax, (queue, value)
            => queue with { RunningApplicationsMax = value },
            Default.RunningApplicationsMax),
        Count("applicationsMax", queue => queue.ApplicationsMax, (queue, value)
            => queue with { ApplicationsMax = value }, Default.ApplicationsMax),
        JsonKeys.Number<QueueOptions>("masterShareMax", queue => queue.MasterShareMax, (queue, value)
            => queue with { MasterShareMax = value }, 1),
        JsonKeys.Number<QueueOptions>("userShareMin", queue => queue.UserShareMin, (queue, value)
            => queue with { UserShareMin = value }, 1),
        JsonKeys.Number<QueueOptions>("userFactorMax", queue => queue.UserFactorMax, (queue, value) => queue with { UserFactorMax = value },
            double.PositiveInfinity),
        JsonKeys.Map<QueueOptions, double>("userWeights", queue => queue.UserWeights, (queue, value) => queue with { UserWeights = value },
            value => value, (value, json, path) => value.ValueKind == JsonValueKind.Number ? value.GetDouble()
                : throw json.Wrong(path, "a number")),
        JsonKeys.Choice<QueueOptions, PreemptionScope>("preemption", queue => queue.Preemption, (queue, value)
            => queue with { Preemption = value },
            Default.Preemption),
        JsonKeys.Whole<QueueOptions>("preemptionTimeoutMs", queue => queue.PreemptionTimeoutMs ?? -1,
            (queue, value) => queue with { PreemptionTimeoutMs = value < 0 ? null : value }, -1),
        JsonKeys.Number<QueueOptions>("fairShareThreshold", queue => queue.FairShareThreshold ?? -1,
            (queue, value) => queue with { FairShareThreshold = value < 0 ? null : value }, -1),
        JsonKeys.Names<QueueOptions>("labels", queue => queue.Labels, (queue, value) => queue with { Labels = value }),
        JsonKeys.Map<QueueOptions, LabelShare>("labelShares", queue => queue.LabelShares, (queue, value)
            => queue with { LabelShares = value },
            share => new JsonObject { ["capacity"] = share.Capacity, ["maxCapacity"] = share.MaxCapacity }, Share),
        JsonKeys.Text<QueueOptions>("defaultLabel", queue => queue.DefaultLabel, (queue, value) => queue with { DefaultLabel = value }, ""),
        Amounts("containerMax", queue => queue.ContainerMax, (queue, value)
            => queue with { ContainerMax = value }, ResourceVector.Unbounded),
        JsonKeys.Choice<QueueOptions, NodeChoice>("nodeChoice", queue => queue.NodeChoice, (queue, value)
            => queue with { NodeChoice = value },
            Default.NodeChoice),
        JsonKeys.Whole<QueueOptions>("lifetimeMaxMs", queue => queue.LifetimeMaxMs, (queue, value)
            => queue with { LifetimeMaxMs = value }, 0),
        Access("submit", queue => queue.SubmitAccess, (queue, value) => queue with { SubmitAccess = value }),
        Access("administer", queue => queue.AdministerAccess == AccessList.Nobody ? null : queue.AdministerAccess,
            (queue, value) => queue with { AdministerAccess = value }),
        JsonKeys.Flag<QueueOptions>("createsLeaves", queue => queue.CreatesLeaves, (queue, value)
            => queue with { CreatesLeaves = value }, false),
        Count("createdLevelsMax", queue => queue.CreatedLevelsMax, (queue, value) => queue with { CreatedLevelsMax = value }, 1),
        new JsonKey<QueueOptions>("leafTemplate", "object", queue => queue.LeafTemplate is null ? null
            : JsonKeys.Write(All!, queue.LeafTemplate),
            (queue, value, json, path) => queue with { LeafTemplate = JsonKeys.Read(All!, new QueueOptions(), value, json, path, []) }),
    ];

    private static JsonKey<QueueOptions> Count(string name, Func<QueueOptions, int> get, Func<QueueOptions, int, QueueOptions> set,
        int absent)
        => JsonKeys.Whole<QueueOptions>(name, queue => get(queue), (queue, value) => set(queue, (int)Math.Clamp(value, 0, int.MaxValue)),
            absent);

    private static LabelShare Share(JsonElement value, JsonText json, string path)
    {
        double Part(string name, double absent) => value.ValueKind != JsonValueKind.Object ? throw json.Wrong(path, "an object")
            : !value.TryGetProperty(name, out var part) ? absent
            : part.ValueKind == JsonValueKind.Number ? part.GetDouble() : throw json.Wrong($"{path}.{name}", "a number");
        return new LabelShare(Part("capacity", 0), Part("maxCapacity", 1));
    }

    /// <summary>A list of users and <c>@group</c>s, or <c>["*"]</c>.</summary>
    private static JsonKey<QueueOptions> Access(string name, Func<QueueOptions, AccessList?> get,
        Func<QueueOptions, AccessList, QueueOptions> set)
        => new(name, "array",
            queue => get(queue) is not { } list ? null : list.IsEverybody ? new JsonArray("*")
                : new JsonArray([.. list.Users.Concat(list.Groups.Select(group => "@" + group)).Select(text => (JsonNode)text)]),
            (queue, value, json, path) =>
            {
                var names = JsonKeys.Strings(value, json, path);
                return set(queue, names.Contains("*") ? AccessList.Everybody
                    : new AccessList([.. names.Where(text => !text.StartsWith('@'))])
                    {
                        Groups = [.. names.Where(text => text.StartsWith('@')).Select(text => text[1..])],
                    });
            });

    private static JsonKey<QueueOptions> Amounts(
        string name, Func<QueueOptions, ResourceVector> get, Func<QueueOptions, ResourceVector, QueueOptions> set, ResourceVector absent)
        => new(name, "object", queue => get(queue) == absent ? null : Written(get(queue), absent), (queue, value, json, path)
            => set(queue, ReadAmounts(value, json, path, absent)));

    private static JsonObject Written(in ResourceVector amounts, in ResourceVector absent)
    {
        var written = new JsonObject();
        void Add(string name, long amount, long none)
        {
            if (amount != none)
            {
                written[name] = amount;
            }
        }

        Add("cpu", amounts.CpuMillis, absent.CpuMillis);
        Add("memory", amounts.MemoryMiB, absent.MemoryMiB);
        Add("gpu", amounts.GpuMillis, absent.GpuMillis);
        foreach (var (name, amount) in amounts.Extras)
        {
            written[name] = amount;
        }

        return written;
    }

    private static ResourceVector ReadAmounts(JsonElement value, JsonText json, string path, in ResourceVector absent)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw json.Wrong(path, "an object of amounts such as {\"cpu\": 1000, \"memory\": 1024}");
        }

        var amounts = value.EnumerateObject().ToDictionary(member => member.Name, member
            => member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetInt64(out var amount) && amount >= 0 ? amount
                : throw json.Wrong($"{path}.{member.Name}", "a whole number of zero or more"), StringComparer.Ordinal);
        return new ResourceVector(
            amounts.GetValueOrDefault("cpu", absent.CpuMillis),
            amounts.GetValueOrDefault("memory", absent.MemoryMiB),
            amounts.GetValueOrDefault("gpu", absent.GpuMillis),
            amounts.Where(pair => pair.Key is not ("cpu" or "memory" or "gpu")));
    }
}
