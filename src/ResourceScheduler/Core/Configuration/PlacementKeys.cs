using System.Text.Json.Nodes;
using DataPlatform.ResourceScheduler.Preemption;
using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler.Configuration;

/// <summary>The keys of placement rules and of preemption in our JSON.</summary>
internal static class PlacementKeys
{
    public static IReadOnlyList<JsonKey<QueuePlacementRule>> Rule { get; } =
    [
        JsonKeys.Flag<QueuePlacementRule>("create", rule => rule.Creates, (rule, value) => rule with { Creates = value }, true),
        JsonKeys.Text<QueuePlacementRule>("parent", rule => rule.Parent, (rule, value) => rule with { Parent = value }, QueueTree.RootPath),
        JsonKeys.Text<QueuePlacementRule>("queue", rule => rule.Queue, (rule, value) => rule with { Queue = value }, "root.default"),
        JsonKeys.Text<QueuePlacementRule>("user", rule => rule.ForUser, (rule, value) => rule with { ForUser = value }, null),
        JsonKeys.Text<QueuePlacementRule>("group", rule => rule.ForGroup, (rule, value) => rule with { ForGroup = value }, null),
        JsonKeys.Text<QueuePlacementRule>("application", rule => rule.ForApplication, (rule, value)
            => rule with { ForApplication = value }, null),
        new JsonKey<QueuePlacementRule>("nested", "object", rule => rule.Nested is null ? null : WriteRule(rule.Nested),
            (rule, value, json, path) => rule with { Nested = ReadRule(value, json, path, []) }),
    ];

    public static IReadOnlyList<JsonKey<PreemptionOptions>> Preemption { get; } =
    [
        JsonKeys.Choice<PreemptionOptions, PreemptionTrigger>("trigger", item => item.Trigger, (item, value)
            => item with { Trigger = value },
            PreemptionTrigger.FairShare),
        JsonKeys.Whole<PreemptionOptions>("timeoutMs", item => item.TimeoutMs, (item, value) => item with { TimeoutMs = value }, 15_000),
        JsonKeys.Whole<PreemptionOptions>("intervalMs", item => item.IntervalMs, (item, value) => item with { IntervalMs = value }, 3_000),
        JsonKeys.Whole<PreemptionOptions>("graceMs", item => item.GraceMs, (item, value) => item with { GraceMs = value }, 30_000),
        JsonKeys.Flag<PreemptionOptions>("observesOnly", item => item.ObservesOnly, (item, value)
            => item with { ObservesOnly = value }, false),
        JsonKeys.Whole<PreemptionOptions>("runTimeMinMs", item => item.RunTimeMinMs, (item, value)
            => item with { RunTimeMinMs = value }, 0),
        JsonKeys.Whole<PreemptionOptions>("evictionMemoryMs", item => item.EvictionMemoryMs,
            (item, value) => item with { EvictionMemoryMs = value }, 600_000),
        JsonKeys.Number<PreemptionOptions>("fairShareThreshold", item => item.Fair.FairShareThreshold,
            (item, value) => item with { Fair = item.Fair with { FairShareThreshold = value } }, 0.9),
        JsonKeys.Number<PreemptionOptions>("utilisationThreshold", item => item.Fair.UtilisationThreshold,
            (item, value) => item with { Fair = item.Fair with { UtilisationThreshold = value } }, 0.8),
        JsonKeys.Whole<PreemptionOptions>("coolDownMs", item => (long)item.Fair.CoolDown.TotalMilliseconds,
            (item, value) => item with { Fair = item.Fair with { CoolDown = TimeSpan.FromMilliseconds(value) } }, 30_000),
        JsonKeys.Number<PreemptionOptions>("deadZone", item => item.Capacity.DeadZone,
            (item, value) => item with { Capacity = item.Capacity with { DeadZone = value } }, 0.1),
        JsonKeys.Number<PreemptionOptions>("perRoundMax", item => item.Capacity.PerRoundMax,
            (item, value) => item with { Capacity = item.Capacity with { PerRoundMax = value } }, 0.1),
        JsonKeys.Number<PreemptionOptions>("naturalTerminationFactor", item => item.Capacity.NaturalTerminationFactor,
            (item, value) => item with { Capacity = item.Capacity with { NaturalTerminationFactor = value } }, 0.2),
        JsonKeys.Flag<PreemptionOptions>("balanceBeyondGuarantee", item => item.Capacity.BalanceBeyondGuarantee,
            (item, value) => item with { Capacity = item.Capacity with { BalanceBeyondGuarantee = value } }, false),
    ];

    public static JsonObject WriteRule(QueuePlacementRule rule)
    {
        var written = new JsonObject { ["rule"] = System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(rule.Kind.ToString()) };
        foreach (var (name, value) in JsonKeys.Write(Rule, rule))
        {
            written[name] = value?.DeepClone();
        }

        return written;
    }

    public static QueuePlacementRule ReadRule(System.Text.Json.JsonElement value, JsonText json, string path, List<ConfigurationNote> notes)
    {
        if (value.ValueKind != System.Text.Json.JsonValueKind.Object || !value.TryGetProperty("rule", out var kind)
            || !Enum.TryParse<QueuePlacementKind>(JsonKeys.String(kind, json, $"{path}.rule"), ignoreCase: true, out var known))
        {
            throw json.Wrong(path,
                "a placement rule with one of the rules specified, user, primaryGroup, secondaryGroup, nestedUser, default, mapping, reject");
        }

        return JsonKeys.Read(Rule, new QueuePlacementRule(known), value, json, path, notes, "rule");
    }
}
